package io.sherd.spi;

import io.sherd.codec.Codec;
import java.lang.foreign.MemorySegment;

/**
 * A codec that makes its encoding as an array at once, and decodes a part of a larger segment without a slice.
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
     * Decodes a part of a segment.
     *
     * @param source the segment
     * @param offset where the encoding begins
     * @param length how many bytes it has
     * @return the object
     */
    T fromSegment(MemorySegment source, long offset, int length);
}
