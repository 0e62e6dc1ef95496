package io.sherd.spi;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Entries that are closed together.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public abstract class HeldEntries<K, V> implements LockedEntries<K, V> {
    private final Function<? super K, ?> identity;
    private final Map<Object, ? extends HeldEntry<K, V>> entries;
    private boolean closed;

    /**
     * Takes over open entries.
     *
     * @param identity what is equal exactly for keys that are the same to the map
     * @param entries the entries by that, in the order to show them
     */
    protected HeldEntries(Function<? super K, ?> identity, Map<Object, ? extends HeldEntry<K, V>> entries) {
        this.identity = identity;
        this.entries = entries;
        entries.values().forEach(HeldEntry::joinGroup);
    }

    /**
     * Writes what was changed, in one step, and gives all keys back.
     *
     * @param entries all entries
     */
    protected abstract void release(Collection<? extends HeldEntry<K, V>> entries);

    @Override
    public final int size() {
        return entries.size();
    }

    @Override
    public final LockedEntry<K, V> get(K key) {
        LockedEntry<K, V> entry = entries.get(identity.apply(Objects.requireNonNull(key, "key")));
        if (entry == null) {
            throw new IllegalArgumentException("Key " + key + " is none of the " + size()
                    + " keys that were locked; give it to lockAll together with the others");
        }
        return entry;
    }

    @Override
    public final Iterator<LockedEntry<K, V>> iterator() {
        Iterator<? extends HeldEntry<K, V>> all = entries.values().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public LockedEntry<K, V> next() {
                return all.next();
            }
        };
    }

    @Override
    public final void discard() {
        if (closed) {
            throw new IllegalStateException("The entries are closed: lock the keys again");
        }
        entries.values().forEach(HeldEntry::discard);
    }

    @Override
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        entries.values().forEach(HeldEntry::endInGroup);
        release(entries.values());
    }

    @Override
    public final String toString() {
        return "LockedEntries[" + size() + " keys" + (closed ? ", closed]" : "]");
    }
}
