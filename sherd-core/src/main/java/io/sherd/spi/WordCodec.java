package io.sherd.spi;

import io.sherd.codec.Codec;

/**
 * A codec whose encoding is one little-endian word of eight bytes, so that a map can keep it in a {@code long}.
 *
 * @param <T> the type of objects
 */
public interface WordCodec<T> extends Codec<T> {

    /**
     * Encodes an object.
     *
     * @param value the object
     * @return the word whose little-endian bytes are the encoding
     */
    long toWord(T value);

    /**
     * Decodes a word.
     *
     * @param word what {@link #toWord} answered
     * @return the object
     */
    T fromWord(long word);
}
