package io.sherd.stress;

import io.sherd.ShardedMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * What functions gave is seen in its order, and not lost, when the table, of numbers, is replaced while they run.
 */
@JCStressTest
@Outcome(id = "0, 4", expect = Expect.ACCEPTABLE, desc = "only newer values, and the last in the end")
@Outcome(expect = Expect.FORBIDDEN, desc = "a value came and went, or was lost")
@State
public class ComputedValueWhileGrowing {
    private final ShardedMap<Integer, Integer> map = Maps.growing();

    /** Computes; its holds are overtaken now and then. */
    @Actor
    public void owner() {
        Versions.write(map, Versions.KEY);
    }

    /** Inserts keys, the first of which makes the table give way to another, and reads. */
    @Actor
    public void other(II_Result result) {
        map.put(1, 1);
        map.put(2, 2);
        result.r1 = Versions.stepsBack(map, Versions.KEY);
    }

    /** Looks at the end. */
    @Arbiter
    public void end(II_Result result) {
        result.r2 = map.getOrDefault(Versions.KEY, 0) - Versions.KEY;
    }
}
