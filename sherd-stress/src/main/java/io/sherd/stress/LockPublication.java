package io.sherd.stress;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Who reads what an entry was closed with sees what was written before, and sees nothing of the values in between. */
@JCStressTest
@Outcome(
        id = {"0, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "not closed yet; the plain field is anything")
@Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "closed, and the plain field is seen")
@Outcome(expect = Expect.FORBIDDEN, desc = "a value in between, or closed and the write before is not seen")
@State
public class LockPublication {
    private final ShardedMap<Integer, Integer> map = Maps.small();
    private int plain;

    /** An entry that is there is replaced. */
    public LockPublication() {
        map.put(3, 0);
    }

    /** Sets two values, and writes beside them. */
    @Actor
    public void holder() {
        LockedEntry<Integer, Integer> entry = map.lock(3);
        entry.setValue(1);
        plain = 1;
        entry.setValue(2);
        entry.close();
    }

    /** Reads the entry, then the field. */
    @Actor
    public void reader(II_Result result) {
        result.r1 = map.getOrDefault(3, -1);
        result.r2 = plain;
    }
}
