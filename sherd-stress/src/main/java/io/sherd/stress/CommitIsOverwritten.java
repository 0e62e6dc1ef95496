package io.sherd.stress;

import io.sherd.LockedEntries;
import io.sherd.ShardedMap;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A key that was set in a {@code lockAll} is written again: whoever wrote later does not find the earlier value. */
@JCStressTest
@Outcome(
        id = {"0, 2", "1, 2"},
        expect = Expect.ACCEPTABLE,
        desc = "its own value stays, whichever came first")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the pair came between the put and the get")
@Outcome(expect = Expect.FORBIDDEN, desc = "the value of the pair came back")
@State
public class CommitIsOverwritten {
    private final ShardedMap<Integer, Integer> map = Maps.small();

    /** Both keys are there. */
    public CommitIsOverwritten() {
        map.put(1, 0);
        map.put(2, 0);
    }

    /** Sets both. */
    @Actor
    public void pair() {
        LockedEntries<Integer, Integer> entries = map.lockAll(List.of(1, 2));
        entries.get(1).setValue(1);
        entries.get(2).setValue(1);
        entries.close();
    }

    /** Writes one of them again, and reads it. */
    @Actor
    public void writer(II_Result result) {
        Integer old = map.put(1, 2);
        result.r1 = old == null ? -1 : old;
        result.r2 = map.getOrDefault(1, -1);
    }
}
