package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Of two insertions of one key one finds it absent, and there is one entry afterwards. */
@JCStressTest
@Outcome(
        id = {"0, 1, 1", "2, 0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "the second saw the first")
@Outcome(expect = Expect.FORBIDDEN, desc = "both inserted")
@State
public class InsertRace {
    private final ShardedMap<Integer, Integer> map = Maps.small();

    private static int orZero(Integer value) {
        return value == null ? 0 : value;
    }

    /** Puts if absent. */
    @Actor
    public void first(III_Result result) {
        result.r1 = orZero(map.putIfAbsent(3, 1));
    }

    /** Puts if absent. */
    @Actor
    public void second(III_Result result) {
        result.r2 = orZero(map.putIfAbsent(3, 2));
    }

    /** Counts. */
    @Arbiter
    public void end(III_Result result) {
        int entries = 0;
        for (int ignored : map.values()) {
            entries++;
        }
        result.r3 = Math.max(entries, map.size());
    }
}
