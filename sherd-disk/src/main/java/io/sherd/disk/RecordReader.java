package io.sherd.disk;

import java.nio.MappedByteBuffer;
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

    int keyOffset(int offset) {
        return offset + keyStart;
    }

    int keyLength(MappedByteBuffer bytes, int offset) {
        return fixedKey != 0 ? fixedKey : bytes.getInt(offset + Records.HEADER);
    }

    /** Whether a record's length leaves room for its key, and for what its type needs behind. */
    boolean isPlausible(MappedByteBuffer bytes, int offset, long header) {
        int length = Records.length(header);
        int type = Records.type(header);
        if (type == Records.CLEAR) {
            return length == Long.BYTES;
        }
        if (type == Records.GROUP) {
            return length == Records.GROUP_CONTENT;
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

    /**
     * The same for a record whose beginning is in an array, without the types that are seldom: for those it answers false. There is
     * at least one word of content.
     */
    boolean isPlausibleEntry(long[] words, int at, long header) {
        int type = Records.type(header);
        int start = keyStart - Records.HEADER;
        int key = fixedKey != 0 ? fixedKey : (int) words[at + 1];
        int rest = Records.length(header) - start - key;
        return key >= 0 && rest >= 0 && (type == Records.PUT || (type == Records.REMOVE && rest == 0));
    }

    boolean hasKey(MappedByteBuffer bytes, int offset, long keyWord, byte @Nullable [] key) {
        if (key == null) {
            return bytes.getLong(offset + Records.HEADER) == keyWord;
        }
        return (fixedKey != 0 || bytes.getInt(offset + Records.HEADER) == key.length)
                && Bits.equal(bytes, offset + keyStart, key);
    }

    /** The same for a short string, where keys differ in length. */
    static boolean hasKey(MappedByteBuffer bytes, int offset, ShortText key) {
        return bytes.getInt(offset + Records.HEADER) == key.length()
                && key.isAt(bytes, offset + Records.HEADER + Integer.BYTES);
    }

    boolean sameKey(MappedByteBuffer a, int offsetA, MappedByteBuffer b, int offsetB) {
        if (wordKeys) {
            return a.getLong(offsetA + Records.HEADER) == b.getLong(offsetB + Records.HEADER);
        }
        int length = keyLength(a, offsetA);
        return keyLength(b, offsetB) == length && Bits.equal(a, keyOffset(offsetA), b, keyOffset(offsetB), length);
    }

    /** Copies a record's key into an array that is long enough. */
    int copyKey(MappedByteBuffer bytes, int offset, byte[] target) {
        int length = keyLength(bytes, offset);
        bytes.get(keyOffset(offset), target, 0, length);
        return length;
    }

    int valueOffset(MappedByteBuffer bytes, int offset) {
        return keyOffset(offset) + keyLength(bytes, offset);
    }

    int valueLength(MappedByteBuffer bytes, int offset, long header) {
        return Records.length(header) - (keyStart - Records.HEADER) - keyLength(bytes, offset);
    }

    /** Where a value is: in the log, or in a file of its own. */
    record Value(MappedByteBuffer bytes, int offset, int length) {}

    /** The place of a record's value; null if its file was deleted, which says that the record is dead. */
    @Nullable
    Value value(MappedByteBuffer bytes, int offset) {
        long header = Records.header(bytes, offset);
        if (Records.type(header) == Records.PUT_LARGE) {
            DataFile large = log.largeOf(bytes, offset, header);
            int reference = valueOffset(bytes, offset);
            return large == null
                    ? null
                    : new Value(large.bytes, DataFile.HEADER, (int) bytes.getLong(reference + Long.BYTES));
        }
        return new Value(bytes, valueOffset(bytes, offset), valueLength(bytes, offset, header));
    }
}
