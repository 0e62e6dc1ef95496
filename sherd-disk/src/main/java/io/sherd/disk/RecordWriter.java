package io.sherd.disk;

import java.nio.MappedByteBuffer;

/** Writes the content of one record, word by word, and sums the words as {@link Bits#sum} would. */
final class RecordWriter {
    private final MappedByteBuffer target;
    private int at;
    private long sum;

    /** The word before, where it is the first of a pair. */
    private long first;

    private boolean odd;

    /** Bytes that do not make a whole word yet, and how many bits they are. */
    private long rest;

    private int restBits;

    RecordWriter(MappedByteBuffer target, int at, long seed) {
        this.target = target;
        this.at = at;
        this.sum = seed;
    }

    void word(long word) {
        if (restBits == 0) {
            put(word);
        } else {
            put(rest | word << restBits);
            rest = word >>> (Long.SIZE - restBits);
        }
    }

    void half(int half) {
        part(half & 0xffffffffL, Integer.SIZE);
    }

    void bytes(byte[] bytes) {
        int length = bytes.length;
        int i = 0;
        if (restBits == 0) {
            for (; i + 8 <= length; i += 8) {
                put(Bits.word(bytes, i));
            }
        } else {
            long carry = rest;
            int bits = restBits;
            for (; i + 8 <= length; i += 8) {
                long word = Bits.word(bytes, i);
                put(carry | word << bits);
                carry = word >>> (Long.SIZE - bits);
            }
            rest = carry;
        }
        if (i == length) {
            return;
        }
        int bits = (length - i) << 3;
        if (length >= 8) {
            part(Bits.word(bytes, length - 8) >>> (Long.SIZE - bits), bits);
            return;
        }
        long word = 0;
        for (int shift = 0; i < length; i++, shift += 8) {
            word |= (bytes[i] & 0xffL) << shift;
        }
        part(word, bits);
    }

    /** Writes what is left, filled up with zeros; answers the sum of all. */
    int end() {
        if (restBits != 0) {
            put(rest);
        }
        long result = Bits.endSum(odd ? Bits.addLast(sum, first) : sum);
        return (int) (result ^ result >>> 32);
    }

    /** Adds less than a word. */
    private void part(long word, int bits) {
        long joined = rest | word << restBits;
        int total = restBits + bits;
        if (total >= Long.SIZE) {
            put(joined);
            total -= Long.SIZE;
            rest = total == 0 ? 0 : word >>> (bits - total);
        } else {
            rest = joined;
        }
        restBits = total;
    }

    private void put(long word) {
        target.putLong(at, word);
        at += Long.BYTES;
        if (odd) {
            sum = Bits.addPair(sum, first, word);
        } else {
            first = word;
        }
        odd = !odd;
    }
}
