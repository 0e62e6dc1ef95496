package io.sherd.testkit.lincheck;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What {@link MapOperations} answer when called one after the other: a {@link HashMap}. Lincheck finds it by reflection. */
public final class SequentialMap {
    private final Map<Integer, Integer> map = new HashMap<>();

    /** Creates an empty map. */
    public SequentialMap() {}

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
     * Removes.
     *
     * @param key the key
     * @return the value before
     */
    public @Nullable Integer remove(int key) {
        return map.remove(key);
    }

    /**
     * Removes a key that has a certain value.
     *
     * @param key the key
     * @param value the value
     * @return whether it was removed
     */
    public boolean removeExact(int key, int value) {
        return map.remove(key, (Object) value);
    }

    /**
     * Writes an absent key.
     *
     * @param key the key
     * @param value the value
     * @return the value that stays
     */
    public @Nullable Integer putIfAbsent(int key, int value) {
        return map.putIfAbsent(key, value);
    }

    /**
     * Writes a present key.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    public @Nullable Integer replace(int key, int value) {
        return map.replace(key, value);
    }

    /**
     * Writes a key that has a certain value.
     *
     * @param key the key
     * @param expected the value before
     * @param update the value after
     * @return whether it was written
     */
    public boolean replaceExact(int key, int expected, int update) {
        return map.replace(key, expected, update);
    }

    /**
     * Compares and swaps; zero stands for null.
     *
     * @param key the key
     * @param expected the value before, or 0
     * @param update the value after, or 0
     * @return the witness
     */
    public @Nullable Integer compareAndExchange(int key, int expected, int update) {
        Integer witness = map.get(key);
        if (Objects.equals(witness, expected == 0 ? null : expected)) {
            if (update == 0) {
                map.remove(key);
            } else {
                map.put(key, update);
            }
        }
        return witness;
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
     * Computes an absent key.
     *
     * @param key the key
     * @param value the value
     * @return the value after
     */
    public @Nullable Integer computeIfAbsent(int key, int value) {
        return map.computeIfAbsent(key, same -> value);
    }

    /**
     * Computes a present key.
     *
     * @param key the key
     * @return the value after
     */
    public @Nullable Integer computeIfPresent(int key) {
        return map.computeIfPresent(key, (same, old) -> MapOperations.next(old, 0));
    }

    /**
     * Adds.
     *
     * @param key the key
     * @param value what to add
     * @return the value after
     */
    public @Nullable Integer merge(int key, int value) {
        return map.merge(key, value, Integer::sum);
    }
}
