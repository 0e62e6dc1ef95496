package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The size counts writes in flight or not, is never negative, and is exact at the end. */
@JCStressTest
@Outcome(
        id = {"0, 1", "1, 1", "2, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "between nothing and all that was put")
@Outcome(expect = Expect.FORBIDDEN, desc = "a size that the map never had")
@State
public class SizeBounds {
    private final ShardedMap<Integer, Integer> map = Maps.small();

    /** Puts, puts, removes. */
    @Actor
    public void writer() {
        map.put(1, 1);
        map.remove(1);
        map.put(2, 2);
        map.put(3, 3);
        map.remove(3);
    }

    /** Asks the size. */
    @Actor
    public void reader(II_Result result) {
        result.r1 = map.size();
    }

    /** Asks it again when nothing is in flight. */
    @Arbiter
    public void end(II_Result result) {
        result.r2 = map.size();
    }
}
