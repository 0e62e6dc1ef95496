package io.sherd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.spi.ArrayCodec;
import io.sherd.spi.WordCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Every codec gives back what it got, by each of the ways to encode and decode, in the bytes that its format says. */
final class CodecsTest {

    private static <T> byte[] encode(Codec<T> codec, T object) {
        byte[] encoded = new byte[codec.size(object)];
        codec.encode(object, MemorySegment.ofArray(encoded));
        if (codec.fixedSize() != Codec.VARIABLE) {
            assertThat(encoded).hasSize(codec.fixedSize());
        }
        return encoded;
    }

    private static <T> void roundTrip(Codec<T> codec, T object) {
        byte[] encoded = encode(codec, object);
        assertThat(codec.decode(MemorySegment.ofArray(encoded).asReadOnly())).isEqualTo(object);
        if (codec instanceof ArrayCodec<T> arrays) {
            assertThat(arrays.toArray(object)).isEqualTo(encoded);
            byte[] larger = new byte[encoded.length + 5];
            System.arraycopy(encoded, 0, larger, 3, encoded.length);
            ByteBuffer buffer = ByteBuffer.wrap(larger).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(arrays.fromBuffer(buffer, 3, encoded.length)).isEqualTo(object);
        }
        if (codec instanceof WordCodec<T> words) {
            assertThat(words.fromWord(words.toWord(object))).isEqualTo(object);
            assertThat(MemorySegment.ofArray(encoded).get(ValueLayout.JAVA_LONG_UNALIGNED, 0))
                    .isEqualTo(words.toWord(object));
        }
    }

    @Test
    void numbers() {
        for (int value : new int[] {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            roundTrip(Codecs.int32(), value);
            roundTrip(Codecs.int64(), (long) value << 20);
        }
        for (double value : new double[] {0.0, -0.0, 1.5, Double.NaN, Double.NEGATIVE_INFINITY, Double.MIN_VALUE}) {
            roundTrip(Codecs.float64(), value);
        }
        assertThat(encode(Codecs.int32(), 0x01020304)).containsExactly(4, 3, 2, 1);
        assertThat(encode(Codecs.int64(), 0x0102030405060708L)).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
        assertThat(encode(Codecs.float64(), Double.longBitsToDouble(0x7ff8000000000001L)))
                .isEqualTo(encode(Codecs.float64(), Double.NaN));
    }

    @Test
    void uuids() {
        UUID value = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        roundTrip(Codecs.uuid(), value);
        assertThat(encode(Codecs.uuid(), value))
                .startsWith(0x77, 0x66, 0x55, 0x44)
                .endsWith(0xbb, 0xaa, 0x99, 0x88);
    }

    @Test
    void bytes() {
        roundTrip(Codecs.bytes(), new byte[0]);
        roundTrip(Codecs.bytes(), new byte[] {1, -1, 0});
    }

    @Test
    void strings() {
        for (String value :
                new String[] {"", "a", "?", "what?", "é", "\u20ac", "\uD83D\uDE00?", "\uFFFD", "x".repeat(100) + "?"}) {
            roundTrip(Codecs.utf8(), value);
        }
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            StringBuilder value = new StringBuilder();
            for (int length = random.nextInt(30); length > 0; length--) {
                int point = random.nextInt(4) == 0 ? random.nextInt(0x110000) : random.nextInt(0x100);
                value.appendCodePoint(point >= 0xD800 && point < 0xE000 ? '?' : point);
            }
            roundTrip(Codecs.utf8(), value.toString());
        }
    }

    @Test
    void stringsThatUtf8CannotExpressAreRefused() {
        ArrayCodec<String> codec = (ArrayCodec<String>) Codecs.utf8();
        for (String value : new String[] {"\uD800", "a\uDC00", "\uD83D?", "12345678\uD83D", "\uDE00\uD83D"}) {
            assertThatThrownBy(() -> codec.toArray(value))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("surrogate");
        }
        for (byte[] value : new byte[][] {{(byte) 0xff}, {(byte) 0xc3}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80}}) {
            assertThatThrownBy(() -> codec.decode(MemorySegment.ofArray(value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("UTF-8");
        }
    }

    @Test
    void identities() {
        assertThat(Codecs.int32().identity()).isEqualTo("int32");
        assertThat(Codecs.int64().identity()).isEqualTo("int64");
        assertThat(Codecs.float64().identity()).isEqualTo("float64");
        assertThat(Codecs.utf8().identity()).isEqualTo("utf8");
        assertThat(Codecs.bytes().identity()).isEqualTo("bytes");
        assertThat(Codecs.uuid().identity()).isEqualTo("uuid");
        assertThat(Codecs.utf8()).isSameAs(Codecs.utf8());
    }
}
