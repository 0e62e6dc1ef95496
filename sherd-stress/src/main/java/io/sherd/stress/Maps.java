package io.sherd.stress;

import io.sherd.ShardedMap;
import java.util.function.ToLongFunction;

/** The maps that the tests share a shape of. */
final class Maps {
    /** The key that fills a map is this and up; the tests use smaller ones. */
    static final int FILLER = 1_000;

    /** With so many entries, the next one replaces the table of {@link #growing}. */
    private static final int BEFORE_GROWTH = beforeChange(map -> map.shards().bytes());

    /** With so many entries, the next one splits a shard of {@link #splitting}. */
    private static final int BEFORE_SPLIT = beforeChange(map -> map.shards().count());

    private Maps() {}

    /** One small table, in which keys share chains and removed slots are used again at once. */
    static <K, V> ShardedMap<K, V> small() {
        return ShardedMap.onHeap().shards(1).maxShards(1).build();
    }

    /** All keys have the same hash. */
    static ShardedMap<Integer, Integer> colliding() {
        return ShardedMap.onHeap().shards(1).maxShards(1).hasher(key -> 7).build();
    }

    /** The next insertion replaces the table. The fillers have their own number as value. */
    static ShardedMap<Integer, Integer> growing() {
        return filled(BEFORE_GROWTH);
    }

    /** The next insertion splits a shard. The fillers have their own number as value. */
    static ShardedMap<Integer, Integer> splitting() {
        return filled(BEFORE_SPLIT);
    }

    static int fillersOfGrowing() {
        return BEFORE_GROWTH;
    }

    static int fillersOfSplitting() {
        return BEFORE_SPLIT;
    }

    private static ShardedMap<Integer, Integer> filled(int entries) {
        ShardedMap<Integer, Integer> map = ShardedMap.onHeap().build();
        for (int i = 0; i < entries; i++) {
            map.put(FILLER + i, FILLER + i);
        }
        return map;
    }

    private static int beforeChange(ToLongFunction<ShardedMap<Integer, Integer>> figure) {
        ShardedMap<Integer, Integer> map = filled(1);
        long before = figure.applyAsLong(map);
        int entries = 1;
        while (figure.applyAsLong(map) == before) {
            map.put(FILLER + entries, FILLER + entries);
            entries++;
        }
        return entries - 1;
    }
}
