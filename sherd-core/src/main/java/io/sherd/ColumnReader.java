package io.sherd;

import io.sherd.codec.Codec;
import io.sherd.spi.ArrayCodec;
import io.sherd.spi.WordCodec;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the column of keys, or that of values, of one block after the other; see {@link ImageFormat}. Used by one thread. */
final class ColumnReader<T> {
    private final String role;
    private final Codec<T> codec;
    private final int fixed;
    private final int leastWidth;
    private final byte[] oneWord = new byte[Long.BYTES];

    private ImageBlock block;
    private ByteBuffer buffer;
    private boolean packed;
    private int at;
    private int end;
    private int width;
    private long base;
    private long mask;

    /**
     * Creates a reader.
     *
     * @param leastWidth the least width of packed numbers: keys are not all equal, so theirs is not 0
     */
    ColumnReader(String role, Codec<T> codec, int leastWidth, ImageBlock block) {
        this.role = role;
        this.codec = codec;
        this.fixed = codec.fixedSize();
        this.leastWidth = leastWidth;
        this.block = block;
        this.buffer = ByteBuffer.wrap(oneWord);
    }

    /** Begins a column that fills a part of the block's payload, and looks whether it can have so many entries. */
    void open(int from, int to, int count) throws CorruptImageException {
        at = from;
        end = to;
        if (from >= to) {
            throw block.corrupt(from, "the " + role + " column has no bytes");
        }
        int encoding = block.bytes()[at++];
        long length;
        switch (encoding) {
            case ImageFormat.RAW -> {
                packed = false;
                length = fixed > 0 ? (long) fixed * count : Math.max(end - at, (long) count);
                buffer = ByteBuffer.wrap(block.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            }
            case ImageFormat.PACKED -> {
                packed = true;
                if (fixed != Long.BYTES) {
                    throw block.corrupt(
                            from,
                            "the " + role + " column is packed, but the codec " + codec.identity()
                                    + " does not write eight bytes");
                }
                if (end - from < ImageFormat.PACKED_HEADER) {
                    throw block.corrupt(from, "the " + role + " column is too short to be packed");
                }
                width = block.bytes()[at++];
                if (width < leastWidth || width > Long.BYTES) {
                    throw block.corrupt(
                            at - 1,
                            "the " + role + " column has width " + width + ", but " + leastWidth + " to 8 are allowed");
                }
                base = ImageFormat.getLong(block.bytes(), at);
                at += Long.BYTES;
                mask = width == 0 ? 0 : -1L >>> (Long.SIZE - Byte.SIZE * width);
                length = (long) width * count;
            }
            default ->
                throw block.corrupt(
                        from, "the " + role + " column has encoding " + encoding + ", but only 0 and 1 are known");
        }
        if (length != end - at) {
            throw block.corrupt(
                    from,
                    "the " + role + " column has " + (end - at) + " bytes, but " + count + " entries take "
                            + (fixed > 0 ? "" : "at least ") + length);
        }
    }

    /** The next object; there is one if the caller counts. */
    T next() throws CorruptImageException {
        if (packed) {
            long word = base + (ImageFormat.getLong(block.bytes(), at) & mask);
            at += width;
            if (codec instanceof WordCodec<T> words) {
                return words.fromWord(word);
            }
            ImageFormat.setLong(oneWord, 0, word);
            return decode(() -> codec.decode(MemorySegment.ofArray(oneWord).asReadOnly()));
        }
        int from = at;
        int length = fixed > 0 ? fixed : readLength();
        if (length > end - at) {
            throw block.corrupt(
                    from, role + " of " + length + " bytes, but only " + (end - at) + " are left in the column");
        }
        int begin = at;
        at += length;
        if (codec instanceof WordCodec<T> words) {
            return words.fromWord(ImageFormat.getLong(block.bytes(), begin));
        }
        if (codec instanceof ArrayCodec<T> arrays) {
            return decode(() -> arrays.fromBuffer(buffer, begin, length));
        }
        return decode(() -> codec.decode(
                MemorySegment.ofArray(block.bytes()).asSlice(begin, length).asReadOnly()));
    }

    /** Reads a varint of at most 31 bits. */
    private int readLength() throws CorruptImageException {
        int from = at;
        long length = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (at == end) {
                throw block.corrupt(from, "the " + role + " column ends within a length");
            }
            byte part = block.bytes()[at++];
            length |= (long) (part & 0x7f) << shift;
            if (part >= 0) {
                if (length > Integer.MAX_VALUE || (part == 0 && shift > 0)) {
                    break;
                }
                return (int) length;
            }
        }
        throw block.corrupt(from, "the length of a " + role + " is no number of at most 31 bits in its shortest form");
    }

    private interface Decoding<T> {
        T run();
    }

    private T decode(Decoding<T> decoding) throws CorruptImageException {
        T object;
        try {
            object = decoding.run();
        } catch (RuntimeException refused) {
            throw block.corrupt(
                    at,
                    "the codec " + codec.identity() + " refuses the bytes of a " + role + " that ends here: "
                            + refused.getMessage(),
                    refused);
        }
        if (object == null) {
            throw block.corrupt(
                    at, "the codec " + codec.identity() + " made null of the bytes of a " + role + " that ends here");
        }
        return object;
    }

    /** After the last object: nothing may be left. */
    void close() throws CorruptImageException {
        if (at != end) {
            throw block.corrupt(at, (end - at) + " bytes are left in the " + role + " column behind the last");
        }
    }
}
