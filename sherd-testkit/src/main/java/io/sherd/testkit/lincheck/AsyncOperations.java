package io.sherd.testkit.lincheck;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.concurrent.CompletableFuture;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/**
 * What {@code async()} does to the same two keys, beside {@link TransactionOperations}: each operation waits for its future, so it takes
 * effect between its call and its return. {@link SequentialAsync} says what the answers must be.
 */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public abstract class AsyncOperations extends TransactionOperations {
    /**
     * Takes the map to check.
     *
     * @param map a map without the keys 1 and 2; it may have others, which nobody touches
     */
    protected AsyncOperations(ShardedMap<Integer, Integer> map) {
        super(map);
    }

    /**
     * Takes a map that other checks use as well, each with keys of its own.
     *
     * @param map the map
     * @param before the keys of this check are {@code before + 1} and {@code before + 2}
     */
    protected AsyncOperations(ShardedMap<Integer, Integer> map, int before) {
        super(map, before);
    }

    /**
     * Writes, queued if the key is held.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    @Operation
    public @Nullable Integer asyncPut(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.async().put(before + key, value).join();
    }

    /**
     * Removes, queued if the key is held.
     *
     * @param key the key
     * @return the value before
     */
    @Operation
    public @Nullable Integer asyncRemove(@Param(name = "key") int key) {
        return map.async().remove(before + key).join();
    }

    /**
     * Loads a value, or follows who loads it.
     *
     * @param key the key
     * @param value the value of an absent key
     * @return the value after
     */
    @Operation
    public @Nullable Integer asyncComputeIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.async()
                .computeIfAbsent(before + key, same -> CompletableFuture.completedFuture(value))
                .join();
    }

    /**
     * Takes a key and sets its value twice, in the thread that completes the take.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    @Operation
    public @Nullable Integer asyncLockAndSet(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.async()
                .lock(before + key)
                .thenApply(taken -> {
                    try (LockedEntry<Integer, Integer> entry = taken) {
                        Integer old = entry.setValue(-1);
                        entry.setValue(value);
                        return old;
                    }
                })
                .join();
    }

    /**
     * A transaction that reads both keys and writes one, run by somebody else.
     *
     * @param key which one
     * @return their sum before
     */
    @Operation
    public @Nullable Integer asyncWriteOne(@Param(name = "key") int key) {
        return map.async()
                .transact(tx -> {
                    int sum = orZero(tx.get(before + 1)) + orZero(tx.get(before + 2));
                    tx.put(before + key, sum + 1);
                    return sum;
                })
                .join();
    }
}
