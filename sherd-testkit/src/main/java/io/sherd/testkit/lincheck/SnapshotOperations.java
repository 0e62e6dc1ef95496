package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import io.sherd.Snapshot;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/** Snapshots of two keys beside {@link PairOperations} and a transaction. */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public abstract class SnapshotOperations extends PairOperations {
    /**
     * Takes the map to check.
     *
     * @param map a map without the keys 1 and 2; it may have others, which nobody touches
     */
    protected SnapshotOperations(ShardedMap<Integer, Integer> map) {
        super(map);
    }

    /**
     * Takes a snapshot and reads both keys in it.
     *
     * @return their values
     */
    @Operation
    public String snapshot() {
        try (Snapshot<Integer, Integer> snapshot = map.snapshot()) {
            return snapshot.get(before + 1) + " " + snapshot.get(before + 2);
        }
    }

    /**
     * Gives both keys one value in a transaction.
     *
     * @param value the value
     * @return the value of the first before
     */
    @Operation
    public @Nullable Integer transactBoth(@Param(name = "value") int value) {
        @Nullable Integer[] old = new @Nullable Integer[1];
        map.transact(transaction -> {
            old[0] = transaction.put(before + 1, value);
            transaction.put(before + 2, value);
            return value;
        });
        return old[0];
    }
}
