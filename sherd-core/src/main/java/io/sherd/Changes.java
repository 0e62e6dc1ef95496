package io.sherd;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;

/**
 * The difference between two {@link Snapshot snapshots} of a map: no key is in more than one of the three.
 *
 * @param added the entries whose keys only the younger one has
 * @param changed the keys that both have, with values that are not equal
 * @param removed the entries whose keys only the older one has
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public record Changes<K, V>(Map<K, V> added, Map<K, Replaced<V>> changed, Map<K, V> removed) {
    /**
     * The values of a key that was changed.
     *
     * @param before the value in the older snapshot
     * @param after the value in the younger
     * @param <V> the type of values
     */
    public record Replaced<V>(V before, V after) {
        /** Refuses nulls. */
        public Replaced {
            Objects.requireNonNull(before, "before");
            Objects.requireNonNull(after, "after");
        }
    }

    /** Makes the three unmodifiable; they are not copied. */
    public Changes {
        added = Collections.unmodifiableMap(added);
        changed = Collections.unmodifiableMap(changed);
        removed = Collections.unmodifiableMap(removed);
    }

    /**
     * Whether there is no difference.
     *
     * @return whether all three are empty
     */
    public boolean isEmpty() {
        return size() == 0;
    }

    /**
     * The number of keys that are not the same in both.
     *
     * @return at least 0
     */
    public long size() {
        return (long) added.size() + changed.size() + removed.size();
    }
}
