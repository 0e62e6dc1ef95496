package io.sherd;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A key in a segment's overflow, with the hash that the map computed for it, so that the key is not asked again.
 *
 * <p>Its order lets {@link java.util.concurrent.ConcurrentHashMap} sort keys with equal hashes into a tree: by class,
 * and within a class that is {@link Comparable} by that, so that its keys are found in logarithmic time.
 */
final class OverflowKey implements Comparable<OverflowKey> {
    final int hash;
    final Object key;

    OverflowKey(int hash, Object key) {
        this.hash = hash;
        this.key = key;
    }

    @Override
    @SuppressWarnings("unchecked") // both keys are of one class, which is comparable
    public int compareTo(OverflowKey other) {
        Class<?> mine = key.getClass();
        Class<?> theirs = other.key.getClass();
        if (mine != theirs) {
            int byName = mine.getName().compareTo(theirs.getName());
            return byName != 0
                    ? byName
                    : Integer.compare(System.identityHashCode(mine), System.identityHashCode(theirs));
        }
        if (!(key instanceof Comparable<?> comparable)) {
            return 0;
        }
        try {
            return ((Comparable<Object>) comparable).compareTo(other.key);
        } catch (RuntimeException incomparable) {
            return 0; // then they are searched one by one; a stranger's key must not stop the caller
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OverflowKey that && hash == that.hash && Objects.equals(key, that.key);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
