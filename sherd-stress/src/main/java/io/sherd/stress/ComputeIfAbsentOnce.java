package io.sherd.stress;

import io.sherd.ShardedMap;
import java.util.Objects;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Of two callers that miss the same key one computes, and both get what it computed. */
@JCStressTest
@Outcome(
        id = {"1, 1, 1", "2, 2, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "one function ran, both have its value")
@Outcome(expect = Expect.FORBIDDEN, desc = "both ran, or the values differ")
@State
public class ComputeIfAbsentOnce {
    private final ShardedMap<Integer, Integer> map = Maps.small();
    private int calls;

    private int call(int value) {
        calls++;
        return value;
    }

    /** Asks. */
    @Actor
    public void first(III_Result result) {
        result.r1 = Objects.requireNonNull(map.computeIfAbsent(3, key -> call(1)));
    }

    /** Asks. */
    @Actor
    public void second(III_Result result) {
        result.r2 = Objects.requireNonNull(map.computeIfAbsent(3, key -> call(2)));
    }

    /** Looks at the end. */
    @Arbiter
    public void end(III_Result result) {
        result.r3 = calls;
    }
}
