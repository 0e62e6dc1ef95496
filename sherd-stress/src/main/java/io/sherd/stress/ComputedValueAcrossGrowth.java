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
 * A value that a function gave does not come and go: a reader that sees it in a table that was replaced does not see
 * an older one afterwards. The reader itself is the one who inserts, between finding the key and reading the value.
 */
@JCStressTest
@Outcome(id = "0, 4", expect = Expect.ACCEPTABLE, desc = "only newer values, and the last in the end")
@Outcome(expect = Expect.FORBIDDEN, desc = "a value came and went, or was lost")
@State
public class ComputedValueAcrossGrowth {
    private static final ActingKey KEY = new ActingKey(Versions.KEY);
    private static final ActingKey NEW = new ActingKey(1);

    private final ShardedMap<ActingKey, Integer> map = Maps.growingOfObjects();

    /** Computes; its holds are overtaken now and then. */
    @Actor
    public void owner() {
        Versions.write(map, KEY);
    }

    /** Reads in the old table, which it makes give way to another meanwhile, and then in the new one. */
    @Actor
    public void reader(II_Result result) {
        Integer inOld = map.get(new ActingKey(Versions.KEY, () -> map.put(NEW, 1)));
        Integer inNew = map.get(KEY);
        int back = inOld == null || inNew == null || inNew < inOld ? 1 : 0;
        result.r1 = back + Versions.stepsBack(map, KEY);
    }

    /** Looks at the end. */
    @Arbiter
    public void end(II_Result result) {
        result.r2 = map.getOrDefault(KEY, 0) - Versions.KEY;
    }
}
