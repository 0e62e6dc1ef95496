package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Who gets a value sees everything written to it before it was put, though its fields are plain. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "not there yet")
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "there and whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "a value that is not fully built")
@State
public class ValuePublication {
    private final ShardedMap<Integer, Pair> map = Maps.small();

    static final class Pair {
        int first;
        int second;
    }

    /** Writes. */
    @Actor
    public void writer() {
        Pair pair = new Pair();
        pair.first = 1;
        pair.second = 2;
        map.put(7, pair);
    }

    /** Reads. */
    @Actor
    public void reader(II_Result result) {
        Pair pair = map.get(7);
        if (pair != null) {
            result.r1 = pair.first;
            result.r2 = pair.second;
        }
    }
}
