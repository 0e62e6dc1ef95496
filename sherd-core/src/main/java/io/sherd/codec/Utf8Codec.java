package io.sherd.codec;

import io.sherd.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * {@link Codecs#utf8}.
 *
 * <p>The platform's conversions are the fastest, but they replace what they cannot convert: an unpaired surrogate by a
 * question mark, malformed bytes by U+FFFD. Two strings would share an encoding then. So a result that holds a replacement is
 * looked at again, character by character; others need no second look.
 */
final class Utf8Codec implements ArrayCodec<String> {
    static final Utf8Codec INSTANCE = new Utf8Codec();

    private static final long QUESTION_MARKS = 0x3f3f3f3f3f3f3f3fL;
    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8Codec() {}

    @Override
    public String identity() {
        return "utf8";
    }

    @Override
    public int size(String value) {
        long size = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 0x80) {
                size++;
            } else if (c < 0x800) {
                size += 2;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                size += 4;
                i++;
            } else {
                size += 3;
            }
        }
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("utf8: the string takes " + size + " bytes, but an encoding has at most "
                    + Integer.MAX_VALUE + "; store it in parts");
        }
        return (int) size;
    }

    @Override
    public void encode(String value, MemorySegment target) {
        byte[] encoded = toArray(value);
        MemorySegment.copy(encoded, 0, target, ValueLayout.JAVA_BYTE, 0, encoded.length);
    }

    @Override
    public String decode(MemorySegment source) {
        return decode(source.toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public byte[] toArray(String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        if (hasQuestionMark(encoded)) {
            refuseUnpairedSurrogates(value);
        }
        return encoded;
    }

    @Override
    public String fromBuffer(ByteBuffer source, int offset, int length) {
        byte[] encoded = new byte[length];
        source.get(offset, encoded);
        return decode(encoded);
    }

    private static String decode(byte[] encoded) {
        String value = new String(encoded, StandardCharsets.UTF_8);
        if (value.indexOf('\uFFFD') >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(encoded));
            } catch (CharacterCodingException malformed) {
                throw new IllegalArgumentException(
                        "utf8: the " + encoded.length + " bytes are not UTF-8: " + malformed.getMessage(), malformed);
            }
        }
        return value;
    }

    private static boolean hasQuestionMark(byte[] encoded) {
        int i = 0;
        for (; i + Long.BYTES <= encoded.length; i += Long.BYTES) {
            long matches = (long) LittleEndian.ARRAY_LONG.get(encoded, i) ^ QUESTION_MARKS;
            if (((matches - LOW_BITS) & ~matches & HIGH_BITS) != 0) {
                return true;
            }
        }
        for (; i < encoded.length; i++) {
            if (encoded[i] == '?') {
                return true;
            }
        }
        return false;
    }

    private static void refuseUnpairedSurrogates(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == value.length()
                        || !Character.isLowSurrogate(value.charAt(i + 1))) {
                    throw new IllegalArgumentException("utf8: the string has an unpaired surrogate at index " + i
                            + ", which UTF-8 cannot express");
                }
                i++;
            }
        }
    }

    @Override
    public String toString() {
        return identity();
    }
}
