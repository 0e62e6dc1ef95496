package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** What a function wrote anywhere is seen by who reads what it returned. */
@JCStressTest
@Outcome(
        id = {"0, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "not computed yet; the plain field is anything")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "computed, and the plain field is seen")
@Outcome(expect = Expect.FORBIDDEN, desc = "computed, but the function's write is not seen")
@State
public class ComputeHappensBefore {
    private final ShardedMap<Integer, Integer> map = Maps.small();
    private int plain;

    /** Computes, and writes beside it. */
    @Actor
    public void writer() {
        map.compute(3, (key, old) -> {
            plain = 1;
            return 1;
        });
    }

    /** Reads the entry, then the field. */
    @Actor
    public void reader(II_Result result) {
        result.r1 = map.getOrDefault(3, 0);
        result.r2 = plain;
    }
}
