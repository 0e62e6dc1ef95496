package io.sherd.testkit.lincheck;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@link LockOperations} answer when called one after the other. Lincheck finds it by reflection. */
public class SequentialLocks {
    private final Map<Integer, Integer> map = new HashMap<>();

    /** Creates an empty map. */
    public SequentialLocks() {}

    /**
     * Reads.
     *
     * @param key the key
     * @return its value
     */
    public @Nullable Integer get(int key) {
        return map.get(key);
    }

    /**
     * Writes.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    public @Nullable Integer put(int key, int value) {
        return map.put(key, value);
    }

    /**
     * Computes.
     *
     * @param key the key
     * @param value the value of an absent key
     * @return the value after
     */
    public @Nullable Integer compute(int key, int value) {
        return map.compute(key, (same, old) -> MapOperations.next(old, value));
    }

    /**
     * Sets.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    public @Nullable Integer lockAndSet(int key, int value) {
        return map.put(key, value);
    }

    /**
     * Removes.
     *
     * @param key the key
     * @return the value before
     */
    public @Nullable Integer lockAndRemove(int key) {
        return map.remove(key);
    }

    /**
     * Adds.
     *
     * @param key the key
     * @return the value after
     */
    public @Nullable Integer tryLockAndAdd(int key) {
        return map.computeIfPresent(key, (same, old) -> old + 1);
    }

    /**
     * Sets both keys.
     *
     * @param value the value
     * @return the values before
     */
    public String setBoth(int value) {
        return map.put(1, value) + " " + map.put(2, value);
    }

    /**
     * Swaps.
     *
     * @return the values before
     */
    public String swap() {
        Integer one = map.remove(1);
        Integer other = map.remove(2);
        if (other != null) {
            map.put(1, other);
        }
        if (one != null) {
            map.put(2, one);
        }
        return one + " " + other;
    }

    /**
     * Takes a snapshot.
     *
     * @return the values of both keys
     */
    public String snapshot() {
        return map.get(1) + " " + map.get(2);
    }

    /**
     * A transaction.
     *
     * @param value the value
     * @return the value of the first before
     */
    public @Nullable Integer transactBoth(int value) {
        map.put(2, value);
        return map.put(1, value);
    }

    /**
     * A rebalance, of which the map shows nothing.
     *
     * @param value how
     */
    public void rebalance(int value) {}
}
