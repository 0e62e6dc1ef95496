package io.sherd;

import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * A heap map whose hash codes come from a function of the user.
 *
 * <p>A class of its own, so that look-ups of all other maps need not ask whether there is one.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class HashedHeapMap<K, V> extends HeapMap<K, V> {
    private static final long serialVersionUID = 1L;

    private final transient ToIntFunction<? super K> hasher;

    HashedHeapMap(
            int shards,
            int earlyShards,
            int maxShards,
            long initialCapacity,
            ToIntFunction<? super K> hasher,
            SnapshotMode snapshotMode,
            int keepVersions) {
        super(shards, earlyShards, maxShards, initialCapacity, false, snapshotMode, keepVersions);
        this.hasher = hasher;
    }

    @Override
    @SuppressWarnings("unchecked") // a foreign key is the caller's ClassCastException, as the builder says
    int hash(Object key) {
        return Segment.spread(hasher.applyAsInt((K) Objects.requireNonNull(key, "key")));
    }

    @Override
    ToIntFunction<? super K> hasher() {
        return hasher;
    }
}
