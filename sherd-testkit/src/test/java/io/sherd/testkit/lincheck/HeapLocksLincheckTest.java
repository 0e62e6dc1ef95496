package io.sherd.testkit.lincheck;

import io.sherd.HeapMapBuilder;
import io.sherd.ShardedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of the heap map held across statements: linearizable, also two keys that change together. */
@Tag("lincheck")
final class HeapLocksLincheckTest {

    /** One small table of numbers. */
    public static final class Small extends PairOperations {
        public Small() {
            super(one().build());
        }
    }

    /** One small table of objects: the map does not know that the hasher is the usual one. */
    public static final class Objects extends PairOperations {
        public Objects() {
            super(one().hasher((Integer key) -> key).build());
        }
    }

    /** A table so large that values, too, are kept as numbers. */
    public static final class NumberValues extends PairOperations {
        public NumberValues() {
            super(one().initialCapacity(1_000).build());
        }
    }

    /** All keys have one hash, and there are so many that some stand outside the table. */
    public static final class Colliding extends PairOperations {
        public Colliding() {
            super(Filled.with(7, ShardedMap.onHeap().shards(1).hasher(key -> 7).build()));
        }
    }

    /** The first insertion replaces the table by a larger one. */
    public static final class Growing extends PairOperations {
        private static final int ENTRIES =
                Filled.beforeChange(() -> one().build(), map -> map.shards().bytes());

        public Growing() {
            super(Filled.with(ENTRIES, one().build()));
        }
    }

    /** The first insertion splits the only shard. */
    public static final class Splitting extends PairOperations {
        private static final int ENTRIES = Filled.beforeChange(
                () -> ShardedMap.onHeap().build(), map -> map.shards().count());

        public Splitting() {
            super(Filled.with(ENTRIES, ShardedMap.onHeap().build()));
        }
    }

    private static HeapMapBuilder<Object, Object> one() {
        return ShardedMap.onHeap().shards(1).maxShards(1);
    }

    @Tag("model-checking")
    @ParameterizedTest
    @ValueSource(classes = {Small.class, Objects.class, NumberValues.class, Growing.class, Splitting.class})
    void everyInterleavingIsLinearizable(Class<? extends LockOperations> operations) {
        LincheckRuns.modelCheckLocks(operations);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {Small.class, Objects.class, NumberValues.class, Colliding.class, Growing.class, Splitting.class})
    void racingThreadsAreLinearizable(Class<? extends LockOperations> operations) {
        LincheckRuns.stressLocks(operations);
    }
}
