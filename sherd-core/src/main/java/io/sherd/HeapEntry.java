package io.sherd;

import io.sherd.spi.HeldEntry;
import org.jspecify.annotations.Nullable;

/** A held key of a heap map, and what its owner knows of the hold; see {@link SegmentLock}. */
final class HeapEntry<K, V> extends HeldEntry<K, V> {
    /** The ticket of a hold that was written down at once. */
    static final long WRITTEN_DOWN = 0;

    private final HeapMap<K, V> map;
    final int hash;
    private final Segment segment;
    private final long ticket;
    private final int slot;
    private final @Nullable Object @Nullable [] cell;

    HeapEntry(
            HeapMap<K, V> map,
            int hash,
            K key,
            @Nullable V before,
            Segment segment,
            long ticket,
            int slot,
            @Nullable Object @Nullable [] cell) {
        super(key, before);
        this.map = map;
        this.hash = hash;
        this.segment = segment;
        this.ticket = ticket;
        this.slot = slot;
        this.cell = cell;
    }

    @Override
    protected void release(boolean changed, @Nullable V value) {
        map.release(this, segment, ticket, slot, cell, changed, value);
    }

    /** Gives the key back; what was changed is written already, or shall not be. */
    void giveUp() {
        map.release(this, segment, ticket, slot, cell, false, null);
    }
}
