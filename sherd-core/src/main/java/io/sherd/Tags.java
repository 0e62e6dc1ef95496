package io.sherd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The tags of slots, a byte each, and what can be said of eight at once in a word.
 *
 * <p>The answers about a word have the top bit of a byte set where something is true of that byte.
 */
final class Tags {
    /** The number of tags in a word. */
    static final int WORD = Long.BYTES;

    static final byte EMPTY = 0;
    static final byte DELETED = 1;

    /** Set in the tags of slots in use. */
    static final int USED = 0x80;

    private static final long EACH = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;

    private static final VarHandle BYTES = MethodHandles.arrayElementVarHandle(byte[].class);
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Tags() {}

    static byte getAcquire(byte[] tags, int slot) {
        return (byte) BYTES.getAcquire(tags, slot);
    }

    static void setRelease(byte[] tags, int slot, byte tag) {
        BYTES.setRelease(tags, slot, tag);
    }

    /** The tag of a hash, as an unsigned number. */
    static int of(int hash) {
        return (hash & 0x7f) | USED;
    }

    /** Eight tags from a slot on, the first in the lowest byte. */
    static long wordPlain(byte[] tags, int slot) {
        return (long) WORDS.get(tags, slot);
    }

    /** The same, read before whatever is read next: else a key could be read before its tag, and not be there yet. */
    static long wordAcquire(byte[] tags, int slot) {
        long word = (long) WORDS.get(tags, slot);
        VarHandle.acquireFence();
        return word;
    }

    static long patternOf(int tag) {
        return tag * EACH;
    }

    /** The top bits of the bytes that are equal to those of the pattern, and rarely of one more. */
    static long matching(long word, long pattern) {
        long difference = word ^ pattern;
        return (difference - EACH) & ~difference & HIGH;
    }

    /** The top bits of the bytes that are 0. */
    static long empty(long word) {
        return ~(word | (word << 7)) & HIGH;
    }

    static long deleted(long word) {
        return ~word & (word << 7) & HIGH;
    }

    /** The top bits of the bytes that are tags of entries. */
    static long used(long word) {
        return word & HIGH;
    }

    /** The first byte whose top bit is set. */
    static int first(long bits) {
        return Long.numberOfTrailingZeros(bits) >>> 3;
    }

    /** The bytes that are not tags of entries. */
    static long free(long word) {
        return ~word & HIGH;
    }
}
