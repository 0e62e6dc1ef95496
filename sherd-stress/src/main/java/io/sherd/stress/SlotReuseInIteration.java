package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** An iteration never pairs a key with the value of another that had, or gets, its slot. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "each key its own value")
@Outcome(expect = Expect.FORBIDDEN, desc = "another key's value")
@State
public class SlotReuseInIteration {
    private final ShardedMap<Integer, Integer> map = Maps.colliding();

    /** The first key is there from the start. */
    public SlotReuseInIteration() {
        map.put(1, 1);
    }

    /** Puts one key in the other's place, and back. */
    @Actor
    public void writer() {
        map.remove(1);
        map.put(2, 2);
        map.remove(2);
        map.put(1, 1);
    }

    /** Iterates. */
    @Actor
    public void reader(I_Result result) {
        int[] wrong = {0};
        map.forEach((key, value) -> wrong[0] += key.equals(value) ? 0 : 1);
        result.r1 = wrong[0];
    }
}
