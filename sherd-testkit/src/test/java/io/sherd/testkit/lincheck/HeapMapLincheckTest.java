package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The heap map is linearizable per key, while its tables grow, its shards split, its keys collide, and the first key of
 * another class comes. Integers are kept as numbers, as values in large tables only; a {@code hasher} makes the map keep them as objects.
 */
@Tag("lincheck")
final class HeapMapLincheckTest {

    /** A map of one shard that is never split. */
    private static ShardedMap<Integer, Integer> oneTable() {
        return ShardedMap.onHeap().shards(1).maxShards(1).build();
    }

    private static ShardedMap<Integer, Integer> oneTableOfObjects() {
        return ShardedMap.onHeap()
                .shards(1)
                .maxShards(1)
                .hasher(Object::hashCode)
                .build();
    }

    private static ShardedMap<Integer, Integer> largeTable() {
        return ShardedMap.onHeap().shards(1).maxShards(1).initialCapacity(1_000).build();
    }

    private static ShardedMap<Integer, Integer> shards() {
        return ShardedMap.onHeap().build();
    }

    private static ShardedMap<Integer, Integer> shardsOfObjects() {
        return ShardedMap.onHeap().hasher(Object::hashCode).build();
    }

    private static int beforeGrowth(Supplier<ShardedMap<Integer, Integer>> maps) {
        return Filled.beforeChange(maps, map -> map.shards().bytes());
    }

    private static int beforeSplit(Supplier<ShardedMap<Integer, Integer>> maps) {
        return Filled.beforeChange(maps, map -> map.shards().count());
    }

    /** One small table, in which removed slots are used again. */
    public static final class Small extends MapOperations {
        public Small() {
            super(oneTable());
        }
    }

    public static final class SmallOfObjects extends MapOperations {
        public SmallOfObjects() {
            super(oneTableOfObjects());
        }
    }

    /** The first insertion replaces the table by a larger one. */
    public static final class Growing extends MapOperations {
        private static final int ENTRIES = beforeGrowth(HeapMapLincheckTest::oneTable);

        public Growing() {
            super(Filled.with(ENTRIES, oneTable()));
        }
    }

    /** The first insertion splits the only shard. */
    public static final class Splitting extends MapOperations {
        private static final int ENTRIES = beforeSplit(HeapMapLincheckTest::shards);

        public Splitting() {
            super(Filled.with(ENTRIES, shards()));
        }
    }

    public static final class SplittingOfObjects extends MapOperations {
        private static final int ENTRIES = beforeSplit(HeapMapLincheckTest::shardsOfObjects);

        public SplittingOfObjects() {
            super(Filled.with(ENTRIES, shardsOfObjects()));
        }
    }

    /** The second insertion replaces the table, so that there can be a key whose function runs meanwhile. */
    public static final class GrowingSecond extends MapOperations {
        public GrowingSecond() {
            super(Filled.with(Growing.ENTRIES - 1, oneTable()));
        }
    }

    public static final class GrowingSecondOfObjects extends MapOperations {
        private static final int ENTRIES = beforeGrowth(HeapMapLincheckTest::oneTableOfObjects);

        public GrowingSecondOfObjects() {
            super(Filled.with(ENTRIES - 1, oneTableOfObjects()));
        }
    }

    /** Key 1 is an integer like all others in the only table; the keys 2 and 3, a long and a string, convert that. */
    public static final class Converting extends MapOperations {
        public Converting() {
            super(filled(), Converting::key);
        }

        private static ShardedMap<Object, Integer> filled() {
            ShardedMap<Object, Integer> map =
                    ShardedMap.onHeap().shards(1).maxShards(1).build();
            map.put(1_000, 1_000);
            return map;
        }

        private static Object key(int number) {
            return switch (number) {
                case 1 -> 1;
                case 2 -> 2L;
                default -> "3";
            };
        }
    }

    /** A table so large that values, too, are kept as numbers. */
    public static final class NumberValues extends MapOperations {
        public NumberValues() {
            super(largeTable());
        }
    }

    /** The values that are written make a table of long values one of objects. */
    public static final class ConvertingValues extends MapOperations {
        public ConvertingValues() {
            super(filled());
        }

        @SuppressWarnings("unchecked") // nobody touches the value
        private static ShardedMap<Integer, Integer> filled() {
            ShardedMap<Integer, Integer> map = largeTable();
            ((Map<Integer, Object>) (Map<?, ?>) map).put(1_000, 1_000L);
            return map;
        }
    }

    /** All keys have one hash, and there are so many that some stand outside the table. */
    public static final class Colliding extends MapOperations {
        public Colliding() {
            super(Filled.with(7, ShardedMap.onHeap().shards(1).hasher(key -> 7).build()));
        }
    }

    @Tag("model-checking")
    @ParameterizedTest
    @ValueSource(
            classes = {
                Small.class,
                SmallOfObjects.class,
                Growing.class,
                GrowingSecond.class,
                GrowingSecondOfObjects.class,
                Splitting.class,
                SplittingOfObjects.class,
                Converting.class,
                NumberValues.class,
                ConvertingValues.class,
                Colliding.class
            })
    void everyInterleavingIsLinearizable(Class<? extends MapOperations> operations) {
        LincheckRuns.modelCheck(operations);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Small.class,
                Growing.class,
                GrowingSecondOfObjects.class,
                Splitting.class,
                SplittingOfObjects.class,
                Converting.class,
                NumberValues.class,
                ConvertingValues.class,
                Colliding.class
            })
    void racingThreadsAreLinearizable(Class<? extends MapOperations> operations) {
        LincheckRuns.stress(operations);
    }
}
