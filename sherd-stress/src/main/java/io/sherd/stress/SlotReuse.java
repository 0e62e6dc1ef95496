package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A slot that was freed and used again never gives one key's value for the other. The keys have one hash, so the second
 * takes the slot of the first; the writer uses the very objects that are in the map and is fast, the reader compares.
 */
@JCStressTest
@Outcome(id = "[01], [02]", expect = Expect.ACCEPTABLE, desc = "each key its own value, or none")
@Outcome(expect = Expect.FORBIDDEN, desc = "another key's value")
@State
public class SlotReuse {
    private static final SlowKey FIRST = new SlowKey(1);
    private static final SlowKey SECOND = new SlowKey(2);
    private static final SlowKey EQUAL_TO_FIRST = new SlowKey(1);
    private static final SlowKey EQUAL_TO_SECOND = new SlowKey(2);

    private final ShardedMap<SlowKey, Integer> map = Maps.small();

    /** The first key is there from the start. */
    public SlotReuse() {
        map.put(FIRST, 1);
    }

    /** Puts one key in the other's place, and back. */
    @Actor
    public void writer() {
        map.remove(FIRST);
        map.put(SECOND, 2);
        map.remove(SECOND);
        map.put(FIRST, 1);
    }

    /** Reads both. */
    @Actor
    public void reader(II_Result result) {
        result.r1 = map.getOrDefault(EQUAL_TO_FIRST, 0);
        result.r2 = map.getOrDefault(EQUAL_TO_SECOND, 0);
    }
}
