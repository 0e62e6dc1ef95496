package io.sherd.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Locks many keys in one order for everybody: that of their hashes.
 *
 * <p>Keys may be of any kind, so nothing orders those whose hashes are equal. Of such keys, it waits for one while it holds none
 * of the others; if one of these is held by somebody else, all go back, and that one is waited for next. So calls never wait
 * for one another in a circle.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 * @param <E> the map's entries
 */
public final class HeldKeys<K, V, E extends HeldEntry<K, V>> {
    private final Function<? super K, ?> identity;
    private final ToLongFunction<? super K> hash;
    private final Function<? super K, E> lock;
    private final Function<? super K, ? extends @Nullable E> tryLock;

    /** A key, and what orders it. */
    record Key<K>(K key, Object identity, long hash) {}

    /**
     * Describes how a map does it.
     *
     * @param identity what is equal exactly for keys that are the same to the map
     * @param hash the hash of a key, equal for keys that are the same
     * @param lock locks a key, and waits for it
     * @param tryLock locks a key, or answers null if that would mean waiting
     */
    public HeldKeys(
            Function<? super K, ?> identity,
            ToLongFunction<? super K> hash,
            Function<? super K, E> lock,
            Function<? super K, ? extends @Nullable E> tryLock) {
        this.identity = identity;
        this.hash = hash;
        this.lock = lock;
        this.tryLock = tryLock;
    }

    /**
     * Locks keys; if one cannot be locked, none is.
     *
     * @param keys the keys
     * @return the entries by the identity of their keys, in the order in which the keys were given
     */
    public Map<Object, E> lockAll(Collection<? extends K> keys) {
        Map<Object, Key<K>> distinct = distinct(keys, identity, hash);
        Map<Object, E> held = LinkedHashMap.newLinkedHashMap(distinct.size());
        boolean all = false;
        try {
            for (List<Key<K>> equal : inOrder(distinct.values())) {
                lockEqual(equal, held);
            }
            all = true;
        } finally {
            if (!all) {
                held.values().forEach(HeldEntry::close);
            }
        }
        return asGiven(distinct, held);
    }

    /** The keys without duplicates, by their identity, in the order in which they were given. */
    static <K> Map<Object, Key<K>> distinct(
            Collection<? extends K> keys, Function<? super K, ?> identity, ToLongFunction<? super K> hash) {
        Map<Object, Key<K>> distinct = LinkedHashMap.newLinkedHashMap(keys.size());
        for (K key : keys) {
            Object same = identity.apply(Objects.requireNonNull(key, "key"));
            distinct.computeIfAbsent(same, absent -> new Key<>(key, same, hash.applyAsLong(key)));
        }
        return distinct;
    }

    /** The keys in the order in which everybody takes them; those whose hashes are equal are one group. */
    static <K> List<List<Key<K>>> inOrder(Collection<Key<K>> keys) {
        List<Key<K>> order = new ArrayList<>(keys);
        order.sort(Comparator.comparingLong(Key::hash));
        List<List<Key<K>>> groups = new ArrayList<>();
        for (int from = 0; from < order.size(); ) {
            int to = from + 1;
            while (to < order.size() && order.get(to).hash() == order.get(from).hash()) {
                to++;
            }
            groups.add(order.subList(from, to));
            from = to;
        }
        return groups;
    }

    /** What is held, in the order in which the keys were given. */
    static <E> Map<Object, E> asGiven(Map<Object, ?> distinct, Map<Object, E> held) {
        Map<Object, E> asGiven = LinkedHashMap.newLinkedHashMap(distinct.size());
        distinct.keySet().forEach(same -> asGiven.put(same, Objects.requireNonNull(held.get(same))));
        return asGiven;
    }

    private void lockEqual(List<Key<K>> keys, Map<Object, E> held) {
        int waitFor = 0;
        for (; ; ) {
            Key<K> first = keys.get(waitFor);
            held.put(first.identity(), lock.apply(first.key()));
            int missing = -1;
            for (int i = 0; i < keys.size() && missing < 0; i++) {
                if (i != waitFor) {
                    Key<K> next = keys.get(i);
                    E entry = tryLock.apply(next.key());
                    if (entry == null) {
                        missing = i;
                    } else {
                        held.put(next.identity(), entry);
                    }
                }
            }
            if (missing < 0) {
                return;
            }
            for (Key<K> key : keys) {
                E entry = held.remove(key.identity());
                if (entry != null) {
                    entry.close();
                }
            }
            waitFor = missing;
        }
    }
}
