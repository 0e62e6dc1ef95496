package io.sherd.testkit.lincheck;

import org.jspecify.annotations.Nullable;

/** What {@link AsyncOperations} answer when called one after the other. Lincheck finds it by reflection. */
public final class SequentialAsync extends SequentialTransactions {

    /** Creates an empty map. */
    public SequentialAsync() {}

    /**
     * Writes.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    public @Nullable Integer asyncPut(int key, int value) {
        return put(key, value);
    }

    /**
     * Removes.
     *
     * @param key the key
     * @return the value before
     */
    public @Nullable Integer asyncRemove(int key) {
        return lockAndRemove(key);
    }

    /**
     * Loads.
     *
     * @param key the key
     * @param value the value of an absent key
     * @return the value after
     */
    public @Nullable Integer asyncComputeIfAbsent(int key, int value) {
        Integer present = get(key);
        if (present != null) {
            return present;
        }
        var _ = put(key, value);
        return value;
    }

    /**
     * Sets.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    public @Nullable Integer asyncLockAndSet(int key, int value) {
        return put(key, value);
    }

    /**
     * Writes one.
     *
     * @param key which one
     * @return the sum before
     */
    public Integer asyncWriteOne(int key) {
        return writeOne(key);
    }
}
