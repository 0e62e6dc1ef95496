package io.sherd.spi;

import io.sherd.codec.Codec;
import java.nio.ByteBuffer;

/**
 * A codec that makes its encoding as an array at once, and decodes a part of a larger buffer without a slice.
 *
 * @param <T> the type of objects
 */
public interface ArrayCodec<T> extends Codec<T> {

    /**
     * Encodes an object.
     *
     * @param value the object
     * @return the encoding; it may be the object itself, and the caller only reads it
     */
    byte[] toArray(T value);

    /**
     * Decodes a part of a buffer.
     *
     * @param source the buffer, whose order is little-endian
     * @param offset where the encoding begins
     * @param length how many bytes it has
     * @return the object
     */
    T fromBuffer(ByteBuffer source, int offset, int length);
}
