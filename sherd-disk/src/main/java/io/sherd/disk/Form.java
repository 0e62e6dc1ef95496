package io.sherd.disk;

import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import io.sherd.spi.ArrayCodec;
import io.sherd.spi.WordCodec;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a map makes of a codec: words where the codec knows them, arrays otherwise. */
final class Form<T> {
    private final String role;
    private final int limit;
    private final Codec<T> codec;
    private final @Nullable ArrayCodec<T> arrays;
    private final int fixed;

    /** The codec if its encodings are words. */
    final @Nullable WordCodec<T> words;

    Form(String role, int limit, Codec<T> codec) {
        this.role = role;
        this.limit = limit;
        this.codec = codec;
        this.words = codec instanceof WordCodec<T> known ? known : null;
        this.arrays = codec instanceof ArrayCodec<T> known ? known : null;
        this.fixed = codec.fixedSize();
    }

    /** The length of every encoding, or 0 if they differ. */
    int fixedSize() {
        return Math.max(0, fixed);
    }

    /** Whether objects are strings, in UTF-8. */
    @SuppressWarnings("ReferenceEquality") // there is one
    boolean isUtf8() {
        return (Codec<?>) codec == Codecs.utf8();
    }

    byte[] encode(T object) {
        byte[] encoded;
        if (arrays != null) {
            encoded = arrays.toArray(object);
            checkSize(encoded.length);
        } else {
            int size = codec.size(Objects.requireNonNull(object, role));
            checkSize(size);
            encoded = new byte[size];
            codec.encode(object, MemorySegment.ofArray(encoded));
        }
        if (fixed > 0 && encoded.length != fixed) {
            throw new IllegalArgumentException(role + ": the codec " + codec.identity()
                    + " says that every encoding has " + fixed + " bytes, but made one of " + encoded.length);
        }
        return encoded;
    }

    T decode(ByteBuffer bytes, int offset, int length) {
        if (words != null) {
            return words.fromWord(bytes.getLong(offset));
        }
        if (arrays != null) {
            return arrays.fromBuffer(bytes, offset, length);
        }
        return codec.decode(
                MemorySegment.ofBuffer(bytes).asSlice(offset, length).asReadOnly());
    }

    private void checkSize(int size) {
        if (size > limit || size < 0) {
            throw new IllegalArgumentException(
                    role + ": " + size + " bytes given, but at most " + limit + " are allowed");
        }
    }
}
