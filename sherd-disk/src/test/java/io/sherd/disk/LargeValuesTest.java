package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.codec.Codecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of all sizes, and the files of those too large for a lane. */
final class LargeValuesTest {
    @TempDir
    Path directory;

    private LogMap<Long, byte[]> open() {
        return new DiskMapBuilder<>(Codecs.int64(), Codecs.bytes()).shards(2).openLog(directory);
    }

    private static byte[] value(int size, int fill) {
        byte[] value = new byte[size];
        Arrays.fill(value, (byte) fill);
        return value;
    }

    private long dataFiles() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("data-"))
                    .count();
        }
    }

    @Test
    void sizesFromNothingToManyMegabytes() {
        LogMap<Long, byte[]> map = open();
        int[] sizes = {0, 1, 7, 8, 9, 65_535, 1 << 20, (1 << 23) - (1 << 16), (1 << 23) - (1 << 16) + 1, 40_000_001};
        for (int i = 0; i < sizes.length; i++) {
            map.put((long) i, value(sizes[i], i + 1));
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < sizes.length; i++) {
                assertThat(map.get((long) i)).isEqualTo(value(sizes[i], i + 1));
            }
            assertThat(map.verify().isSound()).isTrue();
            if (round == 0) {
                map.crash();
            } else {
                map.close();
            }
            map = open();
        }
        map.close();
    }

    @Test
    void theFilesOfDeadValuesGoAtACheckpoint() throws IOException {
        LogMap<Long, byte[]> map = open();
        for (int i = 0; i < 5; i++) {
            map.put(1L, value(9 << 20, i));
        }
        map.put(2L, value(9 << 20, 2));
        map.put(2L, value(10, 3));
        long before = dataFiles();
        map.checkpoint();
        assertThat(before - dataFiles()).isEqualTo(5);
        assertThat(map.get(1L)).isEqualTo(value(9 << 20, 4));
        map.remove(1L);
        map.close();
        map = open();
        assertThat(map.get(1L)).isNull();
        assertThat(map.get(2L)).isEqualTo(value(10, 3));
        assertThat(map.diskStats().fileBytes()).isLessThan(9 << 20);
        map.close();
    }

    @Test
    void aLargeValueWithoutItsRecordGoesAtTheNextOpen() throws IOException {
        LogMap<Long, byte[]> map = open();
        map.put(1L, value(10, 1));
        assertThat(map.putIfAbsent(1L, value(9 << 20, 2))).isEqualTo(value(10, 1));
        long files = dataFiles();
        map.store().storeLarge(value(9 << 20, 2));
        assertThat(dataFiles()).isEqualTo(files + 1);
        map.crash();
        map = open();
        assertThat(dataFiles()).isEqualTo(files);
        assertThat(map.get(1L)).isEqualTo(value(10, 1));
        map.close();
    }

    @Test
    void aLostFileOfALargeValueIsReported() throws IOException {
        LogMap<Long, byte[]> map = open();
        map.put(1L, value(9 << 20, 1));
        map.put(2L, value(3, 2));
        Path large = directory.resolve("data-000000");
        map.crash();
        Files.delete(large);
        LogMap<Long, byte[]> recovered = open();
        assertThatExceptionOfType(CorruptMapException.class)
                .isThrownBy(() -> recovered.get(1L))
                .withMessageContaining("missing");
        assertThatExceptionOfType(CorruptMapException.class).isThrownBy(() -> recovered.view(1L, bytes -> bytes));
        assertThat(recovered.verify().isSound()).isFalse();
        assertThat(recovered.get(2L)).hasSize(3);
        assertThat(recovered.put(2L, value(4, 2))).hasSize(3);
        recovered.close();
    }
}
