package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The heap map is linearizable per key, while its tables grow, its shards split, and its keys collide. */
final class HeapMapLincheckTest {

    /** One small table, in which removed slots are used again. */
    public static final class Small extends MapOperations {
        public Small() {
            super(ShardedMap.onHeap().shards(1).maxShards(1).build());
        }
    }

    /** The first insertion replaces the table by a larger one. */
    public static final class Growing extends MapOperations {
        private static final int ENTRIES =
                Filled.beforeChange(Growing::empty, map -> map.shards().bytes());

        public Growing() {
            super(Filled.with(ENTRIES, empty()));
        }

        private static ShardedMap<Integer, Integer> empty() {
            return ShardedMap.onHeap().shards(1).maxShards(1).build();
        }
    }

    /** The first insertion splits the only shard. */
    public static final class Splitting extends MapOperations {
        private static final int ENTRIES =
                Filled.beforeChange(Splitting::empty, map -> map.shards().count());

        public Splitting() {
            super(Filled.with(ENTRIES, empty()));
        }

        private static ShardedMap<Integer, Integer> empty() {
            return ShardedMap.onHeap().build();
        }
    }

    /** All keys have one hash, and there are so many that some stand outside the table. */
    public static final class Colliding extends MapOperations {
        public Colliding() {
            super(Filled.with(7, ShardedMap.onHeap().shards(1).hasher(key -> 7).build()));
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {Small.class, Growing.class, Splitting.class, Colliding.class})
    void everyInterleavingIsLinearizable(Class<? extends MapOperations> operations) {
        LincheckRuns.modelCheck(operations);
    }

    @ParameterizedTest
    @ValueSource(classes = {Small.class, Growing.class, Splitting.class, Colliding.class})
    void racingThreadsAreLinearizable(Class<? extends MapOperations> operations) {
        LincheckRuns.stress(operations);
    }
}
