package io.sherd.stress;

import io.sherd.ShardedMap;

/** One key whose value only ever becomes larger, written by functions. */
final class Versions {
    /** The number of the key; it is there from the start, with this value. */
    static final int KEY = Maps.FILLER;

    private static final int READS = 40;

    private Versions() {}

    /** Raises the value by four, in four functions. */
    static <K> void write(ShardedMap<K, Integer> map, K key) {
        map.merge(key, 1, Integer::sum);
        map.compute(key, (same, old) -> old == null ? 0 : old + 1);
        map.computeIfPresent(key, (same, old) -> old + 1);
        map.merge(key, 1, Integer::sum);
    }

    /** Reads many times, and counts how often the value was smaller than one seen before, or absent. */
    static int stepsBack(ShardedMap<?, Integer> map, Object key) {
        int back = 0;
        int newest = KEY;
        for (int read = 0; read < READS; read++) {
            Integer value = map.get(key);
            if (value == null || value < newest) {
                back++;
            } else {
                newest = value;
            }
        }
        return back;
    }
}
