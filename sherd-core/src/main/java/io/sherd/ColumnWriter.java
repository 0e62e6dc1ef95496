package io.sherd;

import io.sherd.codec.Codec;
import io.sherd.spi.ArrayCodec;
import io.sherd.spi.WordCodec;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/** The keys, or the values, of the block under way; see {@link ImageFormat}. Used by one thread. */
abstract class ColumnWriter<T> {

    static <T> ColumnWriter<T> of(String role, Codec<T> codec) {
        return codec instanceof WordCodec<T> words ? new Words<>(role, words) : new Encodings<>(role, codec);
    }

    /** Adds an object behind those that are there. */
    abstract void add(T object);

    /** The length of all but the last. */
    abstract int lengthBeforeLast();

    /** An upper bound of the length of all. */
    abstract int length();

    /**
     * Writes the column, and forgets what it wrote.
     *
     * @param count how many to write: all, or all but the last, which then is the first of the next block
     * @param least the least width of packed numbers
     * @return where the column ends
     */
    abstract int flush(byte[] target, int at, int count, int least);

    /** Numbers of eight bytes, which are packed. */
    private static final class Words<T> extends ColumnWriter<T> {
        private final String role;
        private final WordCodec<T> codec;
        private final long[] words = new long[ImageFormat.BLOCK_ENTRIES + 1];
        private int count;

        Words(String role, WordCodec<T> codec) {
            this.role = role;
            this.codec = codec;
        }

        @Override
        void add(T object) {
            words[count] = codec.toWord(Objects.requireNonNull(object, role));
            count++;
        }

        @Override
        int lengthBeforeLast() {
            return Long.BYTES * (count - 1);
        }

        @Override
        int length() {
            return Long.BYTES * count;
        }

        @Override
        int flush(byte[] target, int at, int written, int least) {
            long smallest = Long.MAX_VALUE;
            long largest = Long.MIN_VALUE;
            for (int i = 0; i < written; i++) {
                smallest = Math.min(smallest, words[i]);
                largest = Math.max(largest, words[i]);
            }
            // the difference is that of unsigned numbers if it overflows, and adding it to the smallest gives the
            // largest again
            int width = Math.max(least, (Long.SIZE - Long.numberOfLeadingZeros(largest - smallest) + 7) / 8);
            target[at] = ImageFormat.PACKED;
            target[at + 1] = (byte) width;
            ImageFormat.setLong(target, at + 2, smallest);
            int to = at + ImageFormat.PACKED_HEADER;
            for (int i = 0; i < written; i++, to += width) {
                ImageFormat.setLong(target, to, words[i] - smallest);
            }
            words[0] = words[written];
            count -= written;
            return to;
        }
    }

    /** What other codecs write, one behind the other. */
    private static final class Encodings<T> extends ColumnWriter<T> {
        private static final int FIRST = 1 << 16;
        private static final int LONGEST = Integer.MAX_VALUE - 64;

        private final String role;
        private final Codec<T> codec;
        private final int fixed;
        private byte[] bytes = new byte[FIRST];
        private int count;
        private int end;

        /** Where the last one begins. */
        private int last;

        Encodings(String role, Codec<T> codec) {
            this.role = role;
            this.codec = codec;
            this.fixed = codec.fixedSize();
        }

        @Override
        void add(T object) {
            Objects.requireNonNull(object, role);
            last = end;
            count++;
            if (codec instanceof ArrayCodec<T> arrays) {
                byte[] encoded = arrays.toArray(object);
                int at = begin(encoded.length);
                System.arraycopy(encoded, 0, bytes, at, encoded.length);
                end = at + encoded.length;
            } else {
                int size = codec.size(object);
                int at = begin(size);
                codec.encode(object, MemorySegment.ofArray(bytes).asSlice(at, size));
                end = at + size;
            }
        }

        /** Makes room, and writes the length if it is not fixed. */
        private int begin(int size) {
            if (size < 0 || (fixed > 0 && size != fixed)) {
                throw new IllegalArgumentException(role + ": the codec " + codec.identity() + " made an encoding of "
                        + size + " bytes, but says that " + (fixed > 0 ? "each has " + fixed : "none is negative"));
            }
            long needed = (long) end + size + 5;
            if (needed > LONGEST) {
                throw new IllegalArgumentException(
                        role + ": an encoding of " + size + " bytes is too long for an image; keep it elsewhere");
            }
            if (needed > bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(LONGEST, Math.max(needed, 2L * bytes.length)));
            }
            int at = end;
            if (fixed <= 0) {
                int rest = size;
                for (; rest >= 0x80; rest >>>= 7) {
                    bytes[at++] = (byte) (rest | 0x80);
                }
                bytes[at++] = (byte) rest;
            }
            return at;
        }

        @Override
        int lengthBeforeLast() {
            return last;
        }

        @Override
        int length() {
            return end;
        }

        @Override
        int flush(byte[] target, int at, int written, int least) {
            int length = written < count ? last : end;
            target[at] = ImageFormat.RAW;
            System.arraycopy(bytes, 0, target, at + 1, length);
            System.arraycopy(bytes, length, bytes, 0, end - length);
            end -= length;
            last = 0;
            count -= written;
            if (bytes.length > 4 * ImageFormat.BLOCK_BYTES && end < ImageFormat.BLOCK_BYTES) {
                bytes = Arrays.copyOf(
                        bytes, ImageFormat.BLOCK_BYTES); // one huge object must not hold memory to the end
            }
            return at + 1 + length;
        }
    }
}
