package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two reads of one key by one thread never go back in time. */
@JCStressTest
@Outcome(
        id = {"1, 1", "1, 2", "2, 2", "1, 3", "2, 3", "3, 3"},
        expect = Expect.ACCEPTABLE,
        desc = "in the order written")
@Outcome(expect = Expect.FORBIDDEN, desc = "back in time, or absent")
@State
public class ReplacedValue {
    private final ShardedMap<Integer, Integer> map = Maps.small();

    /** The key is there from the start. */
    public ReplacedValue() {
        map.put(3, 1);
    }

    /** Overwrites. */
    @Actor
    public void writer() {
        map.put(3, 2);
        map.merge(3, 1, Integer::sum);
    }

    /** Reads twice. */
    @Actor
    public void reader(II_Result result) {
        result.r1 = map.getOrDefault(3, 0);
        result.r2 = map.getOrDefault(3, 0);
    }
}
