package io.sherd;

import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A segment for keys of any class: key and value lie side by side, and the hash beside them.
 *
 * <pre>
 *   entries  Object[2 * physical]  key, value, key, value, ...
 *   middle   char  [physical]      16 bits of the hash above the 7 that a tag keeps
 *   top      byte  [physical]      the top 8 bits; one for all slots where the prefix implies them (depth of 8 and more)
 * </pre>
 *
 * <p>Which of the two it is makes no branch: compiled code would be given up in the first table that is that deep, in the middle of its copy, and the rest of it be
 * interpreted.
 */
final class ObjectSegment extends Segment {
    /** From this depth on the prefix implies {@link #top}. */
    private static final int TOP_BITS = 8;

    private final byte[] top;

    /** What a slot is masked with to give its place in {@link #top}. */
    private final int topMask;

    ObjectSegment(Epochs epochs, int depth, int prefix, int slots) {
        super(epochs, SegmentKind.ANY, depth, prefix, slots);
        boolean implied = depth >= TOP_BITS;
        this.top = new byte[implied ? 1 : physical()];
        this.topMask = implied ? 0 : -1;
    }

    @Override
    boolean accepts(Object key) {
        return true;
    }

    @Override
    boolean acceptsValue(Object value) {
        return true;
    }

    @Override
    @Nullable
    Object valueAcquire(int slot) {
        return elementAcquire(entries, 2 * slot + 1);
    }

    @Override
    ValuePlace placeOf(int slot) {
        return new ValuePlace(this, slot, 2 * slot + 1);
    }

    @Override
    void setValue(int slot, Object value) {
        setElementRelease(entries, 2 * slot + 1, value);
    }

    @Override
    void clearValue(int slot) {
        setElementRelease(entries, 2 * slot + 1, null);
    }

    @Override
    void mark(int slot) {
        entries[2 * slot + 1] = Displaced.MARK;
    }

    @Override
    void copyValue(int slot, Segment from, int fromSlot) {
        entries[2 * slot + 1] = from.valueAt(fromSlot);
    }

    @Override
    boolean copyValueAcquire(int slot, Segment from) {
        Object value = from.valueAcquire(slot);
        entries[2 * slot + 1] = value;
        return value != null;
    }

    @Override
    boolean touchValue(int slot) {
        return valueAcquire(slot) == null;
    }

    @Override
    Object keyAt(int slot) {
        return Objects.requireNonNull(entries[2 * slot]);
    }

    @Override
    @Nullable
    Object keyAcquire(int slot) {
        return elementAcquire(entries, 2 * slot);
    }

    @Override
    int hashAt(int slot) {
        return ((top[slot & topMask] & 0xff) << 23) | (middle[slot] << 7) | (tags[slot] & Tags.HASH_BITS);
    }

    @Override
    boolean isAt(int slot, Object key) {
        return isKey(elementAcquire(entries, 2 * slot), key);
    }

    @Override
    @Nullable
    Object get(int hash, Object key) {
        int home = home(hash);
        int tag = Tags.of(hash);
        int stamp = stampAcquire();
        long word = Tags.wordAcquire(tags, home);
        if (stamp < 0) {
            return search(hash, key, 0, home);
        }
        if ((word & 0xff) == tag) {
            if (isKey(elementAcquire(entries, 2 * home), key)) {
                Object value = elementAcquire(entries, 2 * home + 1);
                if (stampOpaque() == stamp && !Displaced.isMark(value)) {
                    return value;
                }
            }
        } else if (Tags.matching(word, Tags.patternOf(tag)) == 0 && Tags.empty(word) != 0 && overflow == null) {
            return null;
        }
        return search(hash, key, 0, home);
    }

    @Override
    void setKey(int slot, int hash, Object key) {
        VarHandle.releaseFence(); // a reader who meets the new hash sees what was written before it
        setHash(slot, hash);
        setElementRelease(entries, 2 * slot, key);
    }

    private void setHash(int slot, int hash) {
        middle[slot] = middleOf(hash);
        top[slot & topMask] = (byte) (hash >>> 23);
    }

    @Override
    void copyKey(int slot, int hash, Segment from, int fromSlot) {
        setHash(slot, hash);
        entries[2 * slot] = from.keyAt(fromSlot);
    }

    @Override
    boolean copyKeyAcquire(int slot, Segment from) {
        ObjectSegment other = (ObjectSegment) from;
        Object key = elementAcquire(other.entries, 2 * slot);
        entries[2 * slot] = key;
        middle[slot] = other.middle[slot];
        top[slot & topMask] = other.top[slot & topMask];
        VarHandle.acquireFence(); // else the stamp could be read before these
        return key != null;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very same entry
    long otherEntries(int word, long used, Segment other) {
        long found = 0;
        for (long left = used; left != 0; left &= left - 1) {
            int at = 2 * (word + Tags.first(left));
            if (entries[at] != other.entries[at] || entries[at + 1] != other.entries[at + 1]) {
                found |= Long.lowestOneBit(left);
            }
        }
        return found;
    }

    @Override
    void copyHashesInto(Segment copy) {
        ObjectSegment other = (ObjectSegment) copy;
        System.arraycopy(middle, 0, other.middle, 0, middle.length);
        System.arraycopy(top, 0, other.top, 0, top.length);
    }

    @Override
    Map.@Nullable Entry<Object, Object> entryAcquire(int slot) {
        Object key = elementAcquire(entries, 2 * slot);
        Object value = elementAcquire(entries, 2 * slot + 1);
        return key == null || value == null ? null : Map.entry(key, value);
    }

    @Override
    void clearKey(int slot) {
        setElementRelease(entries, 2 * slot, null);
    }

    @Override
    boolean touchKey(int slot) {
        // a hash that is all ones there is as good as any, and the place is then looked for again
        return middle[slot] != Character.MAX_VALUE;
    }

    @Override
    long entryBytes() {
        return 4L * entries.length + 2L * middle.length + top.length;
    }
}
