package io.sherd;

import io.sherd.spi.HeldEntry;
import org.jspecify.annotations.Nullable;

/** A held key of a heap map, and what its owner knows of the hold; see {@link SegmentLock}. */
final class HeapEntry<K, V> extends HeldEntry<K, V> {
    /** The ticket of a hold that was written down at once. */
    static final long WRITTEN_DOWN = 0;

    private final HeapMap<K, V> map;
    final int hash;

    @Nullable
    Segment segment;

    long ticket;
    int slot;

    @Nullable
    Object @Nullable [] cell;

    /** Creates an entry for a key that is about to be taken, so that nothing can fail once it is. */
    HeapEntry(HeapMap<K, V> map, int hash, K key) {
        super(key, null);
        this.map = map;
        this.hash = hash;
    }

    /** Says what was found when the key was taken; called once, before anybody else sees the entry. */
    void taken(
            @Nullable V before, @Nullable Segment segment, long ticket, int slot, @Nullable Object @Nullable [] cell) {
        begin(before);
        this.segment = segment;
        this.ticket = ticket;
        this.slot = slot;
        this.cell = cell;
    }

    /** Says what value was found. So small that the compiler has it in line wherever it stands; see {@link HeapMap#lock}. */
    void before(@Nullable V value) {
        begin(value);
    }

    @Override
    protected void release(boolean changed, @Nullable V value) {
        Segment segment = this.segment;
        if (slot < 0
                || !changed
                || value == null
                || segment == null
                || ticket == WRITTEN_DOWN
                || !segment.tryReplace(ticket, slot, value)) {
            map.release(segment, ticket, hash, key(), slot, cell, before(), changed, value);
        }
    }

    /** Gives the key back; what was changed is written already, or shall not be. */
    void giveUp() {
        map.release(segment, ticket, hash, key(), slot, cell, before(), false, null);
    }
}
