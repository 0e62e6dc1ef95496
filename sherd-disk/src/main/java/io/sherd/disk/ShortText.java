package io.sherd.disk;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;

/**
 * A key that is a short string of ASCII characters, in words: those that its {@link Bits#hash(byte[], int, long) hash} is made of are also those by which
 * it is compared with the key of a record, and no array of bytes is made, written and read again.
 *
 * <pre>
 * first                              bytes 0 to 8
 * second    if longer than 16 bytes  bytes 8 to 16
 * previous  if longer than 16 bytes  the eight bytes before the last ones
 * last                               the last eight bytes
 * </pre>
 *
 * <p>The time of a look-up in a large map is that of its misses in the caches, and those of several look-ups in a row overlap as far as the processor has room for all their instructions:
 * so this has no loop but for characters left over from the words, and is to be inlined whole, with no object left.
 */
final class ShortText {
    static final int MIN_LENGTH = 8;
    static final int MAX_LENGTH = 32;

    private static final long TAIL_FLAG = 0x8000_0000_0000_0000L;

    private final int length;
    private final long first;
    private final long second;
    private final long previous;
    private final long last;

    /** All characters, joined. */
    private final long seen;

    /** Whether a string can be looked at as one. */
    static boolean fits(String text) {
        int length = text.length();
        return length >= MIN_LENGTH && length <= MAX_LENGTH;
    }

    ShortText(String text) {
        char[] chars = text.toCharArray();
        MemorySegment source = MemorySegment.ofArray(chars);
        int count = chars.length;
        long start = word(source, 0);
        long next = 0;
        long beforeEnd = 0;
        long end = start;
        long joined = characters(source, 0);
        if (count >= 16) {
            next = word(source, 8);
            beforeEnd = start;
            end = next;
            joined |= characters(source, 8);
        }
        if (count >= 24) {
            beforeEnd = next;
            end = word(source, 16);
            joined |= characters(source, 16);
        }
        if (count == 32) {
            beforeEnd = end;
            end = word(source, 24);
            joined |= characters(source, 24);
        }
        int rest = count & 7;
        if (rest != 0) {
            long tail = tail(chars, count - rest);
            joined |= tail & TAIL_FLAG;
            beforeEnd = from(beforeEnd, end, rest);
            end = from(end, tail, rest);
        }
        this.length = count;
        this.first = start;
        this.second = next;
        this.previous = beforeEnd;
        this.last = end;
        this.seen = joined;
    }

    private static long word(MemorySegment chars, int at) {
        return AsciiChars.pack(AsciiChars.four(chars, at), AsciiChars.four(chars, at + 4));
    }

    /** The same characters, joined, by the same loads. */
    private static long characters(MemorySegment chars, int at) {
        return AsciiChars.four(chars, at) | AsciiChars.four(chars, at + 4);
    }

    /** The last characters, fewer than eight, in a word; or -1, which is not ASCII, if they are not. */
    private static long tail(char[] chars, int from) {
        long tail = 0;
        int joined = 0;
        for (int i = from; i < chars.length; i++) {
            joined |= chars[i];
            tail |= (long) chars[i] << (i << 3);
        }
        return AsciiChars.areAscii(joined) ? tail : -1;
    }

    /** The eight bytes from one on in two words, the number of which is 1 to 7. */
    private static long from(long low, long high, int number) {
        return low >>> (number << 3) | high << (64 - (number << 3));
    }

    /** Whether this is right: all characters are ASCII. */
    boolean isAscii() {
        return AsciiChars.areAscii(seen);
    }

    int length() {
        return length;
    }

    /** The same as that of the bytes, given {@link Bits#start} and {@link Bits#end} of the salt. */
    long hash(long start, long end) {
        return length > 16
                ? Bits.hash(first, second, previous, last, length, start, end)
                : Bits.hash(first, last, length, start, end);
    }

    byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        if (length > 16) {
            bytes.putLong(8, second).putLong(length - 16, previous);
        }
        return bytes.putLong(0, first).putLong(length - 8, last).array();
    }

    /** Whether these bytes stand at an offset, where there are as many. */
    boolean isAt(MappedByteBuffer bytes, int offset) {
        int end = offset + length;
        long differences = (bytes.getLong(offset) ^ first) | (bytes.getLong(end - 8) ^ last);
        if (length > 16) {
            differences |= bytes.getLong(offset + 8) ^ second;
        }
        if (length > 24) {
            differences |= bytes.getLong(end - 16) ^ previous;
        }
        return differences == 0;
    }
}
