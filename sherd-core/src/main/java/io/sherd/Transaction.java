package io.sherd;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@link ShardedMap#transact} reads and writes.
 *
 * <p>All that is read belongs to one state of the map, in which nothing is half done, with what the body itself wrote on top.
 * What is written is seen by everybody else at one instant, after the body has returned. Use it only in the body, and only by
 * the thread that runs that; it throws {@link IllegalStateException} afterwards.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface Transaction<K, V> {
    /**
     * The value of a key.
     *
     * @param key the key
     * @return the value that the body wrote, or else the one in the map; null if there is none
     * @throws NullPointerException if {@code key} is null
     */
    @Nullable
    V get(K key);

    /**
     * Whether a key has a value.
     *
     * @param key the key
     * @return whether {@link #get} is not null
     * @throws NullPointerException if {@code key} is null
     */
    default boolean containsKey(K key) {
        return get(key) != null;
    }

    /**
     * The values of several keys.
     *
     * @param keys the keys; duplicates count once
     * @return a new modifiable map of those that have a value, in the order of {@code keys}
     * @throws NullPointerException if {@code keys} is null or holds a null
     */
    default Map<K, V> getAll(Collection<? extends K> keys) {
        Map<K, V> found = LinkedHashMap.newLinkedHashMap(keys.size());
        for (K key : keys) {
            V value = get(key);
            if (value != null) {
                found.put(key, value);
            }
        }
        return found;
    }

    /**
     * Writes a value.
     *
     * @param key the key
     * @param value the value
     * @return the value before, as by {@link #get}
     * @throws NullPointerException if an argument is null
     */
    @Nullable
    V put(K key, V value);

    /**
     * Removes a key.
     *
     * @param key the key
     * @return the value before, as by {@link #get}
     * @throws NullPointerException if {@code key} is null
     */
    @Nullable
    V remove(K key);

    /**
     * Writes what a function makes of the value.
     *
     * @param key the key
     * @param function gets the key and its value, or null; answers the new value, or null to remove the key
     * @return the new value, or null
     * @throws NullPointerException if an argument is null
     */
    default @Nullable V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
        Objects.requireNonNull(function, "function");
        V value = function.apply(key, get(key));
        if (value == null) {
            remove(key);
        } else {
            put(key, value);
        }
        return value;
    }

    /**
     * Ends the transaction: nothing of it is written, and {@link ShardedMap#transact} answers null. Does not return.
     *
     * @return never
     */
    RuntimeException abort();
}
