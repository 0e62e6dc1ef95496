package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Maps with so many entries that the next one changes their structure. */
final class Filled {
    /** The keys that fill a map; the operations of a check use others. */
    private static final int FIRST = 1_000;

    private Filled() {}

    /**
     * How many entries a map takes before a figure of its structure changes.
     *
     * @param maps makes empty maps
     * @param figure what to watch, the number of bytes or of shards
     */
    static int beforeChange(
            Supplier<ShardedMap<Integer, Integer>> maps, ToLongFunction<ShardedMap<Integer, Integer>> figure) {
        ShardedMap<Integer, Integer> map = maps.get();
        map.put(FIRST, FIRST);
        long before = figure.applyAsLong(map);
        int entries = 1;
        while (figure.applyAsLong(map) == before) {
            map.put(FIRST + entries, FIRST);
            entries++;
        }
        return entries - 1;
    }

    static ShardedMap<Integer, Integer> with(int entries, ShardedMap<Integer, Integer> map) {
        for (int i = 0; i < entries; i++) {
            map.put(FIRST + i, FIRST);
        }
        return map;
    }
}
