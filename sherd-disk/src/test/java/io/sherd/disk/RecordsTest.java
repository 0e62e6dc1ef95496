package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A record is the same whether its checksum is made on the way or read from the file. */
final class RecordsTest {
    private static final int OFFSET = 64;
    private static final long SEED = 0x1234_5678_9abc_def1L;

    private final MappedByteBuffer file =
            (MappedByteBuffer) ByteBuffer.allocateDirect(1024).order(ByteOrder.LITTLE_ENDIAN);
    private final Random random = new Random(1);

    @Test
    void everyLengthOfKeyAndValueIsWrittenWhole() {
        for (int keyLength = 0; keyLength <= 41; keyLength++) {
            for (int valueLength = 0; valueLength <= 41; valueLength++) {
                for (boolean prefixed : new boolean[] {true, false}) {
                    byte[] key = bytes(keyLength);
                    byte[] value = bytes(valueLength);
                    ByteBuffer wanted = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
                    if (prefixed) {
                        wanted.putInt(keyLength);
                    }
                    wanted.put(key).put(value);
                    check(
                            wanted,
                            Records.write(file, OFFSET, Records.PUT, 0, key, prefixed, 0, value, valueLength, SEED));
                }
            }
        }
    }

    @Test
    void wordsAndArraysGoTogether() {
        for (int length = 0; length <= 41; length++) {
            byte[] bytes = bytes(length);
            long word = random.nextLong();
            ByteBuffer wanted = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
            wanted.putLong(word).put(bytes);
            check(wanted, Records.write(file, OFFSET, Records.PUT, word, null, false, 0, bytes, length, SEED));
            wanted = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
            wanted.putInt(length).put(bytes).putLong(word);
            check(wanted, Records.write(file, OFFSET, Records.PUT, 0, bytes, true, word, null, Long.BYTES, SEED));
        }
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The bytes are there, zeros up to a whole word behind them, nothing else changed, and the header is right. */
    private void check(ByteBuffer wanted, long header) {
        int length = wanted.position();
        assertThat(Records.length(header)).isEqualTo(length);
        byte[] found = new byte[Records.size(length) - Records.HEADER];
        file.get(OFFSET + Records.HEADER, found);
        byte[] expected = new byte[found.length];
        wanted.get(0, expected);
        assertThat(found).isEqualTo(expected);
        assertThat(Records.isSound(file, OFFSET, header, SEED)).isTrue();
        assertThat(file.get(OFFSET + Records.HEADER + found.length)).isZero();
        for (int i = 0; i < file.capacity(); i++) {
            file.put(i, (byte) 0);
        }
    }

    /** The bits of a length do not reach those of the type, whatever length is guessed. */
    @Test
    void noLengthMakesARecordAnother() {
        for (int content : new int[] {24, 100, 1 << 20, Records.MAX_CONTENT}) {
            for (int type : new int[] {Records.PUT, Records.REMOVE, Records.PUT_LARGE}) {
                long header = (long) (type << 28 | content) << 32 | 0xcafe_babeL;
                for (int excess = 0; excess < 4; excess++) {
                    assertThat(Records.isPut(header, (excess << 28) + content))
                            .isEqualTo(type == Records.PUT && excess == 0);
                }
            }
        }
    }
}
