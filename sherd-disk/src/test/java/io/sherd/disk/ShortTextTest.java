package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A short string in words is what its bytes are. */
final class ShortTextTest {
    private static final int PLACE = 3;

    static IntStream lengths() {
        return IntStream.rangeClosed(ShortText.MIN_LENGTH, ShortText.MAX_LENGTH);
    }

    private static String text(SplittableRandom random, int length) {
        return random.ints(length, 0, 0x80)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Just the bytes, with nothing behind them. */
    private static MappedByteBuffer memory(byte[] bytes) {
        ByteBuffer memory = ByteBuffer.allocateDirect(PLACE + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        return (MappedByteBuffer) memory.put(PLACE, bytes);
    }

    @Test
    void fitsBetweenItsLengths() {
        for (int length = 0; length < 100; length++) {
            assertThat(ShortText.fits("x".repeat(length))).isEqualTo(length >= 8 && length <= 32);
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void hasTheHashOfItsBytes(int length) {
        SplittableRandom random = new SplittableRandom(length);
        for (int i = 0; i < 1_000; i++) {
            String text = text(random, length);
            long salt = random.nextLong();
            ShortText words = new ShortText(text);
            assertThat(words.isAscii()).isTrue();
            assertThat(words.length()).isEqualTo(length);
            assertThat(words.hash(Bits.start(salt), Bits.end(salt))).isEqualTo(Bits.hash(bytes(text), length, salt));
            assertThat(words.toBytes()).isEqualTo(bytes(text));
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void isWhereItsBytesAreAndNowhereElse(int length) {
        SplittableRandom random = new SplittableRandom(length);
        for (int i = 0; i < 100; i++) {
            byte[] bytes = bytes(text(random, length));
            ShortText words = new ShortText(new String(bytes, StandardCharsets.US_ASCII));
            assertThat(words.isAt(memory(bytes), PLACE)).isTrue();
            for (int at = 0; at < length; at++) {
                byte[] other = bytes.clone();
                other[at] ^= (byte) (1 << random.nextInt(8));
                assertThat(words.isAt(memory(other), PLACE)).as("byte %s", at).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void knowsCharactersThatAreNotAscii(int length) {
        SplittableRandom random = new SplittableRandom(length);
        for (char other : new char[] {0x80, 0xe9, 0xff, 0x100, 0x141, 0x7f00, 0x7fff, 0x8000, 0xd83d, 0xffff}) {
            for (int at = 0; at < length; at++) {
                StringBuilder text = new StringBuilder(text(random, length));
                text.setCharAt(at, other);
                assertThat(new ShortText(text.toString()).isAscii())
                        .as("%x at %s", (int) other, at)
                        .isFalse();
            }
        }
    }

    @Test
    void mapsFindStringsOfAllLengthsAndKinds(@TempDir Path directory) {
        SplittableRandom random = new SplittableRandom(5);
        Map<String, byte[]> expected = new HashMap<>();
        Map<String, Boolean> absent = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(text(random, random.nextInt(40)));
            if (text.length() > 0 && random.nextInt(8) == 0) {
                text.setCharAt(random.nextInt(text.length()), random.nextBoolean() ? '\u00e9' : '\u20ac');
            }
            expected.put(text.toString(), new byte[random.nextInt(4) == 0 ? random.nextInt(200) : 100]);
            if (text.length() > 0) {
                int at = random.nextInt(text.length());
                text.setCharAt(at, text.charAt(at) == 'a' ? 'b' : 'a');
                absent.put(text.toString(), true);
            }
        }
        absent.keySet().removeAll(expected.keySet());
        try (DiskMap<String, byte[]> map =
                DiskMap.builder(Codecs.utf8(), Codecs.bytes()).shards(2).open(directory.resolve("map"))) {
            expected.forEach((key, value) -> {
                assertThat(map.get(key)).isNull();
                assertThat(map.put(key, value)).isNull();
                assertThat(map.get(key)).isEqualTo(value);
            });
            for (int pass = 0; pass < 2; pass++) { // the second asks the filter first
                expected.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
                absent.keySet().forEach(key -> assertThat(map.get(key)).isNull());
            }
            expected.keySet().removeIf(key -> {
                boolean chosen = random.nextBoolean();
                if (chosen) {
                    assertThat(map.remove(key)).isNotNull();
                    assertThat(map.get(key)).isNull();
                }
                return chosen;
            });
            expected.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
        }
    }

    /** Reads beyond what it is given, as a codec does after a layout has changed. */
    private static final class Overreaching implements Codec<Long> {
        @Override
        public String identity() {
            return "overreaching";
        }

        @Override
        public int size(Long value) {
            return Integer.BYTES;
        }

        @Override
        public void encode(Long value, MemorySegment target) {
            target.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value.intValue());
        }

        @Override
        public Long decode(MemorySegment source) {
            return source.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "16 characters...", "a string that is longer than thirty-two characters"})
    void whatACodecThrowsIsNotTakenForADamage(String key, @TempDir Path directory) {
        try (DiskMap<String, Long> map =
                DiskMap.builder(Codecs.utf8(), new Overreaching()).shards(1).open(directory.resolve("map"))) {
            map.compute(key, (same, old) -> 1L);
            assertThatThrownBy(() -> map.get(key)).isExactlyInstanceOf(IndexOutOfBoundsException.class);
            map.checkpoint(); // gives the key a slot
            assertThatThrownBy(() -> map.get(key)).isExactlyInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
