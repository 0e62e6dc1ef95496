package io.sherd.testkit.lincheck;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/**
 * Keys held across statements beside other operations, on two keys, as Lincheck calls them. A subclass has a public constructor
 * without parameters that makes the map. {@link SequentialLocks} says what the answers must be.
 */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public abstract class LockOperations {
    final ShardedMap<Integer, Integer> map;
    final int before;

    /**
     * Takes the map to check.
     *
     * @param map a map without the keys 1 and 2; it may have others, which nobody touches
     */
    protected LockOperations(ShardedMap<Integer, Integer> map) {
        this(map, 0);
    }

    /**
     * Takes a map that other checks use as well, each with keys of its own.
     *
     * @param map the map
     * @param before the keys of this check are {@code before + 1} and {@code before + 2}
     */
    protected LockOperations(ShardedMap<Integer, Integer> map, int before) {
        this.map = map;
        this.before = before;
    }

    /**
     * Reads.
     *
     * @param key the key
     * @return its value
     */
    @Operation
    public @Nullable Integer get(@Param(name = "key") int key) {
        return map.get(before + key);
    }

    /**
     * Writes.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    @Operation
    public @Nullable Integer put(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.put(before + key, value);
    }

    /**
     * Computes, as {@link MapOperations#compute}.
     *
     * @param key the key
     * @param value the value of an absent key
     * @return the value after
     */
    @Operation
    public @Nullable Integer compute(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.compute(before + key, (same, old) -> MapOperations.next(old, value));
    }

    /**
     * Holds a key, and sets its value twice.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    @Operation
    public @Nullable Integer lockAndSet(@Param(name = "key") int key, @Param(name = "value") int value) {
        try (LockedEntry<Integer, Integer> entry = map.lock(before + key)) {
            Integer old = entry.setValue(-1);
            entry.setValue(value);
            return old;
        }
    }

    /**
     * Holds a key, and removes it.
     *
     * @param key the key
     * @return the value before
     */
    @Operation
    public @Nullable Integer lockAndRemove(@Param(name = "key") int key) {
        try (LockedEntry<Integer, Integer> entry = map.lock(before + key)) {
            return entry.remove();
        }
    }

    /**
     * Holds a key, at once or after waiting, and adds to its value if there is one.
     *
     * @param key the key
     * @return the value after
     */
    @Operation
    public @Nullable Integer tryLockAndAdd(@Param(name = "key") int key) {
        LockedEntry<Integer, Integer> tried = map.tryLock(before + key);
        try (LockedEntry<Integer, Integer> entry = tried != null ? tried : map.lock(before + key)) {
            Integer old = entry.value();
            if (old != null) {
                entry.setValue(old + 1);
            }
            return entry.value();
        }
    }
}
