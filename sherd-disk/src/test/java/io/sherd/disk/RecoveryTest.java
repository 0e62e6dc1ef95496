package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.codec.Codecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an open makes of a directory that was not closed, or whose files are damaged. */
final class RecoveryTest {
    @TempDir
    Path temporary;

    private static LogMap<Long, String> open(Path directory) {
        return builder().openLog(directory);
    }

    private static DiskMapBuilder<Long, String> builder() {
        return new DiskMapBuilder<>(Codecs.int64(), Codecs.utf8()).shards(1).fileShift(20);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static List<Path> files(Path directory, String prefix) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    @Test
    void everyFlippedByteOfTheLastRecordsEndsTheLogThere() throws IOException {
        Path origin = temporary.resolve("origin");
        LogMap<Long, String> map = open(origin);
        long[] ends = new long[6];
        for (int i = 0; i < ends.length; i++) {
            map.put((long) i, "value " + "x".repeat(i));
            ends[i] = map.position().offset();
        }
        map.crash();
        Path data = files(origin, "data-").getFirst();
        byte[] content = Files.readAllBytes(data);
        int from = (int) ends[2];
        for (int at = from; at < ends[5]; at++) {
            Path copy = temporary.resolve("copy");
            copy(origin, copy);
            byte[] damaged = content.clone();
            damaged[at] ^= 0x20;
            Files.write(copy.resolve(data.getFileName()), damaged);
            long whole = at < ends[3] ? 3 : at < ends[4] ? 4 : 5;
            LogMap<Long, String> recovered = open(copy);
            assertThat(recovered.size()).as("byte %s flipped", at).isEqualTo((int) whole);
            for (long i = 0; i < whole; i++) {
                assertThat(recovered.get(i)).isEqualTo("value " + "x".repeat((int) i));
            }
            assertThat(recovered.recovery().cuts())
                    .containsExactly(new RecoveryReport.Cut(copy.resolve(data.getFileName()), ends[(int) whole - 1]));
            recovered.put(100L, "after");
            recovered.crash();
            LogMap<Long, String> again = open(copy);
            assertThat(again.size()).isEqualTo((int) whole + 1);
            assertThat(again.get(100L)).isEqualTo("after");
            again.close();
            delete(copy);
        }
    }

    @Test
    void everyTornTailEndsTheLogBeforeTheTornRecord() throws IOException {
        Path origin = temporary.resolve("origin");
        LogMap<Long, String> map = open(origin);
        map.put(1L, "first");
        long end = map.position().offset();
        map.put(2L, "second, which is torn at each of its bytes");
        long last = map.position().offset();
        map.crash();
        Path data = files(origin, "data-").getFirst();
        byte[] content = Files.readAllBytes(data);
        for (int at = (int) end; at < last - Long.BYTES; at++) {
            Path copy = temporary.resolve("copy");
            copy(origin, copy);
            byte[] torn = content.clone();
            Arrays.fill(torn, at, torn.length, (byte) 0);
            Files.write(copy.resolve(data.getFileName()), torn);
            LogMap<Long, String> recovered = open(copy);
            assertThat(recovered.get(1L)).isEqualTo("first");
            assertThat(recovered.get(2L)).as("torn at %s", at).isNull();
            recovered.close();
            delete(copy);
        }
    }

    @Test
    void aDirtyTailIsNeverAppendedTo() throws IOException {
        Path directory = temporary.resolve("map");
        for (int session = 0; session < 5; session++) {
            LogMap<Long, String> map = open(directory);
            assertThat(map.size()).isEqualTo(session);
            map.put((long) session, "session " + session);
            map.crash();
        }
        assertThat(files(directory, "data-")).hasSize(5);
        LogMap<Long, String> map = open(directory);
        map.close();
        map = open(directory);
        assertThat(map.recovery().clean()).isTrue();
        map.put(5L, "session 5");
        map.close();
        map = open(directory);
        map.put(6L, "session 6");
        map.close();
        assertThat(files(directory, "data-")).as("a clean end is appended to").hasSize(6);
        map = open(directory);
        assertThat(map).hasSize(7);
        map.close();
    }

    @Test
    void whatComesAfterACheckpointIsReplayedOnTopOfIt() {
        Path directory = temporary.resolve("map");
        LogMap<Long, String> map = open(directory);
        for (long i = 0; i < 1000; i++) {
            map.put(i, "old");
        }
        map.checkpoint();
        for (long i = 0; i < 1000; i += 2) {
            map.put(i, "new");
        }
        for (long i = 0; i < 1000; i += 5) {
            map.remove(i);
        }
        long dead = map.diskStats().deadBytes();
        map.crash();
        map = open(directory);
        assertThat(map.recovery().clean()).isFalse();
        assertThat(map.recovery().records()).isEqualTo(700);
        assertThat(map).hasSize(800);
        assertThat(map.get(2L)).isEqualTo("new");
        assertThat(map.get(1L)).isEqualTo("old");
        assertThat(map.get(5L)).isNull();
        assertThat(map.diskStats().deadBytes()).isEqualTo(dead);
        map.close();
        map = open(directory);
        assertThat(map.diskStats().deadBytes()).isEqualTo(dead);
        map.close();
    }

    @Test
    void aDamagedCheckpointIsReplacedByTheLog() throws IOException {
        Path origin = temporary.resolve("origin");
        LogMap<Long, String> map = open(origin);
        for (long i = 0; i < 500; i++) {
            map.put(i, "value " + i);
        }
        map.close();
        map = open(origin);
        map.remove(0L);
        map.close();
        Path image = files(origin, "ckpt-").getFirst();
        long size = Files.size(image);
        for (long at : new long[] {3, 20, 60, CheckpointImage.WORDS + 100, size - 1}) {
            Path copy = temporary.resolve("copy");
            copy(origin, copy);
            byte[] content = Files.readAllBytes(image);
            content[(int) at] ^= 1;
            Files.write(copy.resolve(image.getFileName()), content);
            map = open(copy);
            assertThat(map.recovery().clean()).as("byte %s", at).isFalse();
            assertThat(map).hasSize(499);
            assertThat(map.get(499L)).isEqualTo("value 499");
            assertThat(map.get(0L)).isNull();
            map.close();
            delete(copy);
        }
        Files.write(image, Arrays.copyOf(Files.readAllBytes(image), (int) size / 2));
        map = open(origin);
        assertThat(map).hasSize(499);
        map.close();
    }

    @Test
    void aCopyOfADirectoryWithoutItsLockIsRecovered() throws IOException {
        Path directory = temporary.resolve("map");
        LogMap<Long, String> map = open(directory);
        map.put(1L, "one");
        map.close();
        map = open(directory);
        map.put(2L, "two");
        Path copy = temporary.resolve("copy");
        copy(directory, copy);
        Files.delete(copy.resolve("LOCK"));
        map.close();
        map = open(copy);
        assertThat(map.get(2L)).isEqualTo("two");
        map.close();
    }

    @Test
    void aHoleInALaneEndsIt() throws IOException {
        Path directory = temporary.resolve("map");
        LogMap<Long, String> map = open(directory);
        long count = 0;
        while (map.diskStats().files() < 3) {
            map.put(count++, "value of some length, so that the files are full soon");
        }
        map.crash();
        List<Path> data = files(directory, "data-");
        byte[] content = Files.readAllBytes(data.getFirst());
        Arrays.fill(content, content.length / 2, content.length, (byte) 0);
        Files.write(data.getFirst(), content);
        map = open(directory);
        assertThat(map.size()).isBetween(1, (int) count / 2);
        for (long i = 0; i < map.size(); i++) {
            assertThat(map.get(i)).isNotNull();
        }
        assertThat(map.recovery().cuts()).hasSize(1);
        map.put(-1L, "after");
        map.close();
        assertThat(files(directory, "cut-")).isNotEmpty();
        map = open(directory);
        assertThat(map.get(-1L)).isEqualTo("after");
        map.close();
    }

    @Test
    void lanesMayChangeFromSessionToSession() {
        Path directory = temporary.resolve("map");
        for (int session = 0; session < 8; session++) {
            LogMap<Long, String> map = new DiskMapBuilder<>(Codecs.int64(), Codecs.utf8())
                    .shards(16)
                    .fileShift(20)
                    .durability(session / 2 % 2 == 0 ? Durability.NONE : Durability.SYNC)
                    .openLog(directory);
            for (long i = 0; i < 100; i++) {
                assertThat(map.get(i)).isEqualTo(session == 0 ? null : "session " + (session - 1));
                map.put(i, "session " + session);
            }
            if (session % 3 == 0) {
                map.crash();
            } else {
                map.close();
            }
        }
    }

    @Test
    void leftoversOfAnInterruptedCreationAreRemoved() throws IOException {
        Path directory = temporary.resolve("map");
        Files.createDirectories(directory);
        Files.write(directory.resolve("META.tmp"), new byte[3]);
        Files.write(directory.resolve("LOCK"), new byte[0]);
        LogMap<Long, String> map = open(directory);
        map.put(1L, "one");
        map.crash();
        Files.write(directory.resolve("data-000077.tmp"), new byte[5]);
        Files.write(directory.resolve("ckpt-00000077.tmp"), new byte[5]);
        map = open(directory);
        assertThat(map.get(1L)).isEqualTo("one");
        map.close();
        assertThat(files(directory, "data-000077")).isEmpty();
        assertThat(files(directory, "ckpt-00000077")).isEmpty();
    }

    @Test
    void aMissingLogFileIsReported() throws IOException {
        Path directory = temporary.resolve("map");
        LogMap<Long, String> map = open(directory);
        map.put(1L, "one");
        map.close();
        Files.delete(files(directory, "data-").getFirst());
        assertThatExceptionOfType(CorruptMapException.class)
                .isThrownBy(() -> open(directory))
                .withMessageContaining("missing");
    }

    @Test
    void checkpointsInTheBackgroundKeepRecoveryShort() {
        Path directory = temporary.resolve("map");
        LogMap<Long, String> map = builder().checkpointEvery(1 << 20).openLog(directory);
        String value = "x".repeat(1000);
        for (long i = 0; i < 20_000; i++) {
            map.put(i % 500, value + i);
        }
        map.crash();
        map = open(directory);
        assertThat(map).hasSize(500);
        assertThat(map.get(499L)).isEqualTo(value + 19_999);
        assertThat(map.recovery().bytes()).isLessThan(15 << 20);
        map.close();
    }
}
