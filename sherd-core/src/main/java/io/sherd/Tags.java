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

    /** The bits of a tag that are those of the hash. */
    static final int HASH_BITS = 0x7f;

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

    /**
     * The tag of a hash, as an unsigned number: its low 8 bits, but for the two that say that no entry is there, of which the top
     * one is set.
     */
    static int of(int hash) {
        int low = hash & 0xff;
        return low > DELETED ? low : low | 0x80;
    }

    /** Whether a tag is that of an entry. */
    static boolean isUsed(byte tag) {
        return (tag & 0xff) > DELETED;
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

    /** The top bits of the bytes that are equal to those of the pattern, and rarely of some above one. */
    static long matching(long word, long pattern) {
        return zeros(word ^ pattern);
    }

    /** The top bits of the bytes that are 0, and at times of a 1 above one: the first is right. */
    static long empty(long word) {
        return zeros(word);
    }

    /** The top bits of the bytes that are 1, and at times of a 0 above one: the first is right. */
    static long deleted(long word) {
        return zeros(word ^ EACH * DELETED);
    }

    private static long zeros(long word) {
        return (word - EACH) & ~word & HIGH;
    }

    /** The top bits of the bytes that two words do not have in common. */
    static long different(long one, long other) {
        long bits = one ^ other;
        return (((bits & ~HIGH) + ~HIGH) | bits) & HIGH;
    }

    /** The top bits of the bytes that are tags of entries. */
    static long used(long word) {
        return ((word >>> 1 & ~HIGH) + ~HIGH) & HIGH;
    }

    /** The bytes that are not tags of entries. */
    static long free(long word) {
        return used(word) ^ HIGH;
    }

    /** The top bits of bytes side by side: in bit i that of byte i, and zeros above. */
    static long bits(long tops) {
        return ((tops >>> 7) * 0x0102040810204080L) >>> 56;
    }

    /** The first byte whose top bit is set. */
    static int first(long bits) {
        return Long.numberOfTrailingZeros(bits) >>> 3;
    }
}
