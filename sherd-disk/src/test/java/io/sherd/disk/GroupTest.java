package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.LockedEntries;
import io.sherd.codec.Codecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The records of a transaction in the log: all of them count or none, wherever the log ends. */
@Timeout(60)
final class GroupTest {
    @TempDir
    Path temporary;

    private static DiskMapBuilder<Long, String> builder(int shards) {
        return new DiskMapBuilder<>(Codecs.int64(), Codecs.utf8())
                .shards(shards)
                .fileShift(20);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
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

    private static Map<Path, byte[]> dataFiles(Path directory) throws IOException {
        Map<Path, byte[]> content = new TreeMap<>();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("data-")) {
                    content.put(file, Files.readAllBytes(file));
                }
            }
        }
        return content;
    }

    /** Changes keys 1 to 3: one comes, one gets another value, one goes. */
    private static void three(LogMap<Long, String> map, boolean byTransaction) {
        if (byTransaction) {
            map.transact(tx -> {
                tx.put(1L, "new");
                tx.put(2L, "second, of some length");
                return tx.remove(3L);
            });
        } else {
            try (LockedEntries<Long, String> entries = map.lockAll(List.of(1L, 2L, 3L))) {
                entries.get(1L).setValue("new");
                entries.get(2L).setValue("second, of some length");
                entries.get(3L).remove();
            }
        }
    }

    private static final Map<Long, String> BEFORE = Map.of(2L, "old", 3L, "old");
    private static final Map<Long, String> AFTER = Map.of(1L, "new", 2L, "second, of some length");

    /**
     * One lane and four; the log is cut, or has a flipped bit, at every byte that the transaction wrote. The whole map is read
     * twice: as recovered, and again after one more write and another crash.
     */
    @ParameterizedTest
    @EnumSource(Durability.class)
    void whereverTheLogEndsAllOfItCountsOrNothing(Durability durability) throws IOException {
        for (boolean byTransaction : new boolean[] {true, false}) {
            Path origin = temporary.resolve("origin " + byTransaction);
            LogMap<Long, String> map = builder(16).durability(durability).openLog(origin);
            map.put(2L, "old");
            map.put(3L, "old");
            map.force();
            for (long i = 10; i < 30; i++) {
                map.put(i, "x"); // so that every lane has its file
                map.remove(i);
            }
            Map<Path, byte[]> before = dataFiles(origin);
            three(map, byTransaction);
            map.crash();
            Map<Path, byte[]> after = dataFiles(origin);
            int changed = 0;
            int all = 0;
            for (Map.Entry<Path, byte[]> file : after.entrySet()) {
                byte[] old = before.getOrDefault(file.getKey(), new byte[0]);
                byte[] now = file.getValue();
                int last = now.length - 1;
                while (last >= 0 && now[last] == 0) {
                    last--;
                }
                for (int at = 0; at <= last; at++) {
                    if (at < old.length && old[at] == now[at]) {
                        continue;
                    }
                    changed++;
                    byte[] torn = now.clone();
                    Arrays.fill(torn, at, torn.length, (byte) 0);
                    all += check(origin, durability, file.getKey(), torn) ? 1 : 0;
                    byte[] flipped = now.clone();
                    flipped[at] ^= 0x20;
                    all += check(origin, durability, file.getKey(), flipped) ? 1 : 0;
                }
            }
            assertThat(changed).isGreaterThan(50);
            assertThat(all).as("a torn transaction counts nowhere").isZero();
            assertThat(recovered(origin, durability)).isEqualTo(AFTER);
        }
    }

    /** Whether all of the transaction counts in a log one file of which has other bytes. */
    private boolean check(Path origin, Durability durability, Path file, byte[] content) throws IOException {
        Path copy = temporary.resolve("copy");
        copy(origin, copy);
        Files.write(copy.resolve(file.getFileName()), content);
        Map<Long, String> found = recovered(copy, durability);
        assertThat(found).isIn(BEFORE, AFTER);
        delete(copy);
        return found.equals(AFTER);
    }

    private static Map<Long, String> recovered(Path directory, Durability durability) {
        LogMap<Long, String> map = builder(16).durability(durability).openLog(directory);
        Map<Long, String> found = new TreeMap<>(map);
        map.put(100L, "after");
        map.crash();
        LogMap<Long, String> again = builder(16).durability(durability).openLog(directory);
        assertThat(again.verify().isSound()).isTrue();
        Map<Long, String> foundAgain = new TreeMap<>(again);
        assertThat(foundAgain.remove(100L)).isEqualTo("after");
        assertThat(foundAgain).isEqualTo(found);
        again.close();
        return found;
    }

    /** A transaction that needs several groups in each lane, in several files. */
    @ParameterizedTest
    @EnumSource(Durability.class)
    void oneThatIsLargerThanAFileCountsAsAWhole(Durability durability) throws IOException {
        Path origin = temporary.resolve("origin");
        LogMap<Long, String> map = builder(16).durability(durability).openLog(origin);
        map.put(0L, "before");
        int keys = 120;
        String large = "v".repeat(60_000);
        map.transact(tx -> {
            for (long i = 0; i < keys; i++) {
                tx.put(i, large);
            }
            return null;
        });
        map.put(1L, "later");
        map.crash();
        Map<Path, byte[]> content = dataFiles(origin);
        assertThat(content.size())
                .as("no more than 17 of the values fit into a file")
                .isGreaterThanOrEqualTo(8);
        int none = 0;
        for (Map.Entry<Path, byte[]> file : content.entrySet()) {
            for (int at : new int[] {DataFile.HEADER, 300_000, 600_000}) {
                if (at >= file.getValue().length || isZeroFrom(file.getValue(), at)) {
                    continue;
                }
                Path copy = temporary.resolve("copy");
                copy(origin, copy);
                byte[] torn = file.getValue().clone();
                Arrays.fill(torn, at, torn.length, (byte) 0);
                Files.write(copy.resolve(file.getKey().getFileName()), torn);
                try (LogMap<Long, String> recovered =
                        builder(16).durability(durability).openLog(copy)) {
                    long whole =
                            recovered.values().stream().filter(large::equals).count();
                    assertThat(whole).isIn(0L, keys - 1L, (long) keys);
                    none += whole == 0 ? 1 : 0;
                    assertThat(recovered.verify().isSound()).isTrue();
                }
                delete(copy);
            }
        }
        assertThat(none).as("each file has some of it").isGreaterThanOrEqualTo(8);
        try (LogMap<Long, String> recovered = builder(16).durability(durability).openLog(origin)) {
            assertThat(recovered.size()).isEqualTo(keys);
            assertThat(recovered.get(1L)).isEqualTo("later");
            assertThat(recovered.get(0L)).isEqualTo(large);
        }
    }

    private static boolean isZeroFrom(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The disk is full when some groups are in the log already: nothing is written, the map goes on, and recovery agrees. */
    @Test
    void aFullDiskInTheMiddleLeavesNothing() {
        FaultyStorage storage = new FaultyStorage();
        Path origin = temporary.resolve("origin");
        LogMap<Long, String> map = builder(16).storage(storage).openLog(origin);
        for (long i = 0; i < 200; i++) {
            map.put(i, "old");
        }
        String large = "v".repeat(60_000);
        String huge = "h".repeat(1 << 19);
        int failed = 0;
        for (int room = 1; room < 6; room++) {
            storage.room.set((long) room << 20);
            try {
                map.transact(tx -> {
                    tx.put(300L, huge);
                    for (long i = 0; i < 100; i++) {
                        tx.put(i, large);
                    }
                    return null;
                });
            } catch (StorageFullException full) {
                failed++;
            }
            assertThat(map.values()).doesNotContain(large);
        }
        assertThat(failed).isEqualTo(5);
        storage.room.set(Long.MAX_VALUE);
        map.put(7L, "new");
        assertThat(map.<String>transact(tx -> tx.put(8L, "new"))).isEqualTo("old");
        map.checkpoint();
        map.put(7L, "new");
        map.put(301L, huge);
        map.crash();
        try (LogMap<Long, String> recovered = builder(16).openLog(origin)) {
            assertThat(recovered.remove(301L)).isEqualTo(huge);
            assertThat(recovered.size()).isEqualTo(200);
            assertThat(recovered.values()).doesNotContain(large);
            assertThat(recovered.get(7L)).isEqualTo("new");
            assertThat(recovered.get(8L)).isEqualTo("new");
            assertThat(recovered.verify().isSound()).isTrue();
            assertThat(recovered.recovery().cuts()).isEmpty();
        }
    }

    /** A value that has a file of its own goes with its transaction. */
    @Test
    void largeValuesGoWithTheirTransaction() throws IOException {
        Path origin = temporary.resolve("origin");
        LogMap<Long, String> map = builder(16).openLog(origin);
        String huge = "h".repeat(1 << 20);
        map.transact(tx -> {
            tx.put(1L, huge);
            tx.put(2L, huge);
            return tx.put(3L, "small");
        });
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> {
            try (var _ = map.lock(1L)) {
                map.transact(tx -> {
                    tx.put(4L, huge);
                    return tx.put(1L, "no");
                });
            }
        });
        assertThat(map.diskStats().entries()).isEqualTo(3);
        long largeFiles = dataFiles(origin).values().stream()
                .filter(content -> content.length == DataFile.HEADER + (1 << 20))
                .count();
        assertThat(largeFiles).as("that of the refused one is deleted").isEqualTo(2);
        map.crash();
        try (LogMap<Long, String> recovered = builder(16).openLog(origin)) {
            assertThat(recovered.get(1L)).isEqualTo(huge);
            assertThat(recovered.get(2L)).isEqualTo(huge);
            assertThat(recovered.get(3L)).isEqualTo("small");
        }
    }

    /** Checkpoints are written while transactions run; what an image and the log behind it say together is whole. */
    @ParameterizedTest
    @EnumSource(Durability.class)
    void anImageAndTheLogBehindItAreWholeTogether(Durability durability) throws Exception {
        Path origin = temporary.resolve("origin");
        LogMap<Long, String> map = builder(64).durability(durability).openLog(origin);
        int keys = 64;
        map.transact(tx -> {
            for (long i = 0; i < keys; i++) {
                tx.put(i, "0");
            }
            return null;
        });
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            int number = t;
            threads.add(Thread.ofPlatform().start(() -> {
                int rounds = durability == Durability.SYNC ? 100 : 3_000;
                for (int i = 1; i <= rounds; i++) {
                    String value = number + "/" + i;
                    map.transact(tx -> {
                        for (long key = 0; key < keys; key += 7) {
                            tx.put(key, value);
                        }
                        return null;
                    });
                }
            }));
        }
        for (int round = 0; round < 12; round++) {
            map.checkpoint();
            Path copy = temporary.resolve("copy");
            // the image first and the log later: what is behind the image may be more, but never less
            copy(origin, copy);
            try (LogMap<Long, String> recovered =
                    builder(64).durability(durability).openLog(copy)) {
                String first = recovered.get(0L);
                for (long key = 0; key < keys; key += 7) {
                    assertThat(recovered.get(key)).isEqualTo(first);
                }
            } catch (CorruptMapException copiedWhileItChanged) {
                assertThat(copiedWhileItChanged).hasMessageContaining("missing");
            }
            delete(copy);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        map.crash();
        try (LogMap<Long, String> recovered = builder(64).durability(durability).openLog(origin)) {
            String first = recovered.get(0L);
            for (long key = 0; key < keys; key += 7) {
                assertThat(recovered.get(key)).isEqualTo(first);
            }
        }
    }

    @Test
    void oneChangeAloneIsAnOrdinaryRecord() {
        LogMap<Long, String> map = builder(1).openLog(temporary.resolve("map"));
        map.put(1L, "abc");
        long from = map.position().offset();
        map.put(2L, "abc");
        long single = map.position().offset() - from;
        map.transact(tx -> tx.put(3L, "abc"));
        assertThat(map.position().offset() - from).isEqualTo(2 * single);
        map.transact(tx -> {
            tx.put(4L, "abc");
            return tx.put(5L, "abc");
        });
        assertThat(map.position().offset() - from).isEqualTo(4 * single + Records.size(Records.GROUP_CONTENT));
        map.close();
    }
}
