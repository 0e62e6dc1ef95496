package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A key that is there is found at every moment of its table's replacement. */
@JCStressTest
@Outcome(
        id = {"0, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "nothing missed, the new key seen or not")
@Outcome(expect = Expect.FORBIDDEN, desc = "a key that is there was missed, or has a wrong value")
@State
public class ReadWhileGrowing {
    private final ShardedMap<Integer, Integer> map = Maps.growing();

    /** Inserts the key for which there is no room. */
    @Actor
    public void writer() {
        map.put(1, 1);
    }

    /** Reads all that is there, then what comes. */
    @Actor
    public void reader(II_Result result) {
        int missed = 0;
        for (int i = 0; i < Maps.fillersOfGrowing(); i++) {
            Integer value = map.get(Maps.FILLER + i);
            if (value == null || value != Maps.FILLER + i) {
                missed++;
            }
        }
        result.r1 = missed;
        result.r2 = map.getOrDefault(1, 0);
    }
}
