package io.sherd.codec;

import java.lang.foreign.MemorySegment;

/**
 * Turns objects of one type into bytes and back.
 *
 * <p>A codec is immutable, and safe for use by any number of threads. Encoding is a function: two objects that are equal
 * have the same bytes, two that are not have different ones, and decoding gives back an equal object. Byte order and layout
 * are the codec's own choice but must not depend on the machine; those in {@link Codecs} are little-endian.
 *
 * @param <T> the type of objects
 */
public interface Codec<T> {

    /**
     * The length that is not fixed: what {@link #fixedSize()} answers for a codec whose encodings differ in length.
     */
    int VARIABLE = -1;

    /**
     * Names the encoding, so that a file can say with which codec it was written. Two codecs with the same identity read
     * each other's bytes; change it whenever the layout changes.
     *
     * @return 1 to 200 printable ASCII characters, for example {@code "int64"} or {@code "com.acme.Order/2"}
     */
    String identity();

    /**
     * The length of every encoding, if there is one.
     *
     * @return a number of bytes from 1 up, or {@link #VARIABLE}
     */
    default int fixedSize() {
        return VARIABLE;
    }

    /**
     * The length of one object's encoding.
     *
     * @param value the object
     * @return a number of bytes from 0 up; {@link #fixedSize()} where that is not {@link #VARIABLE}
     */
    int size(T value);

    /**
     * Writes the encoding of an object.
     *
     * @param value the object
     * @param target where to write; its byte size is exactly {@code size(value)}, its alignment 1
     */
    void encode(T value, MemorySegment target);

    /**
     * Reads an object back. The result must not refer to the segment, whose memory may be reused after the call.
     *
     * @param source the bytes of one encoding, exactly; read-only, alignment 1
     * @return the object
     * @throws RuntimeException if the bytes are no encoding of this codec
     */
    T decode(MemorySegment source);
}
