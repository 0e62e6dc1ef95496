package io.sherd.stress;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** What one holder of a key wrote anywhere is seen by the next, though neither writes the entry. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the reader held the key first")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the writer held the key first")
@Outcome(expect = Expect.FORBIDDEN, desc = "part of what the other holder wrote is seen")
@State
public class LockHappensBefore {
    private final ShardedMap<Integer, Integer> map = Maps.small();
    private int one;
    private int other;

    /** Writes plain fields, the key held. */
    @Actor
    public void writer() {
        LockedEntry<Integer, Integer> entry = map.lock(3);
        one = 1;
        other = 1;
        entry.close();
    }

    /** Reads them, the key held. */
    @Actor
    public void reader(II_Result result) {
        LockedEntry<Integer, Integer> entry = map.lock(3);
        result.r1 = other;
        result.r2 = one;
        entry.close();
    }
}
