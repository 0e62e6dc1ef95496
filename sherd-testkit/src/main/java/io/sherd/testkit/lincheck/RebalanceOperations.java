package io.sherd.testkit.lincheck;

import io.sherd.RebalanceOptions;
import io.sherd.ShardedMap;
import java.time.Duration;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** Rebalances, of which nobody must notice anything, beside {@link SnapshotOperations}. */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public abstract class RebalanceOperations extends SnapshotOperations {
    private static final int FEW = 1;
    private static final int MANY = 16;

    /**
     * Takes the map to check.
     *
     * @param map a map without the keys 1 and 2; it may have others, which nobody touches
     */
    protected RebalanceOperations(ShardedMap<Integer, Integer> map) {
        super(map);
    }

    /**
     * Rebalances, unless another one is under way.
     *
     * @param value says to which number of shards, and whether steps are prepared without the locks
     */
    @Operation
    public void rebalance(@Param(name = "value") int value) {
        Duration pause = value < 3 ? Duration.ZERO : Duration.ofDays(1);
        try {
            map.shards()
                    .startRebalance(
                            value % 2 == 0 ? FEW : MANY,
                            RebalanceOptions.defaults().maxPause(pause))
                    .advance(MANY);
        } catch (IllegalStateException another) {
            // as it is said
        }
    }
}
