package io.sherd;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A segment whose keys are all {@link Long}, or all {@link Integer}: it keeps the numbers, not the objects.
 *
 * <pre>
 *   words    long  [physical]   the keys; an Integer as an unsigned number
 *   entries  Object[physical]   the values
 * </pre>
 *
 * <p>A look-up loads the number beside the value, where an object would have to be fetched from elsewhere: half of the time of
 * a hit in a large map. Both classes are value-based, so a program may not care which of several equal objects it gets. The
 * hash of a slot follows from the number. A number is not cleared when its entry is removed; it is read only behind a tag.
 */
final class WordSegment extends Segment {
    WordSegment(Epochs epochs, boolean ints, int depth, int prefix, int slots) {
        super(epochs, depth, prefix, slots, 1, 1, ints);
    }

    @Override
    boolean accepts(Object key) {
        return ints ? key instanceof Integer : key instanceof Long;
    }

    @Override
    Segment like(int depth, int prefix, int slots) {
        return new WordSegment(epochs, ints, depth, prefix, slots);
    }

    private static long wordOf(Object key) {
        return key instanceof Long number ? number : ((Integer) key) & 0xffff_ffffL;
    }

    private Object box(long word) {
        if (ints) {
            return (int) word;
        }
        return word;
    }

    @Override
    int valueIndex(int slot) {
        return slot;
    }

    @Override
    Object keyAt(int slot) {
        return box(words[slot]);
    }

    @Override
    Object keyAcquire(int slot) {
        return box(keyWordAcquire(words, slot));
    }

    @Override
    int hashAt(int slot) {
        return spread(Long.hashCode(words[slot]));
    }

    @Override
    boolean isAt(int slot, Object key) {
        return accepts(key) && keyWordAcquire(words, slot) == wordOf(key);
    }

    @Override
    @Nullable
    Object get(int hash, Object key) {
        if (!accepts(key)) {
            return null;
        }
        long sought = wordOf(key);
        int home = home(hash);
        int tag = Tags.of(hash);
        int stamp = stampAcquire();
        long word = Tags.wordAcquire(tags, home);
        if (stamp < 0) {
            return search(hash, key, sought, home);
        }
        if ((word & 0xff) == tag) {
            if (keyWordAcquire(words, home) == sought) {
                Object value = elementAcquire(entries, home);
                if (stampOpaque() == stamp && !Displaced.isMark(value)) {
                    return value;
                }
            }
        } else if (Tags.matching(word, Tags.patternOf(tag)) == 0 && Tags.empty(word) != 0 && overflow == null) {
            return null;
        }
        return search(hash, key, sought, home);
    }

    @Override
    void setKey(int slot, int hash, Object key) {
        setKeyWordRelease(slot, wordOf(key));
    }

    @Override
    void copyKey(int slot, int hash, Segment from, int fromSlot) {
        words[slot] = from.words[fromSlot];
    }

    @Override
    boolean copyKeyAcquire(int slot, Segment from) {
        words[slot] = keyWordAcquire(from.words, slot);
        return true;
    }

    @Override
    boolean hasSameKey(int slot, Segment other) {
        return words[slot] == other.words[slot];
    }

    @Override
    void copyHashesInto(Segment copy) {}

    @Override
    Map.@Nullable Entry<Object, Object> entryAcquire(int slot) {
        Object value = elementAcquire(entries, slot);
        if (value == null) {
            return null;
        }
        return ints ? new IntegerEntry((int) words[slot], value) : new LongEntry(words[slot], value);
    }

    @Override
    void clearKey(int slot) {}

    @Override
    boolean touchKey(int slot) {
        // a number that is all ones there is as good as any, and the place is then looked for again
        return keyWordAcquire(words, slot) != -1;
    }

    @Override
    long entryBytes() {
        return 4L * entries.length + 8L * words.length;
    }

    /** An entry that makes the object of its key when it is asked for it. */
    private abstract static sealed class NumberEntry implements Map.Entry<Object, Object> {
        private final Object value;

        NumberEntry(Object value) {
            this.value = value;
        }

        @Override
        public final Object getValue() {
            return value;
        }

        @Override
        public final Object setValue(Object value) {
            throw new UnsupportedOperationException("A snapshot cannot be changed: write to its map");
        }

        @Override
        public final boolean equals(@Nullable Object other) {
            return other instanceof Map.Entry<?, ?> entry
                    && getKey().equals(entry.getKey())
                    && value.equals(entry.getValue());
        }

        @Override
        public final int hashCode() {
            return getKey().hashCode() ^ value.hashCode();
        }

        @Override
        public final String toString() {
            return getKey() + "=" + value;
        }
    }

    private static final class LongEntry extends NumberEntry {
        private final long key;

        LongEntry(long key, Object value) {
            super(value);
            this.key = key;
        }

        @Override
        public Object getKey() {
            return key;
        }
    }

    private static final class IntegerEntry extends NumberEntry {
        private final int key;

        IntegerEntry(int key, Object value) {
            super(value);
            this.key = key;
        }

        @Override
        public Object getKey() {
            return key;
        }
    }
}
