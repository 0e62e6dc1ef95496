package io.sherd.testkit.soak;

import io.sherd.testkit.soak.StoreSettings.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The values of the harness. A value says of which key it is and which version, and its bytes follow from the two: a value
 * of another key, or one put together from two, does not decode.
 */
final class Values {
    /** What {@link #version} answers for bytes that are no value of the key. */
    static final long NONE = -1;

    /** Versions have 48 bits, so that one fits beside the number of a key into eight bytes. */
    static final int VERSION_BITS = 48;

    private static final long VERSION_MASK = (1L << VERSION_BITS) - 1;
    private static final int HEADER = Long.BYTES;

    private final Shape shape;

    Values(Shape shape) {
        this.shape = shape;
    }

    byte[] of(int key, long version) {
        long word = scramble((long) key << VERSION_BITS | version);
        byte[] value = new byte[shape == Shape.FIXED ? HEADER : HEADER + tail(word)];
        ByteBuffer buffer = ByteBuffer.wrap(value).putLong(word);
        long state = word;
        while (buffer.remaining() >= Long.BYTES) {
            state = scramble(state);
            buffer.putLong(state);
        }
        while (buffer.hasRemaining()) {
            buffer.put((byte) ++state);
        }
        return value;
    }

    /** The version that a value has, or {@link #NONE} if it is no value that was ever made for the key. */
    long version(int key, byte[] value) {
        if (value.length < HEADER) {
            return NONE;
        }
        long word = unscramble(ByteBuffer.wrap(value).getLong());
        long version = word & VERSION_MASK;
        return word >>> VERSION_BITS == key && Arrays.equals(value, of(key, version)) ? version : NONE;
    }

    /** Most values are short, some span pages, and few are larger than the buffers and extents of a store. */
    private static int tail(long word) {
        int draw = (int) (word >>> 40);
        return switch ((int) (word & 1023)) {
            case 0 -> draw % (192 << 10);
            case 1, 2, 3, 4, 5, 6, 7, 8 -> draw % (6 << 10);
            default -> draw % 200;
        };
    }

    private static long scramble(long word) {
        long mixed = word * 0xd1342543de82ef95L;
        mixed ^= mixed >>> 32;
        return mixed * 0xaef17502108ef2d9L;
    }

    private static long unscramble(long word) {
        long mixed = word * Keys.inverse(0xaef17502108ef2d9L);
        mixed ^= mixed >>> 32;
        return mixed * Keys.inverse(0xd1342543de82ef95L);
    }
}
