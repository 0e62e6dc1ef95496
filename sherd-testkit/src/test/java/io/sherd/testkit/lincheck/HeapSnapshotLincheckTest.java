package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import io.sherd.SnapshotMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots are linearizable with all that writes. */
@Tag("lincheck")
final class HeapSnapshotLincheckTest {

    /** Both keys in one small table. */
    public static final class Small extends SnapshotOperations {
        public Small() {
            super(ShardedMap.onHeap().shards(1).maxShards(1).build());
        }
    }

    /** A table so large that values, too, are kept as numbers. */
    public static final class NumberValues extends SnapshotOperations {
        public NumberValues() {
            super(ShardedMap.onHeap()
                    .shards(1)
                    .maxShards(1)
                    .initialCapacity(1_000)
                    .build());
        }
    }

    /** The keys in two shards. */
    public static final class Shards extends SnapshotOperations {
        public Shards() {
            super(ShardedMap.onHeap().shards(2).hasher((Integer key) -> key).build());
        }
    }

    public static final class Cached extends SnapshotOperations {
        public Cached() {
            super(ShardedMap.onHeap()
                    .shards(2)
                    .snapshotMode(SnapshotMode.CACHED)
                    .build());
        }
    }

    @Tag("model-checking")
    @ParameterizedTest
    @ValueSource(classes = {Small.class, NumberValues.class, Shards.class, Cached.class})
    void everyInterleavingIsLinearizable(Class<? extends LockOperations> operations) {
        LincheckRuns.modelCheckLocks(operations);
    }

    @ParameterizedTest
    @ValueSource(classes = {Small.class, NumberValues.class, Shards.class, Cached.class})
    void racingThreadsAreLinearizable(Class<? extends LockOperations> operations) {
        LincheckRuns.stressLocks(operations);
    }
}
