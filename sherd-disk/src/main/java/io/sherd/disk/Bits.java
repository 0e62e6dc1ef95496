package io.sherd.disk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;

/** How the bytes of files are read and written, hashed and summed: always little-endian, eight at a time where possible. */
final class Bits {
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Ordered access to an aligned word of a buffer. */
    static final VarHandle ORDERED = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private static final VarHandle ARRAY_LONG = MethodHandles.byteArrayViewVarHandle(
                    long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle ARRAY_INT = MethodHandles.byteArrayViewVarHandle(
                    int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    // odd, with about as many ones as zeros in every byte
    private static final long M0 = 0x9ae16a3b2f90404fL;
    private static final long M1 = 0xc3a5c85c97cb3127L;
    private static final long M2 = 0xb492b66fbe98f273L;

    private Bits() {}

    static long word(byte[] bytes, int offset) {
        return (long) ARRAY_LONG.get(bytes, offset);
    }

    static int half(byte[] bytes, int offset) {
        return (int) ARRAY_INT.get(bytes, offset);
    }

    /** Multiplies to 128 bits and folds the halves: every bit of both factors reaches the low and the high end. */
    static long fold(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }

    /**
     * The hash of a key that is one word. Folded twice: after one product by a salted factor, keys that follow one another lie at equal distances, and
     * one salt of a hundred puts them all into a part of the shards and slots.
     */
    static long hash(long key, long salt) {
        return fold(fold(key ^ salt ^ M0, M1 ^ salt << 1) ^ M2, M0 ^ salt << 1);
    }

    /** The hash of a key that is the first {@code length} of some bytes. */
    static long hash(byte[] key, int length, long salt) {
        long state = start(salt);
        int i = 0;
        for (; length - i > 16; i += 16) {
            state = fold(word(key, i) ^ M1, word(key, i + 8) ^ state);
        }
        long a;
        long b;
        if (length >= 16) {
            a = word(key, length - 16);
            b = word(key, length - 8);
        } else if (length >= 8) {
            a = word(key, 0);
            b = word(key, length - 8);
        } else if (length >= 4) {
            a = half(key, 0);
            b = half(key, length - 4);
        } else {
            a = length > 0 ? key[0] | key[length >> 1] << 8 | key[length - 1] << 16 : 0;
            b = 0;
        }
        return hash(a, b, length, state, end(salt));
    }

    /**
     * The end of a hash of bytes, and all of that of 8 to 16: of two words, the last ones or the first and the last, and of the state before, {@link #start} of the salt at first; {@link #end} of the salt.
     */
    static long hash(long first, long last, int length, long state, long end) {
        return fold(end ^ length, fold(first ^ M1, last ^ state));
    }

    /** The same hash for 17 to 32 bytes, of which the first two and the last two words are given. */
    static long hash(long first, long second, long previous, long last, int length, long start, long end) {
        return hash(previous, last, length, fold(first ^ M1, second ^ start), end);
    }

    /** What a salt is to the first words. */
    static long start(long salt) {
        return salt ^ M0;
    }

    /** What a salt is to the length. */
    static long end(long salt) {
        return M2 ^ salt << 1;
    }

    /**
     * The checksum of whole words. A plain loop: the platform's CRC over a mapping would end the process if the file were cut
     * short, where these reads throw.
     */
    static int sum(MappedByteBuffer bytes, int offset, int length, long seed) {
        long sum = sum64(bytes, offset, length, seed);
        return (int) (sum ^ sum >>> 32);
    }

    static long sum64(MappedByteBuffer bytes, int offset, int length, long seed) {
        long state = seed;
        int i = offset;
        int end = offset + length;
        for (; i + 16 <= end; i += 16) {
            state = addPair(state, bytes.getLong(i), bytes.getLong(i + 8));
        }
        if (i < end) {
            state = addLast(state, bytes.getLong(i));
        }
        return endSum(state);
    }

    static long sum64(MemorySegment bytes, long offset, long length, long seed) {
        long state = seed;
        long i = offset;
        long end = offset + length;
        for (; i + 16 <= end; i += 16) {
            state = addPair(state, bytes.get(LONG, i), bytes.get(LONG, i + 8));
        }
        if (i < end) {
            state = addLast(state, bytes.get(LONG, i));
        }
        return endSum(state);
    }

    /** The checksum of words in an array, equal to that of their bytes. */
    static int sum(long[] words, int from, int to, long seed) {
        long state = seed;
        int i = from;
        for (; i + 2 <= to; i += 2) {
            state = addPair(state, words[i], words[i + 1]);
        }
        if (i < to) {
            state = addLast(state, words[i]);
        }
        long sum = endSum(state);
        return (int) (sum ^ sum >>> 32);
    }

    /** The state of a sum with two more words. */
    static long addPair(long state, long first, long second) {
        return fold(first ^ M0, second ^ state);
    }

    /** The state of a sum with a last word that has no second. */
    static long addLast(long state, long last) {
        return fold(last ^ M2, state ^ M1);
    }

    static long endSum(long state) {
        return fold(state ^ M0, M1);
    }

    /** A seed for sums, of two numbers. */
    static long seed(long a, long b) {
        return fold(a ^ M2, b ^ M0);
    }

    /** Writes bytes into a buffer. */
    static void write(MappedByteBuffer target, int offset, byte[] bytes) {
        int length = bytes.length;
        if (length < 8 || length > 128) {
            target.put(offset, bytes, 0, length);
            return;
        }
        for (int i = 0; i + 8 <= length; i += 8) {
            target.putLong(offset + i, word(bytes, i));
        }
        target.putLong(offset + length - 8, word(bytes, length - 8));
    }

    /** Whether a buffer has these bytes at an offset. */
    static boolean equal(MappedByteBuffer source, int offset, byte[] bytes) {
        int length = bytes.length;
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            if (source.getLong(offset + i) != word(bytes, i)) {
                return false;
            }
        }
        if (i == length) {
            return true;
        }
        if (length >= 8) {
            return source.getLong(offset + length - 8) == word(bytes, length - 8);
        }
        for (; i < length; i++) {
            if (source.get(offset + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether two buffers have the same bytes at their offsets. */
    static boolean equal(MappedByteBuffer a, int offsetA, MappedByteBuffer b, int offsetB, int length) {
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            if (a.getLong(offsetA + i) != b.getLong(offsetB + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (a.get(offsetA + i) != b.get(offsetB + i)) {
                return false;
            }
        }
        return true;
    }
}
