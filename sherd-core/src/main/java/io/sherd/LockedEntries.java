package io.sherd;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Several keys of a map, held together by {@link ShardedMap#lockAll}. What was set in any of them is seen by everybody else
 * when this is closed, in one step: no reader finds one key changed and then another not. A map that keeps its entries on
 * disk has all of it or nothing after a crash.
 *
 * <p>Not safe for use by several threads at once; it may be handed from one to another.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface LockedEntries<K, V> extends AutoCloseable, Iterable<LockedEntry<K, V>> {
    /**
     * The number of different keys.
     *
     * @return at least 0
     */
    int size();

    /**
     * The entry of a key. It is closed together with the others: its own {@code close} gives nothing back.
     *
     * @param key one of the keys that were locked
     * @return its entry, always the same
     * @throws IllegalArgumentException if the key is none of them
     * @throws NullPointerException if {@code key} is null
     */
    LockedEntry<K, V> get(K key);

    /**
     * The value of a key, as {@code get(key).value()}.
     *
     * @param key one of the keys that were locked
     * @return the value, or null if there is none
     * @throws IllegalArgumentException if the key is none of them
     * @throws IllegalStateException if this is closed
     */
    default @Nullable V value(K key) {
        return get(key).value();
    }

    /**
     * The entries, in the order in which the keys were given, without duplicates.
     *
     * @return an iterator that cannot remove
     */
    @Override
    Iterator<LockedEntry<K, V>> iterator();

    /**
     * Drops what was set in any of the entries. The keys stay held.
     *
     * @throws IllegalStateException if this is closed
     */
    void discard();

    /** Writes what was set, as the map does it, and gives all keys back, even if that fails. Closing again does nothing. */
    @Override
    void close();
}
