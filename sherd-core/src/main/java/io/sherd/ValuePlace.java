package io.sherd;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the value of a slot stands in a table, and where it can be read when that was replaced. It refers to the values alone: a segment would have
 * all with it that it replaced itself.
 */
final class ValuePlace {
    private final @Nullable Object[] entries;
    private final int[] small;
    private final long[] wide;
    private final boolean ints;
    private final int slot;
    private final int index;

    /**
     * The place of a slot.
     *
     * @param index where in {@link SegmentTable#entries} the value stands, if it stands there
     */
    ValuePlace(SegmentTable table, int slot, int index) {
        this.entries = table.entries;
        this.small = table.small;
        this.wide = table.wide;
        this.ints = table.intValues;
        this.slot = slot;
        this.index = index;
    }

    private boolean isNumber() {
        return entries.length == 0;
    }

    /** The value, which is no mark: a key is held in the table where its hold was written down, and was not before. */
    @Nullable
    Object value() {
        return isNumber()
                ? WordSegment.box(ints, WordSegment.numberAcquire(small, wide, slot))
                : Segment.elementAcquire(entries, index);
    }

    /** Writes the value into a slot of a segment that accepts it; without memory, unless a number becomes an object. */
    void copyTo(Segment segment, int slot) {
        if (isNumber() && segment.entries.length == 0) {
            ((WordSegment) segment).setNumber(slot, WordSegment.numberAcquire(small, wide, this.slot));
        } else {
            segment.setValue(slot, Objects.requireNonNull(value()));
        }
    }
}
