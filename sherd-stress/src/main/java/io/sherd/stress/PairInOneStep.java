package io.sherd.stress;

import io.sherd.LockedEntries;
import io.sherd.ShardedMap;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Two keys set in one {@code lockAll}: whoever has seen one of them new never finds the other old. */
@JCStressTest
@Outcome(
        id = {"1, 0, \\d, \\d", "\\d, \\d, 1, 0"},
        expect = Expect.FORBIDDEN,
        desc = "one key new, and then the other old")
@Outcome(expect = Expect.ACCEPTABLE, desc = "never one new and then the other old")
@State
public class PairInOneStep {
    private final ShardedMap<Integer, Integer> map =
            ShardedMap.onHeap().shards(64).build();

    /** Fills two segments: one key is there, the other is not. */
    public PairInOneStep() {
        map.put(1, 0);
        map.put(3, 0);
        map.put(4, 0);
    }

    /** Sets one key and adds the other. */
    @Actor
    public void writer() {
        LockedEntries<Integer, Integer> entries = map.lockAll(List.of(1, 2));
        entries.get(1).setValue(1);
        entries.get(2).setValue(1);
        entries.close();
    }

    /** Reads one and then the other. */
    @Actor
    public void reader(IIII_Result result) {
        result.r1 = map.getOrDefault(1, 0);
        result.r2 = map.getOrDefault(2, 0);
    }

    /** The other way round. */
    @Actor
    public void otherWay(IIII_Result result) {
        result.r3 = map.getOrDefault(2, 0);
        result.r4 = map.getOrDefault(1, 0);
    }
}
