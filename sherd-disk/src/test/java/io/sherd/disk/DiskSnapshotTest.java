package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sherd.ShardedMap;
import io.sherd.Snapshot;
import io.sherd.codec.Codecs;
import io.sherd.testkit.soak.Instants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What snapshots of the disk map do beyond the contract: files, copies of tables, and the ends of both. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class DiskSnapshotTest {
    private static final int LARGE = 9 << 20;

    @TempDir
    Path directory;

    private LogMap<Long, byte[]> open() {
        return DiskMap.builder(Codecs.int64(), Codecs.bytes())
                .shards(4)
                .initialCapacity(10_000)
                .openLog(directory.resolve("map"));
    }

    private static byte[] value(int size, int fill) {
        byte[] value = new byte[size];
        Arrays.fill(value, (byte) fill);
        return value;
    }

    /** The files of large values; when a lane makes one depends on the salt. */
    private long dataFiles() throws IOException {
        try (var files = Files.list(directory.resolve("map"))) {
            return files.filter(file -> file.getFileName().toString().matches("data-\\d+"))
                    .filter(file -> file.toFile().length() >= LARGE)
                    .count();
        }
    }

    @ParameterizedTest
    @CsvSource({"64, false", "1, false", "64, true"})
    @SuppressWarnings({"unchecked", "rawtypes"}) // keys are all of the type that the codec takes
    void isOneInstant(int shards, boolean objects) throws InterruptedException {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        DiskMapBuilder<?, Integer> builder = objects
                ? DiskMap.builder(Codecs.utf8(), Codecs.int32())
                : DiskMap.builder(Codecs.int32(), Codecs.int32());
        try (DiskMap<?, Integer> map =
                builder.shards(shards).checkpointEvery(1 << 20).open(directory.resolve("map"))) {
            Instants.Result result = new Instants((ShardedMap) map, objects, seed).run(400);
            assertThat(result.wrong())
                    .as("%s, -Dsherd.soak.seed=%s", result.firstWrong(), seed)
                    .isZero();
        }
    }

    @Test
    void aTableIsCopiedOnceAndOnlyWhileASnapshotIsOpen() {
        LogMap<Long, byte[]> map = open();
        for (long key = 0; key < 100; key++) {
            map.put(key, value(1, 1));
        }
        Table[] tables = tables(map);
        try (Snapshot<Long, byte[]> snapshot = map.snapshot()) {
            assertThat(map.remove(1_000L)).isNull();
            assertThat(map.putIfAbsent(1L, value(1, 2))).isNotNull();
            assertThat(tables(map)).as("nothing was changed").isEqualTo(tables);
            for (long key = 0; key < 100; key++) {
                map.put(key, value(1, 2));
            }
            Table[] copies = tables(map);
            for (int i = 0; i < tables.length; i++) {
                assertThat(copies[i]).isNotSameAs(tables[i]);
            }
            for (long key = 0; key < 100; key++) {
                map.put(key, value(1, 3));
            }
            assertThat(tables(map)).isEqualTo(copies);
            assertThat(snapshot.get(7L)).containsExactly(1);
            tables = copies;
        }
        map.snapshot().close();
        for (long key = 0; key < 100; key++) {
            map.remove(key);
        }
        assertThat(tables(map)).as("the snapshot was closed").isEqualTo(tables);
        map.close();
    }

    private static Table[] tables(LogMap<?, ?> map) {
        Table[] tables = new Table[4];
        for (int i = 0; i < tables.length; i++) {
            tables[i] = map.store().tableOf(i);
        }
        return tables;
    }

    @Test
    void largeValuesStayWhileASnapshotMayNeedThem() throws IOException {
        LogMap<Long, byte[]> map = open();
        map.put(1L, value(LARGE, 1));
        map.put(2L, value(LARGE, 2));
        try (Snapshot<Long, byte[]> snapshot = map.snapshot()) {
            map.put(1L, value(3, 1));
            map.remove(2L);
            long files = dataFiles();
            map.checkpoint();
            assertThat(dataFiles()).isEqualTo(files);
            assertThat(snapshot.get(1L)).isEqualTo(value(LARGE, 1));
            assertThat(snapshot.values())
                    .hasSize(2)
                    .allSatisfy(value -> assertThat(value).hasSize(LARGE));
            Snapshot<Long, byte[]> after = map.snapshot();
            var changes = after.changesSince(snapshot);
            assertThat(Objects.requireNonNull(changes.changed().get(1L)).before())
                    .hasSize(LARGE);
            assertThat(changes.removed().get(2L)).isEqualTo(value(LARGE, 2));
            after.close();
            map.put(3L, value(LARGE, 3));
            map.remove(3L);
            map.checkpoint();
            assertThat(dataFiles()).as("no snapshot knows of 3").isEqualTo(files);
        }
        long files = dataFiles();
        map.checkpoint();
        assertThat(dataFiles()).isEqualTo(files - 2);
        map.close();
    }

    @Test
    void whatADroppedSnapshotHeldGoes() throws IOException, InterruptedException {
        LogMap<Long, byte[]> map = open();
        map.put(1L, value(LARGE, 1));
        Iterator<Long> begun = map.snapshot().keySet().iterator();
        map.put(1L, value(3, 1));
        System.gc();
        map.checkpoint();
        assertThat(begun.next()).as("an iterator keeps it").isEqualTo(1);
        long files = dataFiles();
        begun = null;
        for (int i = 0; i < 100 && dataFiles() == files; i++) {
            System.gc();
            Thread.sleep(20);
            map.checkpoint();
        }
        assertThat(dataFiles()).isEqualTo(files - 1);
        map.close();
    }

    @Test
    void aCloseWithAnOpenSnapshotLosesNothing() throws IOException {
        LogMap<Long, byte[]> map = open();
        map.put(1L, value(LARGE, 1));
        map.put(2L, value(2, 2));
        Snapshot<Long, byte[]> snapshot = map.snapshot();
        Iterator<Map.Entry<Long, byte[]>> begun = snapshot.entrySet().iterator();
        map.put(1L, value(3, 1));
        map.close();
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> snapshot.get(1L));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(begun::next);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(map::snapshot);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.snapshotAt(1));
        assertThat(snapshot.version()).isEqualTo(1);
        snapshot.close();
        LogMap<Long, byte[]> again = open();
        assertThat(again.recovery().clean()).isTrue();
        assertThat(again.get(1L)).isEqualTo(value(3, 1));
        again.put(4L, value(4, 4));
        long files = dataFiles();
        again.checkpoint();
        assertThat(dataFiles()).as("the value that only the snapshot needed").isLessThan(files);
        assertThat(again.verify().isSound()).isTrue();
        again.close();
    }

    @Test
    void theLastVersionsAreKept() {
        try (DiskMap<Long, Long> map =
                DiskMap.builder(Codecs.int64(), Codecs.int64()).keepVersions(2).open(directory.resolve("map"))) {
            List<Long> versions = new ArrayList<>();
            for (long i = 0; i < 4; i++) {
                map.put(1L, i);
                try (Snapshot<Long, Long> snapshot = map.snapshot()) {
                    versions.add(snapshot.version());
                }
            }
            assertThat(map.snapshotAt(versions.get(0))).isEmpty();
            assertThat(map.snapshotAt(versions.get(1))).isEmpty();
            assertThat(map.snapshotAt(versions.get(3) + 1)).isEmpty();
            try (Snapshot<Long, Long> third = map.snapshotAt(versions.get(2)).orElseThrow()) {
                assertThat(third).containsExactly(Map.entry(1L, 2L));
                map.snapshot().close();
                map.snapshot().close();
                assertThat(third.get(1L)).isEqualTo(2);
            }
            assertThat(map.snapshotAt(versions.get(2))).isEmpty();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> DiskMap.builder(Codecs.int64(), Codecs.int64()).keepVersions(-1))
                .withMessageContaining("-1");
    }

    /** Whoever reads while another closes gets what was, or is told. */
    @Test
    void aCloseWhileOthersReadShowsNothingNewer() throws InterruptedException {
        try (DiskMap<Long, Long> map =
                DiskMap.builder(Codecs.int64(), Codecs.int64()).shards(1).open(directory.resolve("map"))) {
            for (long key = 0; key < 8; key++) {
                map.put(key, 0L);
            }
            AtomicBoolean over = new AtomicBoolean();
            List<Throwable> failures = new ArrayList<>();
            for (long round = 1; round <= 2_000; round++) {
                long was = round - 1;
                Snapshot<Long, Long> snapshot = map.snapshot();
                over.set(false);
                Thread reader = Thread.ofPlatform().start(() -> {
                    try {
                        while (!over.get()) {
                            for (long key = 0; key < 8; key++) {
                                assertThat(snapshot.get(key)).isEqualTo(was);
                            }
                        }
                    } catch (IllegalStateException closed) {
                        // as it should be
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                });
                if (round % 2 == 0) {
                    Thread.onSpinWait();
                }
                snapshot.close();
                for (long key = 0; key < 8; key++) {
                    map.put(key, round);
                }
                over.set(true);
                reader.join();
                assertThat(failures).isEmpty();
            }
        }
    }

    @Test
    void theStateIsThatOfTheMapNotOfItsDirectory() {
        try (LogMap<Long, byte[]> map = open();
                DiskMap<Long, byte[]> other =
                        DiskMap.builder(Codecs.int64(), Codecs.bytes()).open(directory.resolve("other"))) {
            map.put(1L, value(3, 1));
            Snapshot<Long, byte[]> snapshot = map.snapshot();
            assertThat(snapshot.equals(map)).as("arrays by their elements").isTrue();
            assertThat(snapshot.containsValue(value(3, 1))).isTrue();
            assertThat(snapshot.entrySet().contains(Map.entry(1L, value(3, 1)))).isTrue();
            assertThat(snapshot.equals(Map.<Object, Object>of("1", 2))).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> other.snapshot().changesSince(snapshot))
                    .withMessageContaining("another map");
            snapshot.close();
            assertThatIllegalStateException().isThrownBy(snapshot::size).withMessageContaining("closed");
        }
    }
}
