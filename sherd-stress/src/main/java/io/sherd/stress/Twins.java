package io.sherd.stress;

import io.sherd.ShardedMap;
import java.util.Iterator;
import java.util.Map;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A small map and two keys with one hash code, of which the second takes the slot of the first. The first has the value 1 and is there from the start, the second
 * gets 2. There is no hasher: with one, a map keeps numbers as objects.
 */
final class Twins<K> {
    final ShardedMap<K, Integer> map = Maps.small();
    private final K first;
    private final K second;

    private Twins(K first, K second) {
        if (first.hashCode() != second.hashCode()) {
            throw new AssertionError("The hash codes of " + first + " and " + second + " differ");
        }
        this.first = first;
        this.second = second;
        map.put(first, 1);
    }

    /** Keys that are kept as numbers. */
    static Twins<Long> ofNumbers() {
        return new Twins<>(1L, 1L << 32);
    }

    /** Keys that are kept as objects. */
    static Twins<String> ofObjects() {
        return new Twins<>("Aa", "BB");
    }

    /** Puts the second in the place of the first. */
    void toSecond() {
        map.remove(first);
        map.put(second, 2);
    }

    /** Puts the first in the place of the second. */
    void toFirst() {
        map.remove(second);
        map.put(first, 1);
    }

    /** How many of the entries met in a pass have the value of the other. */
    int wrongValues() {
        int[] wrong = {0};
        map.forEach((key, value) -> wrong[0] += value == valueOf(key) ? 0 : 1);
        return wrong[0];
    }

    /** Takes an entry by an iterator, and removes it. Tells whose key and whose value it had. */
    void takeAndRemove(III_Result result) {
        Iterator<Map.Entry<K, Integer>> entries = map.entrySet().iterator();
        if (entries.hasNext()) {
            Map.Entry<K, Integer> entry = entries.next();
            result.r1 = valueOf(entry.getKey());
            result.r2 = entry.getValue();
            entries.remove();
        }
    }

    private int valueOf(K key) {
        return key.equals(first) ? 1 : 2;
    }
}
