package io.sherd.codec;

import java.util.UUID;

/**
 * The codecs of common types. Each is a shared instance; all are little-endian.
 *
 * {@snippet :
 * DiskMap<String, Long> visits = DiskMap.builder(Codecs.utf8(), Codecs.int64()).open(directory);
 * }
 */
public final class Codecs {
    private Codecs() {}

    /**
     * Integers of 32 bits in 4 bytes. Identity {@code int32}.
     *
     * @return the shared instance
     */
    public static Codec<Integer> int32() {
        return Int32Codec.INSTANCE;
    }

    /**
     * Integers of 64 bits in 8 bytes. Identity {@code int64}.
     *
     * @return the shared instance
     */
    public static Codec<Long> int64() {
        return Int64Codec.INSTANCE;
    }

    /**
     * Floating-point numbers in 8 bytes, equal as {@link Double#equals} has it: there is one NaN, and 0.0 is not -0.0.
     * Identity {@code float64}.
     *
     * @return the shared instance
     */
    public static Codec<Double> float64() {
        return Float64Codec.INSTANCE;
    }

    /**
     * Strings in UTF-8. A string with an unpaired surrogate has no encoding and is refused with
     * {@link IllegalArgumentException}; so are bytes that are not UTF-8. Identity {@code utf8}.
     *
     * @return the shared instance
     */
    public static Codec<String> utf8() {
        return Utf8Codec.INSTANCE;
    }

    /**
     * Arrays of bytes as they are. Maps that use this codec compare arrays by content. Encoding reads the array during the
     * call only; each decoded array is new. Identity {@code bytes}.
     *
     * @return the shared instance
     */
    public static Codec<byte[]> bytes() {
        return BytesCodec.INSTANCE;
    }

    /**
     * UUIDs in 16 bytes, the more significant 64 bits first, both halves little-endian. Identity {@code uuid}.
     *
     * @return the shared instance
     */
    public static Codec<UUID> uuid() {
        return UuidCodec.INSTANCE;
    }
}
