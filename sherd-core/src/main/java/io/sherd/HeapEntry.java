package io.sherd;

import io.sherd.spi.HeldEntry;
import org.jspecify.annotations.Nullable;

/** A held key of a heap map, and what its owner knows of the hold; see {@link SegmentLock}. */
final class HeapEntry<K, V> extends HeldEntry<K, V> {
    /** The ticket of a hold that was written down at once. */
    static final long WRITTEN_DOWN = 0;

    private final HeapMap<K, V> map;
    final int hash;

    /** The value from before, or null if it is absent or a number. */
    private final @Nullable V before;

    /** Where the value is a number: that, and whether it is an {@link Integer}. No object is made of it unless somebody asks. */
    private final boolean isNumber;

    private final long number;
    private final boolean isInt;
    final @Nullable Segment segment;
    final long ticket;
    final int slot;
    final @Nullable Object @Nullable [] cell;

    /** Creates an entry with all that it says, so that the collector need not be told of any of it. */
    HeapEntry(
            HeapMap<K, V> map,
            int hash,
            K key,
            @Nullable V before,
            boolean isNumber,
            long number,
            boolean isInt,
            @Nullable Segment segment,
            long ticket,
            int slot,
            @Nullable Object @Nullable [] cell) {
        super(key);
        this.map = map;
        this.hash = hash;
        this.before = before;
        this.isNumber = isNumber;
        this.number = number;
        this.isInt = isInt;
        this.segment = segment;
        this.ticket = ticket;
        this.slot = slot;
        this.cell = cell;
    }

    @Override
    @SuppressWarnings("unchecked") // only values of V are ever put
    public @Nullable V before() {
        return isNumber ? (V) WordSegment.box(isInt, number) : before;
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
            map.release(segment, ticket, hash, key(), slot, cell, changed, value);
        }
    }

    /** Gives the key back; what was changed is written already, or shall not be. */
    void giveUp() {
        map.release(segment, ticket, hash, key(), slot, cell, false, null);
    }
}
