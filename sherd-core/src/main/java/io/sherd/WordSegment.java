package io.sherd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A segment whose keys are all {@link Long}, or all {@link Integer}: it keeps the numbers, not the objects. So it does with values, as
 * long as all of them are of one of the two classes.
 *
 * <pre>
 *   words    long  [physical]   the keys; an Integer as an unsigned number
 *   entries  Object[physical]   the values, or
 *   small    int   [physical]   the numbers in them, if all have room in 32 bits, or
 *   wide     long  [physical]   the numbers in them
 * </pre>
 *
 * <p>A look-up loads the number beside the value, where an object would have to be fetched from elsewhere: half of the time of
 * a hit in a large map. To write a number tells the collector nothing, and leaves it no object to move. Both classes are value-based, so a program
 * may not care which of several equal objects it gets. The hash of a slot follows from the number of its key. A number is not cleared when its
 * entry is removed; it is read only behind a tag.
 *
 * <p>A mark ({@link Displaced}) among values is a number that may also be a value. Who reads it looks into {@link #displaced}, and if the slot is
 * not there reads the number again: the owner wrote the value back before it took the slot out of the list.
 */
final class WordSegment extends Segment {
    /** Numbers that may be marks. */
    static final long WIDE_MARK = 0x9E3779B97F4A7C15L;

    static final int SMALL_MARK = (int) (WIDE_MARK >>> 32);

    private static final VarHandle SMALL = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle WIDE = MethodHandles.arrayElementVarHandle(long[].class);

    WordSegment(Epochs epochs, SegmentKind kind, int depth, int prefix, int slots) {
        super(epochs, kind, depth, prefix, slots);
    }

    @Override
    boolean accepts(Object key) {
        return ints ? key instanceof Integer : key instanceof Long;
    }

    @Override
    boolean acceptsValue(Object value) {
        return entries.length != 0 || kind.values().accepts(value);
    }

    private static long wordOf(Object key) {
        return key instanceof Long number ? number : ((Integer) key) & 0xffff_ffffL;
    }

    private Object box(long word) {
        return box(ints, word);
    }

    @Override
    @Nullable
    Object valueAcquire(int slot) {
        @Nullable Object[] entries = this.entries;
        return entries.length != 0 ? elementAcquire(entries, slot) : boxAcquire(slot);
    }

    /** {@link #valueAcquire} where values are numbers. */
    Object boxAcquire(int slot) {
        long number = numberAcquire(small, wide, slot);
        return mayBeMark(number) ? markOrNumber(slot) : boxValue(number);
    }

    /** A value that is a number, unless that {@link #mayBeMark}. */
    static long numberAcquire(int[] small, long[] wide, int slot) {
        return small.length != 0 ? smallAcquire(small, slot) : wideAcquire(wide, slot);
    }

    static int smallAcquire(int[] small, int slot) {
        return (int) SMALL.getAcquire(small, slot);
    }

    static long wideAcquire(long[] wide, int slot) {
        return (long) WIDE.getAcquire(wide, slot);
    }

    static boolean mayBeMark(long number) {
        return number == SMALL_MARK || number == WIDE_MARK;
    }

    private Object boxValue(long number) {
        return box(intValues, number);
    }

    static Object box(boolean isInt, long number) {
        if (isInt) {
            return (int) number;
        }
        return boxLong(number);
    }

    /**
     * As {@link Long#valueOf(long)}, which compares with both ends of its cache, the first time in effect by the sign: where numbers are random, so
     * is that, and the processor guesses every other one wrong. This compares once.
     */
    @SuppressWarnings({"deprecation", "BoxedPrimitiveConstructor"}) // not to look into the cache is what it is for
    private static Long boxLong(long number) {
        return ((number + 128) & -256) == 0 ? Long.valueOf(number) : new Long(number);
    }

    private Object markOrNumber(int slot) {
        for (Displaced at = displaced; at != null; at = at.next) {
            if (at.isIn(slot)) {
                return Displaced.MARK;
            }
        }
        return boxValue(numberAcquire(small, wide, slot));
    }

    @Override
    ValuePlace placeOf(int slot) {
        return new ValuePlace(this, slot, slot);
    }

    @Override
    void setValue(int slot, Object value) {
        @Nullable Object[] entries = this.entries;
        if (entries.length != 0) {
            setElementRelease(entries, slot, value);
        } else {
            setNumber(slot, value instanceof Long number ? number : (long) (Integer) value);
        }
    }

    /** Writes a number, which is accepted, with release. */
    void setNumber(int slot, long number) {
        int[] small = this.small;
        if (small.length != 0) {
            SMALL.setRelease(small, slot, (int) number);
        } else {
            WIDE.setRelease(wide, slot, number);
        }
    }

    @Override
    void clearValue(int slot) {
        if (entries.length != 0) {
            setElementRelease(entries, slot, null);
        }
    }

    @Override
    void mark(int slot) {
        if (entries.length != 0) {
            entries[slot] = Displaced.MARK;
        } else {
            setNumber(slot, small.length != 0 ? SMALL_MARK : WIDE_MARK);
        }
    }

    @Override
    void copyValue(int slot, Segment from, int fromSlot) {
        if (entries.length != 0) {
            entries[slot] = from.valueAt(fromSlot);
        } else if (from.entries.length != 0) {
            setValue(slot, from.valueAt(fromSlot)); // never a mark: see kindWith
        } else {
            setNumber(slot, from.small.length != 0 ? from.small[fromSlot] : from.wide[fromSlot]);
        }
    }

    @Override
    boolean copyValueAcquire(int slot, Segment from) {
        if (small.length != 0) {
            small[slot] = smallAcquire(from.small, slot);
        } else if (wide.length != 0) {
            wide[slot] = wideAcquire(from.wide, slot);
        } else {
            Object value = elementAcquire(from.entries, slot);
            entries[slot] = value;
            return value != null;
        }
        return true;
    }

    @Override
    boolean touchValue(int slot) {
        // as for a key; what was left there, too, may be a mark
        return entries.length != 0
                ? elementAcquire(entries, slot) == null
                : small.length != 0 ? smallAcquire(small, slot) != SMALL_MARK : wideAcquire(wide, slot) != WIDE_MARK;
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
                Object value = valueAcquire(home);
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
    @SuppressWarnings("ReferenceEquality") // the very same value
    long otherEntries(int word, long used, Segment other) {
        long found = 0;
        for (long left = used; left != 0; left &= left - 1) {
            int slot = word + Tags.first(left);
            boolean same = words[slot] == other.words[slot]
                    && (small.length != 0
                            ? small[slot] == other.small[slot]
                            : wide.length != 0 ? wide[slot] == other.wide[slot] : entries[slot] == other.entries[slot]);
            if (!same) {
                found |= Long.lowestOneBit(left);
            }
        }
        return found;
    }

    @Override
    void copyHashesInto(Segment copy) {}

    @Override
    Map.@Nullable Entry<Object, Object> entryAcquire(int slot) {
        if (entries.length == 0) {
            if (small.length != 0 && !ints && !intValues) {
                return new NumberEntry.LongToSmall(keyWordAcquire(words, slot), smallAcquire(small, slot));
            }
            return new NumberEntry.NumberToNumber(
                    ints, keyWordAcquire(words, slot), intValues, numberAcquire(small, wide, slot));
        }
        Object value = elementAcquire(entries, slot);
        if (value == null) {
            return null;
        }
        long key = keyWordAcquire(words, slot);
        return ints ? new NumberEntry.IntegerToObject((int) key, value) : new NumberEntry.LongToObject(key, value);
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
        return 4L * (entries.length + small.length) + 8L * (words.length + wide.length);
    }
}
