package io.sherd.disk;

import io.sherd.disk.Lane.Position;
import java.nio.MappedByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a record in the log.
 *
 * <pre>
 * 0   u32  checksum of the type and length and of everything behind, seeded by the file and the offset
 * 4   u32  type in the upper 4 bits, length of the content in the lower 28
 * 8   u32  length of the key, where keys differ in length
 * ..       key
 * ..       value, or for a large value the reference to its file
 * ..       zeros up to a multiple of 8
 * </pre>
 *
 * <p>A reference to a large value is 24 bytes: u64 number of the file, u64 length of the value, u64 checksum
 * of the value. A record that clears a shard
 * has u32 bits and u32 index as content: all keys go whose hash begins with these bits.
 *
 * <p>A record that begins a group is 24 bytes: u64 sequence of the file and u32 offset where the first group of the same
 * transaction begins, u32 number of its groups, u64 bytes of the records of this one, which follow.
 */
final class Records {
    /** Nothing was written here yet. */
    static final int NONE = 0;

    /** A key has a value. */
    static final int PUT = 1;

    /** A key has none. */
    static final int REMOVE = 2;

    /** A key has a value that is in a file of its own. */
    static final int PUT_LARGE = 3;

    /** No key of a shard has a value. */
    static final int CLEAR = 4;

    /** The records that follow are a part of a transaction. */
    static final int GROUP = 5;

    /** The lane goes on in its next file. The only record with no content. */
    static final int END = 15;

    static final int HEADER = 8;
    static final int REFERENCE = 24;
    static final int GROUP_CONTENT = 24;
    static final int MAX_KEY = 1 << 16;
    static final int MAX_VALUE = 1 << 30;
    static final int MAX_CONTENT = (1 << 28) - 1;

    private Records() {}

    static int type(long header) {
        return (int) (header >>> 60);
    }

    /** The length of the content. */
    static int length(long header) {
        return (int) (header >>> 32) & MAX_CONTENT;
    }

    /** Whether a record gives a key a value, with this length of the content. */
    static boolean isPut(long header, int length) {
        return length <= MAX_CONTENT && (int) (header >>> 32) == (PUT << 28 | length);
    }

    /** The bytes that a record with so much content takes in all. */
    static int size(int length) {
        return HEADER + (length + 7 & ~7);
    }

    static long header(MappedByteBuffer file, int offset) {
        return file.getLong(offset);
    }

    /**
     * Writes the content of a record and answers its header. The checksum is made of the words on their way: read again from
     * memory, they would have to wait until their stores, which do not begin where the words do, have left the processor.
     */
    static long write(
            MappedByteBuffer file,
            int offset,
            int type,
            long keyWord,
            byte @Nullable [] key,
            boolean prefixed,
            long valueWord,
            byte @Nullable [] value,
            int valueLength,
            long seed) {
        int length = (key == null ? Long.BYTES : (prefixed ? Integer.BYTES : 0) + key.length) + valueLength;
        int typeAndLength = type << 28 | length;
        RecordWriter writer = new RecordWriter(file, offset + HEADER, recordSeed(seed, offset, typeAndLength));
        if (key == null) {
            writer.word(keyWord);
        } else {
            if (prefixed) {
                writer.half(key.length);
            }
            writer.bytes(key);
        }
        if (value != null) {
            writer.bytes(value);
        } else if (valueLength != 0) {
            writer.word(valueWord);
        }
        return (writer.end() & 0xffffffffL) | (long) typeAndLength << 32;
    }

    /** Writes the content of a record that begins a group, and answers its header. */
    static long writeGroup(MappedByteBuffer file, int offset, Position first, int groups, long bytes, long seed) {
        file.putLong(offset + HEADER, first.sequence());
        file.putLong(offset + HEADER + 8, first.offset() | (long) groups << 32);
        file.putLong(offset + HEADER + 16, bytes);
        return seal(file, offset, GROUP, GROUP_CONTENT, seed);
    }

    /** Where the first group of the transaction begins that a group is of. */
    static Position firstGroup(MappedByteBuffer file, int offset) {
        return new Position(file.getLong(offset + HEADER), file.getInt(offset + HEADER + 8));
    }

    /** How many groups a transaction has. */
    static int groups(MappedByteBuffer file, int offset) {
        return file.getInt(offset + HEADER + 12);
    }

    /** The bytes of the records of a group. */
    static long groupBytes(MappedByteBuffer file, int offset) {
        return file.getLong(offset + HEADER + 16);
    }

    /** The header of a record whose content is in place. */
    static long seal(MappedByteBuffer file, int offset, int type, int length, long seed) {
        int typeAndLength = type << 28 | length;
        int sum = Bits.sum(file, offset + HEADER, length + 7 & ~7, recordSeed(seed, offset, typeAndLength));
        return (sum & 0xffffffffL) | (long) typeAndLength << 32;
    }

    /** Whether the record at an offset is one that was written there whole; its length must lie within the file. */
    static boolean isSound(MappedByteBuffer file, int offset, long header, long seed) {
        return seal(file, offset, type(header), length(header), seed) == header;
    }

    /** The same for a record whose words, as many as its header says, are in an array. */
    static boolean isSound(long[] words, int at, int offset, long header, long seed) {
        int sum = Bits.sum(
                words, at + 1, at + (size(length(header)) >>> 3), recordSeed(seed, offset, (int) (header >>> 32)));
        return sum == (int) header;
    }

    private static long recordSeed(long seed, int offset, int typeAndLength) {
        return seed ^ ((long) offset << 32 | (typeAndLength & 0xffffffffL)) * 0x9fb21c651e98df25L;
    }
}
