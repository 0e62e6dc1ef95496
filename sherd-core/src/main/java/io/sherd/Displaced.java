package io.sherd;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values that stand in tables that were replaced, since the owners of their keys may still write there; see
 * {@link SegmentLock}. An immutable list, so that readers walk it without a lock.
 *
 * <p>What stands in the new table in the value's place is a mark: {@link #MARK} among objects. Among numbers, where there is none that
 * could not be a value, it is one that is rarely a value, and the list says whether it is a mark ({@link WordSegment}).
 */
final class Displaced {
    /** A mark, and what whoever reads a value is told where a number is one. */
    static final Object MARK = new Object();

    final KeyHold hold;

    /** Where the value stands. */
    private final ValuePlace place;

    /** Where the mark stands in the segment that has this: the slot, or the cell of the overflow. */
    private final int usualSlot;

    private final @Nullable Object @Nullable [] usualCell;
    final @Nullable Displaced next;

    private Displaced(
            KeyHold hold,
            ValuePlace place,
            int usualSlot,
            @Nullable Object @Nullable [] usualCell,
            @Nullable Displaced next) {
        this.hold = hold;
        this.place = place;
        this.usualSlot = usualSlot;
        this.usualCell = usualCell;
        this.next = next;
    }

    @SuppressWarnings("ReferenceEquality") // it is one object
    static boolean isMark(@Nullable Object value) {
        return value == MARK;
    }

    /** Whether the mark stands in a slot. */
    boolean isIn(int slot) {
        return usualSlot == slot && usualCell == null;
    }

    /** The value. */
    @Nullable
    Object value() {
        return place.value();
    }

    /** Under the lock of the segment that has this: puts the value where the mark stands. */
    void settle(Segment segment) {
        if (usualCell != null) {
            if (isMark(usualCell[0])) {
                Segment.setElementRelease(usualCell, 0, Objects.requireNonNull(value()));
            }
        } else if (isMark(segment.valueAcquire(usualSlot))) {
            place.copyTo(segment, usualSlot);
        }
    }

    /** The list with the value of a hold that {@link KeyHold#mayBeWritten}. */
    static Displaced with(
            KeyHold hold, int usualSlot, @Nullable Object @Nullable [] usualCell, @Nullable Displaced list) {
        return new Displaced(hold, Objects.requireNonNull(hold.place), usualSlot, usualCell, list);
    }

    /** Whether the value of a hold is in a list. */
    static boolean has(KeyHold hold, @Nullable Displaced list) {
        Displaced at = list;
        while (at != null && at.hold != hold) {
            at = at.next;
        }
        return at != null;
    }

    static @Nullable Displaced without(KeyHold hold, @Nullable Displaced list) {
        Displaced kept = null;
        for (Displaced at = list; at != null; at = at.next) {
            if (at.hold != hold) {
                kept = new Displaced(at.hold, at.place, at.usualSlot, at.usualCell, kept);
            }
        }
        return kept;
    }
}
