package io.sherd;

import org.jspecify.annotations.Nullable;

/**
 * For which keys and values a segment is: of any class, or numbers, which it keeps instead of their objects.
 *
 * <p>A segment takes the kind of its first entry; what it does not accept makes it a segment of a kind that accepts this too. Where keys are numbers,
 * values stay objects as long as the table is small: they are near then, and need not be made anew for every look-up. When it becomes a large one, its values are
 * looked at, and if all are numbers, these are kept ({@link Segment#kindWith}).
 *
 * @param keys the kind of its keys
 * @param values the kind of its values; numbers only where the keys are
 */
record SegmentKind(Keys keys, Values values) {
    static final SegmentKind ANY = new SegmentKind(Keys.OBJECTS, Values.OBJECTS);

    /** What keys there are. */
    enum Keys {
        /** Of any class. */
        OBJECTS,
        /** All {@link Long}. */
        LONGS,
        /** All {@link Integer}. */
        INTEGERS
    }

    /** What values there are. */
    enum Values {
        /** Of any class. */
        OBJECTS,
        /** All {@link Long}, in 64 bits. */
        LONGS,
        /** All {@link Long}, in 32 bits. */
        SMALL_LONGS,
        /** All {@link Integer}, in 32 bits. */
        INTEGERS;

        /** The narrowest kind for a value. */
        static Values of(Object value) {
            if (value instanceof Long number) {
                return isSmall(number) ? SMALL_LONGS : LONGS;
            }
            return value instanceof Integer ? INTEGERS : OBJECTS;
        }

        boolean accepts(Object value) {
            return switch (this) {
                case OBJECTS -> true;
                case LONGS -> value instanceof Long;
                case SMALL_LONGS -> value instanceof Long number && isSmall(number);
                case INTEGERS -> value instanceof Integer;
            };
        }

        /** For all values of this and another. */
        Values and(Values other) {
            if (this == other) {
                return this;
            }
            boolean longs = isOfLongs() && other.isOfLongs();
            return longs ? LONGS : OBJECTS;
        }

        private boolean isOfLongs() {
            return this == LONGS || this == SMALL_LONGS;
        }
    }

    private static boolean isSmall(long number) {
        return number == (int) number;
    }

    /**
     * The narrowest kind for an entry.
     *
     * @param value its value, or null if that is not known yet, or shall be kept as an object
     */
    static SegmentKind of(Object key, @Nullable Object value) {
        Keys keys = key instanceof Long ? Keys.LONGS : key instanceof Integer ? Keys.INTEGERS : Keys.OBJECTS;
        return of(keys, value == null ? Values.OBJECTS : Values.of(value));
    }

    static SegmentKind of(Keys keys, Values values) {
        return keys == Keys.OBJECTS ? ANY : new SegmentKind(keys, values);
    }

    /** The kind for all entries of this and another. */
    SegmentKind and(SegmentKind other) {
        return equals(other) ? this : of(keys == other.keys ? keys : Keys.OBJECTS, values.and(other.values));
    }

    /** A segment of this kind. */
    Segment segment(Epochs epochs, int depth, int prefix, int slots) {
        return keys == Keys.OBJECTS
                ? new ObjectSegment(epochs, depth, prefix, slots)
                : new WordSegment(epochs, this, depth, prefix, slots);
    }
}
