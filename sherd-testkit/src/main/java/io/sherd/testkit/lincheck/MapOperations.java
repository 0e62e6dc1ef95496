package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import java.util.function.IntFunction;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/**
 * The single-key operations of a map, on few keys and values, as Lincheck calls them. A subclass has a public constructor
 * without parameters that makes the map. {@link SequentialMap} says what the answers must be.
 */
@Param(name = "key", gen = IntGen.class, conf = "1:3")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public abstract class MapOperations {
    private final ShardedMap<Object, Integer> map;
    private final IntFunction<? extends Object> keys;

    /**
     * Takes the map to check.
     *
     * @param map a map without the keys 1 to 3; it may have others, which nobody touches
     */
    protected MapOperations(ShardedMap<Integer, Integer> map) {
        this(map, 0);
    }

    /**
     * Takes a map that other checks use as well, each with keys of its own.
     *
     * @param map the map
     * @param before the keys of this check are {@code before + 1} to {@code before + 3}
     */
    protected MapOperations(ShardedMap<Integer, Integer> map, int before) {
        this(map, key -> before + key);
    }

    /**
     * Takes a map with keys of any class.
     *
     * @param <K> the class of keys
     * @param map a map without the keys of the numbers 1 to 3
     * @param keys from these numbers to the keys
     */
    @SuppressWarnings("unchecked") // only keys of the function are put
    protected <K> MapOperations(ShardedMap<K, Integer> map, IntFunction<? extends K> keys) {
        this.map = (ShardedMap<Object, Integer>) map;
        this.keys = keys;
    }

    /**
     * Reads.
     *
     * @param key the key
     * @return its value
     */
    @Operation
    public @Nullable Integer get(@Param(name = "key") int key) {
        return map.get(keys.apply(key));
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
        return map.put(keys.apply(key), value);
    }

    /**
     * Removes.
     *
     * @param key the key
     * @return the value before
     */
    @Operation
    public @Nullable Integer remove(@Param(name = "key") int key) {
        return map.remove(keys.apply(key));
    }

    /**
     * Removes a key that has a certain value.
     *
     * @param key the key
     * @param value the value
     * @return whether it was removed
     */
    @Operation
    public boolean removeExact(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.remove(keys.apply(key), (Object) value);
    }

    /**
     * Writes an absent key.
     *
     * @param key the key
     * @param value the value
     * @return the value that stays
     */
    @Operation
    public @Nullable Integer putIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.putIfAbsent(keys.apply(key), value);
    }

    /**
     * Writes a present key.
     *
     * @param key the key
     * @param value the value
     * @return the value before
     */
    @Operation
    public @Nullable Integer replace(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.replace(keys.apply(key), value);
    }

    /**
     * Writes a key that has a certain value.
     *
     * @param key the key
     * @param expected the value before
     * @param update the value after
     * @return whether it was written
     */
    @Operation
    public boolean replaceExact(
            @Param(name = "key") int key, @Param(name = "value") int expected, @Param(name = "value") int update) {
        return map.replace(keys.apply(key), expected, update);
    }

    /**
     * Compares and swaps; zero stands for null.
     *
     * @param key the key
     * @param expected the value before, or 0
     * @param update the value after, or 0
     * @return the witness
     */
    @Operation
    public @Nullable Integer compareAndExchange(
            @Param(name = "key") int key,
            @Param(gen = IntGen.class, conf = "0:4") int expected,
            @Param(gen = IntGen.class, conf = "0:4") int update) {
        return map.compareAndExchange(keys.apply(key), expected == 0 ? null : expected, update == 0 ? null : update);
    }

    /**
     * Computes: an absent key comes, an even value goes, an odd one grows.
     *
     * @param key the key
     * @param value the value of an absent key
     * @return the value after
     */
    @Operation
    public @Nullable Integer compute(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.compute(keys.apply(key), (same, old) -> next(old, value));
    }

    /**
     * Computes an absent key.
     *
     * @param key the key
     * @param value the value
     * @return the value after
     */
    @Operation
    public @Nullable Integer computeIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.computeIfAbsent(keys.apply(key), same -> value);
    }

    /**
     * Computes a present key.
     *
     * @param key the key
     * @return the value after
     */
    @Operation
    public @Nullable Integer computeIfPresent(@Param(name = "key") int key) {
        return map.computeIfPresent(keys.apply(key), (same, old) -> next(old, 0));
    }

    /**
     * Adds.
     *
     * @param key the key
     * @param value what to add
     * @return the value after
     */
    @Operation
    public @Nullable Integer merge(@Param(name = "key") int key, @Param(name = "value") int value) {
        return map.merge(keys.apply(key), value, Integer::sum);
    }

    /**
     * The value that a computation gives.
     *
     * @param old the value before
     * @param first the value of an absent key
     * @return the value after
     */
    static @Nullable Integer next(@Nullable Integer old, int first) {
        if (old == null) {
            return first;
        }
        return old % 2 == 0 ? null : Integer.valueOf(old + 1);
    }
}
