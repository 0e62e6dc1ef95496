package io.sherd.stress;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A key held and a function of the same key exclude each other: a plain counter beside the entry loses nothing. */
@JCStressTest
@Outcome(id = "3, 3", expect = Expect.ACCEPTABLE, desc = "all counted")
@Outcome(expect = Expect.FORBIDDEN, desc = "one overwrote another")
@State
public class LockIsExclusive {
    private final ShardedMap<Integer, Integer> map = Maps.small();
    private int plain;

    private int increment(int old) {
        plain++;
        return old + 1;
    }

    private void lockAndIncrement() {
        LockedEntry<Integer, Integer> entry = map.lock(3);
        Integer old = entry.value();
        entry.setValue(increment(old == null ? 0 : old));
        entry.close();
    }

    /** Increments, the key held. */
    @Actor
    public void first() {
        lockAndIncrement();
    }

    /** Increments, the key held. */
    @Actor
    public void second() {
        lockAndIncrement();
    }

    /** Increments by a function. */
    @Actor
    public void third() {
        map.compute(3, (key, old) -> increment(old == null ? 0 : old));
    }

    /** Looks at the end. */
    @Arbiter
    public void end(II_Result result) {
        result.r1 = map.getOrDefault(3, 0);
        result.r2 = plain;
    }
}
