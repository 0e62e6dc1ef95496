package io.sherd;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a snapshot that makes the object of its key when it is asked for it, as a list of them may be long and its keys not wanted.
 *
 * <p>The kinds have classes of their own, and not flags, so that the common ones take 24 bytes, no more than an entry with two references.
 */
abstract sealed class NumberEntry implements Map.Entry<Object, Object> {
    @Override
    public final Object setValue(Object value) {
        throw new UnsupportedOperationException("A snapshot cannot be changed: write to its map");
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof Map.Entry<?, ?> entry
                && getKey().equals(entry.getKey())
                && getValue().equals(entry.getValue());
    }

    @Override
    public final int hashCode() {
        return getKey().hashCode() ^ getValue().hashCode();
    }

    @Override
    public final String toString() {
        return getKey() + "=" + getValue();
    }

    static final class LongToObject extends NumberEntry {
        private final long key;
        private final Object value;

        LongToObject(long key, Object value) {
            this.key = key;
            this.value = value;
        }

        @Override
        public Object getKey() {
            return WordSegment.box(false, key);
        }

        @Override
        public Object getValue() {
            return value;
        }
    }

    static final class IntegerToObject extends NumberEntry {
        private final int key;
        private final Object value;

        IntegerToObject(int key, Object value) {
            this.key = key;
            this.value = value;
        }

        @Override
        public Object getKey() {
            return key;
        }

        @Override
        public Object getValue() {
            return value;
        }
    }

    /** The usual one of these, in the room that an entry with a reference takes. */
    static final class LongToSmall extends NumberEntry {
        private final long key;
        private final int value;

        LongToSmall(long key, int value) {
            this.key = key;
            this.value = value;
        }

        @Override
        public Object getKey() {
            return WordSegment.box(false, key);
        }

        @Override
        public Object getValue() {
            return WordSegment.box(false, value);
        }
    }

    /** An entry that makes the objects of its key and its value. */
    static final class NumberToNumber extends NumberEntry {
        private final long key;
        private final long value;
        private final boolean intKey;
        private final boolean intValue;

        NumberToNumber(boolean intKey, long key, boolean intValue, long value) {
            this.intKey = intKey;
            this.key = key;
            this.intValue = intValue;
            this.value = value;
        }

        @Override
        public Object getKey() {
            return WordSegment.box(intKey, key);
        }

        @Override
        public Object getValue() {
            return WordSegment.box(intValue, value);
        }
    }
}
