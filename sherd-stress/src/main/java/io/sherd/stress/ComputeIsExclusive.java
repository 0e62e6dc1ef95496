package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Functions of one key exclude each other: a plain counter beside the entry loses nothing. */
@JCStressTest
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "both counted")
@Outcome(expect = Expect.FORBIDDEN, desc = "one overwrote the other")
@State
public class ComputeIsExclusive {
    private final ShardedMap<Integer, Integer> map = Maps.small();
    private int plain;

    private int increment(int old) {
        plain++;
        return old + 1;
    }

    /** Increments. */
    @Actor
    public void first() {
        map.compute(3, (key, old) -> increment(old == null ? 0 : old));
    }

    /** Increments. */
    @Actor
    public void second() {
        map.compute(3, (key, old) -> increment(old == null ? 0 : old));
    }

    /** Looks at the end. */
    @Arbiter
    public void end(II_Result result) {
        result.r1 = map.getOrDefault(3, 0);
        result.r2 = plain;
    }
}
