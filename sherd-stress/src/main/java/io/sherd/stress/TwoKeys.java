package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two threads each put one key and then read the other's: as each put is seen before it returns, one of them sees the
 * other's. Without a full fence at the end of a write both could miss.
 */
@JCStressTest
@Outcome(
        id = {"0, 1", "1, 0", "1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "one was first")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "both puts were late")
@State
public class TwoKeys {
    private final ShardedMap<Integer, Integer> map =
            ShardedMap.onHeap().shards(64).build();

    /** Fills two segments. */
    public TwoKeys() {
        map.put(1, 0);
        map.put(2, 0);
    }

    /** Puts the first key. */
    @Actor
    public void first(II_Result result) {
        map.put(1, 1);
        result.r1 = map.getOrDefault(2, -1);
    }

    /** Puts the second key. */
    @Actor
    public void second(II_Result result) {
        map.put(2, 1);
        result.r2 = map.getOrDefault(1, -1);
    }
}
