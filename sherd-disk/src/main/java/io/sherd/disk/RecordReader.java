package io.sherd.disk;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Finds the parts of records, given how long keys are. A key is one word, or bytes. */
final class RecordReader {
    final Log log;

    /** Whether keys are words; no array is made for one then. */
    final boolean wordKeys;

    /** The length of every key, or 0 if they differ and each is preceded by its length. */
    final int fixedKey;

    private final int keyStart;

    RecordReader(Log log, boolean wordKeys, int fixedKey) {
        this.log = log;
        this.wordKeys = wordKeys;
        this.fixedKey = fixedKey;
        this.keyStart = Records.HEADER + (fixedKey == 0 ? Integer.BYTES : 0);
    }

    boolean hasPrefix() {
        return fixedKey == 0;
    }

    long keyOffset(long offset) {
        return offset + keyStart;
    }

    int keyLength(MemorySegment bytes, long offset) {
        return fixedKey != 0 ? fixedKey : bytes.get(Bits.INT, offset + Records.HEADER);
    }

    /** Whether a record's length leaves room for its key, and for what its type needs behind. */
    boolean isPlausible(MemorySegment bytes, long offset, long header) {
        int length = Records.length(header);
        int type = Records.type(header);
        if (type == Records.CLEAR) {
            return length == Long.BYTES;
        }
        if (type != Records.PUT && type != Records.REMOVE && type != Records.PUT_LARGE) {
            return false;
        }
        int start = keyStart - Records.HEADER;
        if (length < start) {
            return false;
        }
        int key = keyLength(bytes, offset);
        int rest = length - start - key;
        return key >= 0
                && rest >= 0
                && (type != Records.REMOVE || rest == 0)
                && (type != Records.PUT_LARGE || rest == Records.REFERENCE);
    }

    boolean hasKey(MemorySegment bytes, long offset, long keyWord, byte @Nullable [] key) {
        if (key == null) {
            return bytes.get(Bits.LONG, offset + Records.HEADER) == keyWord;
        }
        return (fixedKey != 0 || bytes.get(Bits.INT, offset + Records.HEADER) == key.length)
                && Bits.equal(bytes, offset + keyStart, key);
    }

    boolean sameKey(MemorySegment a, long offsetA, MemorySegment b, long offsetB) {
        if (wordKeys) {
            return a.get(Bits.LONG, offsetA + Records.HEADER) == b.get(Bits.LONG, offsetB + Records.HEADER);
        }
        int length = keyLength(a, offsetA);
        long from = keyOffset(offsetA);
        long otherFrom = keyOffset(offsetB);
        return keyLength(b, offsetB) == length
                && MemorySegment.mismatch(a, from, from + length, b, otherFrom, otherFrom + length) < 0;
    }

    /** Copies a record's key into an array that is long enough. */
    int copyKey(MemorySegment bytes, long offset, byte[] target) {
        int length = keyLength(bytes, offset);
        MemorySegment.copy(bytes, Bits.BYTE, keyOffset(offset), target, 0, length);
        return length;
    }

    long valueOffset(MemorySegment bytes, long offset) {
        return keyOffset(offset) + keyLength(bytes, offset);
    }

    int valueLength(MemorySegment bytes, long offset, long header) {
        return Records.length(header) - (keyStart - Records.HEADER) - keyLength(bytes, offset);
    }

    /** Where a value is: in the log, or in a file of its own. */
    record Value(MemorySegment bytes, long offset, int length) {}

    /** The place of a record's value; null if its file was deleted, which says that the record is dead. */
    @Nullable
    Value value(MemorySegment bytes, long offset) {
        long header = Records.header(bytes, offset);
        if (Records.type(header) == Records.PUT_LARGE) {
            DataFile large = log.largeOf(bytes, offset, header);
            long reference = valueOffset(bytes, offset);
            return large == null
                    ? null
                    : new Value(large.bytes, DataFile.HEADER, (int) bytes.get(Bits.LONG, reference + Long.BYTES));
        }
        return new Value(bytes, valueOffset(bytes, offset), valueLength(bytes, offset, header));
    }
}
