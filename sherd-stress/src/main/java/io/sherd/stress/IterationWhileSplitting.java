package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An iteration sees each key that stays exactly once while a shard splits. */
@JCStressTest
@Outcome(
        id = {"0, 0", "0, 1", "0, 2"},
        expect = Expect.ACCEPTABLE,
        desc = "each once, the new ones seen or not")
@Outcome(expect = Expect.FORBIDDEN, desc = "a key that is there was missed or seen twice")
@State
public class IterationWhileSplitting {
    private final ShardedMap<Integer, Integer> map = Maps.splitting();

    /** Inserts keys for which there is no room. */
    @Actor
    public void writer() {
        map.put(1, 1);
        map.put(2, 2);
    }

    /** Iterates. */
    @Actor
    public void reader(II_Result result) {
        int[] seen = new int[Maps.fillersOfSplitting()];
        int others = 0;
        for (int key : map.keySet()) {
            if (key < Maps.FILLER) {
                others++;
            } else {
                seen[key - Maps.FILLER]++;
            }
        }
        int wrong = 0;
        for (int times : seen) {
            wrong += times == 1 ? 0 : 1;
        }
        result.r1 = wrong;
        result.r2 = others;
    }
}
