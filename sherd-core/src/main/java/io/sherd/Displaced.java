package io.sherd;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values that stand in cells of tables that were replaced, since the owners of their keys may still write there; see
 * {@link SegmentLock}. An immutable list, so that readers walk it without a lock.
 */
final class Displaced {
    /** What stands in the new table in the value's place. */
    static final Object MARK = new Object();

    final KeyHold hold;
    final @Nullable Object[] cell;
    final int index;

    /** Where the mark stands, in the table that has this. */
    final @Nullable Object[] usual;

    final int usualIndex;
    final @Nullable Displaced next;

    private Displaced(
            KeyHold hold,
            @Nullable Object[] cell,
            int index,
            @Nullable Object[] usual,
            int usualIndex,
            @Nullable Displaced next) {
        this.hold = hold;
        this.cell = cell;
        this.index = index;
        this.usual = usual;
        this.usualIndex = usualIndex;
        this.next = next;
    }

    @SuppressWarnings("ReferenceEquality") // it is one object
    static boolean isMark(@Nullable Object value) {
        return value == MARK;
    }

    /** The list with the value of a hold that {@link KeyHold#mayBeWritten}. */
    static Displaced with(KeyHold hold, @Nullable Object[] usual, int usualIndex, @Nullable Displaced list) {
        return new Displaced(hold, Objects.requireNonNull(hold.cell), hold.index, usual, usualIndex, list);
    }

    static @Nullable Displaced without(KeyHold hold, @Nullable Displaced list) {
        Displaced kept = null;
        for (Displaced at = list; at != null; at = at.next) {
            if (at.hold != hold) {
                kept = new Displaced(at.hold, at.cell, at.index, at.usual, at.usualIndex, kept);
            }
        }
        return kept;
    }
}
