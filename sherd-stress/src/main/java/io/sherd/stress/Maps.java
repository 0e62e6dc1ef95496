package io.sherd.stress;

import io.sherd.ShardedMap;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;

/** The maps that the tests share a shape of. */
final class Maps {
    /** The key that fills a map is this and up; the tests use smaller ones. */
    static final int FILLER = 1_000;

    /** With so many entries, the next one replaces the table of {@link #growing}. */
    private static final int BEFORE_GROWTH =
            beforeChange(number -> number, map -> map.shards().bytes());

    private static final int BEFORE_GROWTH_OF_OBJECTS =
            beforeChange(ActingKey::new, map -> map.shards().bytes());

    /** With so many entries, the next one splits a shard of {@link #splitting}. */
    private static final int BEFORE_SPLIT =
            beforeChange(number -> number, map -> map.shards().count());

    private static final int BEFORE_SPLIT_OF_OBJECTS =
            beforeChange(ActingKey::new, map -> map.shards().count());

    private Maps() {}

    /** One small table, in which keys share chains and removed slots are used again at once. */
    static <K, V> ShardedMap<K, V> small() {
        return ShardedMap.onHeap().shards(1).maxShards(1).build();
    }

    /** The next insertion replaces the table, which is one of numbers. The fillers have their own number as value. */
    static ShardedMap<Integer, Integer> growing() {
        return filled(BEFORE_GROWTH, empty(), number -> number);
    }

    /** The next insertion replaces the table, which is one of objects. */
    static ShardedMap<ActingKey, Integer> growingOfObjects() {
        return filled(BEFORE_GROWTH_OF_OBJECTS, empty(), ActingKey::new);
    }

    /** The next insertion splits a shard of numbers. The fillers have their own number as value. */
    static ShardedMap<Integer, Integer> splitting() {
        return filled(BEFORE_SPLIT, empty(), number -> number);
    }

    /** The next insertion splits a shard of objects. */
    static ShardedMap<ActingKey, Integer> splittingOfObjects() {
        return filled(BEFORE_SPLIT_OF_OBJECTS, empty(), ActingKey::new);
    }

    /** The next insertion of a key that is no integer turns the table of numbers into one of objects. */
    static ShardedMap<Object, Integer> converting() {
        return filled(BEFORE_GROWTH, empty(), number -> number);
    }

    static int fillersOfGrowing() {
        return BEFORE_GROWTH;
    }

    static int fillersOfSplitting() {
        return BEFORE_SPLIT;
    }

    private static <K> ShardedMap<K, Integer> empty() {
        return ShardedMap.onHeap().build();
    }

    private static <K> ShardedMap<K, Integer> filled(int entries, ShardedMap<K, Integer> map, IntFunction<K> keys) {
        for (int i = 0; i < entries; i++) {
            map.put(keys.apply(FILLER + i), FILLER + i);
        }
        return map;
    }

    private static <K> int beforeChange(IntFunction<K> keys, ToLongFunction<ShardedMap<K, Integer>> figure) {
        ShardedMap<K, Integer> map = filled(1, empty(), keys);
        long before = figure.applyAsLong(map);
        int entries = 1;
        while (figure.applyAsLong(map) == before) {
            map.put(keys.apply(FILLER + entries), FILLER + entries);
            entries++;
        }
        return entries - 1;
    }
}
