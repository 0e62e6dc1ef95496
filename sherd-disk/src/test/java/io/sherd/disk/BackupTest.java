package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.ShardCountException;
import io.sherd.codec.Codecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of a map that is in use. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
final class BackupTest {
    private static final int LARGE = 300_000;

    @TempDir
    Path root;

    private Path source;
    private Path target;

    @org.junit.jupiter.api.BeforeEach
    void directories() {
        source = root.resolve("source");
        target = root.resolve("target");
    }

    private static DiskMapBuilder<Long, byte[]> builder() {
        return new DiskMapBuilder<>(Codecs.int64(), Codecs.bytes())
                .fileShift(20)
                .shards(8);
    }

    private static LogMap<Long, byte[]> open(Path directory) {
        return builder().openLog(directory);
    }

    private static byte[] value(int size, long fill) {
        byte[] value = new byte[size];
        Arrays.fill(value, (byte) fill);
        return value;
    }

    /** Puts so much that each lane fills some files, and a value that has its own. */
    private static void fill(DiskMap<Long, byte[]> map, long from, long round) {
        for (long key = from; key < from + 3_000; key++) {
            map.put(key, value(1_000 + (int) (key % 7), round));
        }
        map.put(-1 - from, value(LARGE, round));
    }

    private static Map<Long, String> content(Map<Long, byte[]> map) {
        Map<Long, String> content = new TreeMap<>();
        map.forEach((key, value) -> content.put(key, value.length + " of " + value[0]));
        return content;
    }

    private static void assertHolds(Path directory, Map<Long, String> expected) {
        try (LogMap<Long, byte[]> map = open(directory)) {
            assertThat(map.recovery().clean()).isTrue();
            assertThat(map.recovery().records()).isZero();
            assertThat(map.mappingCount()).isEqualTo(expected.size());
            assertThat(content(map)).isEqualTo(expected);
            assertThat(map.verify().isSound()).isTrue();
        }
    }

    private static List<Path> dataFiles(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("data-\\d+"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void isAMapOfItsOwn() throws IOException {
        LogMap<Long, byte[]> map = open(source);
        fill(map, 0, 1);
        map.put(-1L, value(LARGE, 2));
        map.remove(5L);
        Map<Long, String> expected = content(map);
        BackupReport report = map.backup(target);
        assertThat(report.entries()).isEqualTo(expected.size());
        assertThat(report.target()).isEqualTo(target);
        assertThat(report.shards()).isEqualTo(8);
        assertThat(report.linked()).isPositive();
        assertThat(report.copied()).isEqualTo(4);
        assertThat(report.kept()).isZero();
        assertThat(report.writtenBytes()).isPositive().isLessThan(report.bytes());
        map.put(5L, value(1, 1));
        map.clear();
        map.close();
        assertHolds(target, expected);
        try (LogMap<Long, byte[]> copy = open(target)) {
            copy.put(5L, value(2, 2));
            copy.remove(-1L);
            copy.transact(tx -> {
                tx.put(6L, value(3, 3));
                return tx.put(7L, value(3, 3));
            });
            copy.crash();
        }
        expected.put(5L, "2 of 2");
        expected.put(6L, "3 of 3");
        expected.put(7L, "3 of 3");
        expected.remove(-1L);
        try (LogMap<Long, byte[]> copy = open(target)) {
            assertThat(copy.recovery().clean()).isFalse();
            assertThat(copy.recovery().records()).isEqualTo(4);
            assertThat(copy.recovery().cuts()).isEmpty();
            assertThat(content(copy)).isEqualTo(expected);
        }
        assertHolds(target, expected);
        assertHolds(source, Map.of());
    }

    @Test
    void ofAnEmptyMapAndIntoAnEmptyDirectory() throws IOException {
        Files.createDirectories(target);
        try (LogMap<Long, byte[]> map = open(source)) {
            assertThat(map.backup(target).entries()).isZero();
            assertHolds(target, Map.of());
            map.put(1L, value(1, 1));
            map.backup(target);
            assertHolds(target, Map.of(1L, "1 of 1"));
            map.backup(target.resolveSibling("some").resolve("parents").resolve("more"));
        }
        assertHolds(root.resolve("some/parents/more"), Map.of(1L, "1 of 1"));
    }

    @Test
    void theLogAloneGivesTheSame() throws IOException {
        Map<Long, String> expected;
        try (LogMap<Long, byte[]> map = open(source)) {
            fill(map, 0, 1);
            try (var entries = map.lockAll(List.of(1L, 2L, 3L))) {
                entries.forEach(entry -> entry.setValue(value(9, 9)));
            }
            map.backup(target);
            expected = content(map);
            map.clear();
        }
        Files.delete(target.resolve("ckpt-00000001"));
        try (LogMap<Long, byte[]> copy = open(target)) {
            assertThat(content(copy)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void addsWhatIsNew(boolean links) throws IOException {
        BackupOptions options = BackupOptions.defaults().hardLinks(links);
        LogMap<Long, byte[]> map = open(source);
        fill(map, 0, 1);
        BackupReport first = map.backup(target, options);
        assertThat(first.linked() == 0).isEqualTo(!links);
        BackupReport same = map.backup(target, options);
        assertThat(same.kept()).isEqualTo(first.linked() + first.copied());
        assertThat(same.linked() + same.copied()).isZero();
        assertHolds(target, content(map));
        for (int round = 2; round < 6; round++) {
            int files = dataFiles(target).size();
            fill(map, 1_000L * round, round);
            if (round == 3) {
                map.put(-1L, value(3, 3));
                map.checkpoint();
            } else if (round == 4) {
                map.crash();
                map = open(source);
            } else if (round == 5) {
                map.close();
                map = builder().durability(Durability.SYNC).openLog(source);
                fill(map, 0, 9);
            }
            BackupReport report = map.backup(target, options);
            assertThat(report.kept()).isGreaterThanOrEqualTo(files - 6);
            assertThat(report.copied()).as(report.toString()).isLessThanOrEqualTo(links ? 4 : 24);
            assertHolds(target, content(map));
            assertThat(dataFiles(target)).hasSize(report.linked() + report.copied() + report.kept());
        }
        map.close();
        assertHolds(source, content(target));
    }

    private static Map<Long, String> content(Path directory) {
        try (LogMap<Long, byte[]> map = open(directory)) {
            return content(map);
        }
    }

    /** What both have is written by neither. */
    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void linkedFilesDoNotChange(boolean crashSource, boolean crashCopy) throws IOException {
        LogMap<Long, byte[]> map = open(source);
        fill(map, 0, 1);
        map.close();
        map = open(source);
        fill(map, 1_000, 2);
        map.backup(target);
        Map<Path, String> linked = new HashMap<>();
        for (Path file : dataFiles(target)) {
            Path own = source.resolve(file.getFileName());
            if (Files.exists(own) && Files.isSameFile(own, file)) {
                linked.put(file, sum(file));
            }
        }
        assertThat(linked).hasSizeGreaterThan(4);
        Map<Long, String> before = content(map);
        LogMap<Long, byte[]> copy = open(target);
        for (long round = 3; round < 6; round++) {
            fill(map, 500 * round, round);
            fill(copy, 700 * round, 10 * round);
            map.removeIf((key, value) -> key % 5 == 0);
            copy.removeIf((key, value) -> key % 3 == 0);
            map.checkpoint();
            copy.checkpoint();
            Map<Long, String> ofMap = content(map);
            Map<Long, String> ofCopy = content(copy);
            map = reopen(map, crashSource, source);
            copy = reopen(copy, crashCopy, target);
            assertThat(content(map)).isEqualTo(ofMap);
            assertThat(content(copy)).isEqualTo(ofCopy);
        }
        assertThat(before).isNotEqualTo(content(map));
        map.close();
        copy.close();
        for (Map.Entry<Path, String> file : linked.entrySet()) {
            if (Files.exists(file.getKey())) {
                assertThat(sum(file.getKey())).as(file.getKey().toString()).isEqualTo(file.getValue());
            }
        }
    }

    private static LogMap<Long, byte[]> reopen(LogMap<Long, byte[]> map, boolean crash, Path directory) {
        if (crash) {
            map.crash();
        } else {
            map.close();
        }
        return open(directory);
    }

    private static String sum(Path file) throws IOException {
        return Arrays.hashCode(Files.readAllBytes(file)) + " " + Files.size(file);
    }

    /** Wherever a backup stops, the one before is what it was, also for one who opens it, writes, and is killed. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void anEarlierOneStaysWhole(boolean forGood, boolean links) throws IOException {
        StoppingStorage storage = new StoppingStorage(target);
        storage.forGood = forGood;
        BackupOptions options = BackupOptions.defaults().hardLinks(links);
        LogMap<Long, byte[]> map = builder().storage(storage).openLog(source);
        fill(map, 0, 1);
        map.backup(target, options);
        Map<Long, String> earlier = content(map);
        map.put(-1L, value(5, 5)); // the file of a large value is not needed any more
        fill(map, 1_000, 2);
        map.crash();
        map = builder().storage(storage).openLog(source); // files of another era
        fill(map, 2_000, 3);
        Map<Long, String> now = content(map);
        Path saved = root.resolve("saved");
        copy(target, saved);
        int stops = 0;
        for (long steps = 0; ; steps += steps < 20 ? 1 : 1 + steps / 7) {
            storage.steps.set(steps);
            LogMap<Long, byte[]> stopping = map;
            boolean done = false;
            try {
                stopping.backup(target, options);
                done = true;
            } catch (DiskMapException stopped) {
                stops++;
            }
            boolean complete = storage.steps.get() >= 0;
            storage.steps.set(Long.MAX_VALUE);
            Map<Long, String> found;
            try (LogMap<Long, byte[]> copy = open(target)) {
                assertThat(copy.recovery().clean()).isTrue();
                found = content(copy);
                assertThat(found).as("%s steps", steps).isIn(earlier, now);
                assertThat(copy.verify().isSound()).isTrue();
                if (done) {
                    assertThat(found).isEqualTo(now);
                }
            }
            if (complete) {
                break;
            }
            if (found.equals(earlier)) {
                // the stopped one left nothing that counts later
                storage.steps.set(steps);
                try {
                    map.backup(target, options);
                } catch (DiskMapException stopped) {
                    stops++;
                }
                storage.steps.set(Long.MAX_VALUE);
                try (LogMap<Long, byte[]> copy = open(target)) {
                    copy.put(7L, value(7, 7));
                    fill(copy, 5_000, 4);
                    found = content(copy);
                    copy.crash();
                }
                assertThat(content(target))
                        .as("%s steps, written, killed", steps)
                        .isEqualTo(found);
            }
            delete(target);
            copy(saved, target);
        }
        assertThat(stops).isGreaterThan(20);
        map.close();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
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

    @ParameterizedTest
    @CsvSource({"true, 8", "false, 8", "true, 16"})
    void aFirstOneThatStopsIsNoMap(boolean forGood, int shards) throws IOException {
        StoppingStorage storage = new StoppingStorage(target);
        storage.forGood = forGood;
        try (LogMap<Long, byte[]> map = builder().storage(storage).openLog(source)) {
            fill(map, 0, 1);
            Map<Long, String> expected = content(map);
            BackupOptions options = BackupOptions.defaults().shards(shards);
            int unfinished = 0;
            for (long steps = 0; ; steps += 1 + steps / 6) {
                storage.steps.set(steps);
                try {
                    map.backup(target, options);
                } catch (DiskMapException stopped) {
                    unfinished++;
                }
                boolean complete = storage.steps.get() >= 0;
                storage.steps.set(Long.MAX_VALUE);
                if (complete) {
                    break;
                }
                if (Files.exists(target.resolve(BackupTarget.UNFINISHED))) {
                    assertThatExceptionOfType(UnsupportedFormatException.class)
                            .isThrownBy(() -> open(target))
                            .withMessageContaining("not finished")
                            .withMessageContaining(target.toString());
                } else if (Files.exists(target.resolve(Meta.NAME))) {
                    assertThat(content(target)).isEqualTo(expected);
                    delete(target);
                } else if (Files.exists(target)) {
                    assertThat(storage.list(target)).isSubsetOf(Ownership.NAME);
                }
            }
            assertThat(unfinished).isGreaterThan(5);
            assertThat(content(target)).isEqualTo(expected);
            assertThat(dataFiles(target)).isNotEmpty();
        }
    }

    @Test
    void aFullDiskLosesNothing() throws IOException {
        FaultyStorage storage = new FaultyStorage();
        try (LogMap<Long, byte[]> map = builder().storage(storage).openLog(source)) {
            fill(map, 0, 1);
            map.backup(target);
            Map<Long, String> earlier = content(map);
            map.put(3L, value(4, 4));
            storage.room.set(10_000);
            assertThatExceptionOfType(StorageFullException.class)
                    .isThrownBy(() -> map.backup(target))
                    .withMessageContaining(target.toString())
                    .withMessageContaining("the earlier backup is as it was");
            Path other = root.resolve("other");
            assertThatExceptionOfType(StorageFullException.class)
                    .isThrownBy(() -> map.backup(other))
                    .withMessageContaining("nothing is left");
            assertThat(other).doesNotExist();
            storage.room.set(Long.MAX_VALUE);
            assertHolds(target, earlier);
            map.put(4L, value(5, 5));
            map.backup(target);
            assertHolds(target, content(map));
        }
    }

    @Test
    void aFailedFlushOfTheMapIsFinalHereToo() {
        FaultyStorage storage = new FaultyStorage();
        try (LogMap<Long, byte[]> map = builder().storage(storage).openLog(source)) {
            fill(map, 0, 1);
            storage.beforeForce = () -> storage.failForce = StackWalker.getInstance()
                    .walk(frames ->
                            frames.anyMatch(frame -> frame.getClassName().equals(Log.class.getName())));
            assertThatExceptionOfType(DiskMapException.class)
                    .isThrownBy(() -> map.backup(target))
                    .withMessageContaining("read-only");
            assertThatExceptionOfType(DiskMapException.class).isThrownBy(() -> map.put(1L, value(1, 1)));
            assertThat(target).doesNotExist();
        } catch (DiskMapException atClose) {
            assertThat(atClose).hasMessageContaining("read-only");
        }
    }

    @Test
    void refusesWhatItMustNotTouch() throws IOException {
        try (LogMap<Long, byte[]> map = open(source)) {
            map.put(1L, value(1, 1));
            refused(map, source, "the map itself");
            refused(map, source.resolve("inner"), "inside the map");
            Path link = Files.createSymbolicLink(root.resolve("link"), source);
            refused(map, link, "the map itself");
            refused(map, link.resolve("a").resolve("b"), "inside the map");
            Path file = Files.writeString(root.resolve("file"), "text");
            refused(map, file, "is a file");
            Path other = Files.createDirectories(root.resolve("other"));
            Files.writeString(other.resolve("notes.txt"), "text");
            refused(map, other, "notes.txt");
            Files.writeString(other.resolve(BackupTarget.UNFINISHED), "");
            refused(map, other, "other files");
            Path stranger = root.resolve("stranger");
            open(stranger).close();
            refused(map, stranger, "another map");
            map.backup(target);
            try (LogMap<Long, byte[]> copy = open(target)) {
                assertThatExceptionOfType(MapLockedException.class)
                        .isThrownBy(() -> map.backup(target))
                        .withMessageContaining(target.toString());
                assertThat(copy.get(1L)).hasSize(1);
            }
            map.backup(target);
            try (LogMap<Long, byte[]> copy = open(target)) {
                copy.put(2L, value(2, 2));
            }
            refused(map, target, "written to");
            assertHolds(target, Map.of(1L, "1 of 1", 2L, "2 of 2"));
            Path checked = root.resolve("checked");
            map.backup(checked);
            try (LogMap<Long, byte[]> copy = open(checked)) {
                copy.checkpoint();
            }
            refused(map, checked, "written to");
            assertHolds(checked, Map.of(1L, "1 of 1"));
        }
    }

    private void refused(LogMap<Long, byte[]> map, Path to, String why) throws IOException {
        Map<String, String> before = listing(to);
        assertThatExceptionOfType(BackupTargetException.class)
                .isThrownBy(() -> map.backup(to))
                .withMessageContaining(why)
                .withMessageContaining("give a directory");
        assertThat(listing(to)).isEqualTo(before);
    }

    private Map<String, String> listing(Path directory) throws IOException {
        Map<String, String> files = new TreeMap<>();
        if (Files.isDirectory(directory) && !Files.isSameFile(directory, source)) {
            try (var all = Files.list(directory)) {
                for (Path file : all.toList()) {
                    files.put(file.getFileName().toString(), sum(file));
                }
            }
        }
        return files;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesAnEarlierOneOfAnotherLine(boolean small) throws IOException {
        LogMap<Long, byte[]> map = open(source);
        fill(map, 0, 1);
        Path older = root.resolve("older");
        map.backup(older);
        fill(map, 1_000, 2);
        map.backup(target);
        Map<Long, String> kept = content(map);
        map.close();
        delete(source);
        copy(older, source); // put back
        map = open(source);
        if (small) {
            map.put(1L, value(1, 1));
        } else {
            fill(map, 1_000, 3);
            fill(map, 2_000, 3);
        }
        refused(map, target, "put back");
        map.close();
        assertHolds(target, kept);
    }

    @Test
    void ofABackup() throws IOException {
        Map<Long, String> expected;
        try (LogMap<Long, byte[]> map = open(source)) {
            fill(map, 0, 1);
            map.backup(target);
            expected = content(map);
        }
        Path second = root.resolve("second");
        try (LogMap<Long, byte[]> map = open(target)) {
            BackupReport report = map.backup(second);
            assertThat(report.copied()).isZero();
            assertThat(report.linked()).isPositive();
            fill(map, 1_000, 2);
            map.backup(second);
            assertHolds(second, content(map));
        }
        assertHolds(source, expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64, 1_000})
    void anotherNumberOfShardsIsWrittenAnew(int shards) throws IOException {
        try (LogMap<Long, byte[]> map = open(source)) {
            fill(map, 0, 1);
            fill(map, 0, 2);
            map.remove(17L);
            BackupReport report = map.backup(target, BackupOptions.defaults().shards(shards));
            int rounded = shards == 1_000 ? 1_024 : shards;
            assertThat(report.shards()).isEqualTo(rounded);
            assertThat(report.linked()).isZero();
            assertThat(report.entries()).isEqualTo(map.mappingCount());
            try (LogMap<Long, byte[]> copy = open(target)) {
                assertThat(copy.shards().count()).isEqualTo(rounded);
                assertThat(copy.diskStats().deadBytes()).isZero();
            }
            assertHolds(target, content(map));
            refused(map, target, "another map");
            Path plain = root.resolve("plain");
            map.backup(plain, BackupOptions.defaults().shards(8));
            assertThatExceptionOfType(BackupTargetException.class)
                    .isThrownBy(() -> map.backup(plain, BackupOptions.defaults().shards(shards)))
                    .withMessageContaining(rounded + " cannot be added");
        }
        assertThatExceptionOfType(ShardCountException.class)
                .isThrownBy(() -> BackupOptions.defaults().shards(0));
        assertThatExceptionOfType(ShardCountException.class)
                .isThrownBy(() -> BackupOptions.defaults().shards(300_000));
    }

    @Test
    void keysOfDifferentLengths() {
        try (DiskMap<String, String> map =
                DiskMap.builder(Codecs.utf8(), Codecs.utf8()).shards(4).open(source)) {
            Map<String, String> expected = new HashMap<>();
            for (int i = 0; i < 2_000; i++) {
                expected.put("k".repeat(i % 50) + i, "value " + i);
            }
            map.putAll(expected);
            map.backup(target);
            map.backup(root.resolve("more"), BackupOptions.defaults().shards(32));
            for (String name : List.of("target", "more")) {
                try (DiskMap<String, String> copy =
                        DiskMap.builder(Codecs.utf8(), Codecs.utf8()).open(root.resolve(name))) {
                    assertThat(copy.equals(expected)).isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void tellsHowFarItIs(int shards) {
        try (LogMap<Long, byte[]> map = open(source)) {
            fill(map, 0, 1);
            List<BackupProgress> told = new ArrayList<>();
            BackupReport report =
                    map.backup(target, BackupOptions.defaults().shards(shards).onProgress(told::add));
            assertThat(told).hasSizeGreaterThan(2);
            for (int i = 1; i < told.size(); i++) {
                assertThat(told.get(i).bytes())
                        .isGreaterThanOrEqualTo(told.get(i - 1).bytes());
                assertThat(told.get(i).totalBytes())
                        .isGreaterThanOrEqualTo(told.get(i).bytes());
            }
            assertThat(told.getLast().bytes()).isEqualTo(report.bytes());
            assertThat(told.getLast().totalBytes()).isEqualTo(report.bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void whatAListenerThrowsEndsIt(int shards) {
        try (LogMap<Long, byte[]> map = open(source)) {
            fill(map, 0, 1);
            IllegalStateException enough = new IllegalStateException("enough");
            BackupOptions options = BackupOptions.defaults().shards(shards).onProgress(progress -> {
                throw enough;
            });
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> map.backup(target, options))
                    .isSameAs(enough);
            assertThat(target).doesNotExist();
            map.put(1L, value(1, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void aCloseEndsIt(int shards) {
        LogMap<Long, byte[]> map = open(source);
        fill(map, 0, 1);
        AtomicBoolean closing = new AtomicBoolean();
        List<Thread> closer = new ArrayList<>();
        BackupOptions options = BackupOptions.defaults().shards(shards).onProgress(progress -> {
            if (closing.compareAndSet(false, true)) {
                closer.add(Thread.ofPlatform().start(map::close));
                while (true) {
                    try {
                        map.mappingCount();
                    } catch (MapClosedException closed) {
                        return;
                    }
                }
            }
        });
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.backup(target, options));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.backup(target));
        assertThat(closer)
                .hasSize(1)
                .allSatisfy(thread -> assertThat(thread.join(java.time.Duration.ofSeconds(30)))
                        .isTrue());
        assertThat(target).doesNotExist();
    }

    // ---- one instant

    private static final int ACCOUNTS = 64;
    private static final long MONEY = 1_000;
    private static final long STEPS = 100_000;
    private static final int STEP_KEYS = 16;
    private static final long NUMBERS = 1_000_000;

    private static DiskMapBuilder<Long, Long> accounts() {
        return new DiskMapBuilder<>(Codecs.int64(), Codecs.int64())
                .fileShift(21)
                .shards(32)
                .checkpointEvery(1 << 20);
    }

    /** Writers keep the sum of all accounts, raise some keys one after the other, and count up without a gap. */
    @ParameterizedTest
    @CsvSource({"NONE, 0", "SYNC, 0", "NONE, 64"})
    void isOneInstantUnderWriters(Durability durability, int shards) throws InterruptedException, IOException {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        BackupOptions options = shards == 0
                ? BackupOptions.defaults()
                : BackupOptions.defaults().shards(shards);
        AtomicBoolean over = new AtomicBoolean();
        List<Throwable> failures = new ArrayList<>();
        List<Thread> writers = new ArrayList<>();
        try (LogMap<Long, Long> map = accounts().durability(durability).openLog(source)) {
            for (long account = 0; account < ACCOUNTS; account++) {
                map.put(account, MONEY);
            }
            for (long step = 0; step < STEP_KEYS; step++) {
                map.put(STEPS + step, 0L);
            }
            for (int writer = 0; writer < 2; writer++) {
                Random random = new Random(seed + writer);
                writers.add(start(over, failures, round -> transfer(map, random)));
            }
            writers.add(start(over, failures, round -> {
                for (long step = 0; step < STEP_KEYS; step++) {
                    map.put(STEPS + step, round);
                }
                map.put(NUMBERS + round, round);
                LockSupport.parkNanos(50_000);
            }));
            int links = 0;
            for (int i = 0; i < 16; i++) {
                Path to = shards == 0 && i % 4 != 3 ? target : root.resolve("fresh " + i);
                BackupReport report = map.backup(to, options);
                links += report.linked();
                try (LogMap<Long, Long> copy = accounts().openLog(to)) {
                    assertThat(wrong(copy, report))
                            .as("-Dsherd.soak.seed=" + seed)
                            .isEmpty();
                    if (i % 4 == 3) {
                        transfer(copy, new Random(seed)); // the copy may be written, and the map is not touched by it
                        assertThat(wrong(copy, report)).isEmpty();
                    }
                }
                if (!to.equals(target)) {
                    delete(to);
                }
            }
            over.set(true);
            for (Thread writer : writers) {
                writer.join();
            }
            assertThat(failures).isEmpty();
            if (durability == Durability.NONE && shards == 0) {
                assertThat(links).as("there were files that were full").isPositive();
            }
        } finally {
            over.set(true);
        }
    }

    private interface Round {
        void run(long round);
    }

    private static Thread start(AtomicBoolean over, List<Throwable> failures, Round writer) {
        return Thread.ofPlatform().start(() -> {
            try {
                for (long round = 1; !over.get(); round++) {
                    writer.run(round);
                }
            } catch (Throwable e) {
                synchronized (failures) {
                    failures.add(e);
                }
            }
        });
    }

    private static void transfer(DiskMap<Long, Long> map, Random random) {
        long from = random.nextInt(ACCOUNTS);
        long to = random.nextInt(ACCOUNTS);
        long sum = random.nextInt(10);
        if (random.nextInt(4) == 0 && from != to) {
            try (var both = map.lockAll(List.of(from, to))) {
                both.get(from).setValue(Objects.requireNonNull(both.get(from).value()) - sum);
                both.get(to).setValue(Objects.requireNonNull(both.get(to).value()) + sum);
            }
        } else {
            map.transact(tx -> {
                tx.put(from, Objects.requireNonNull(tx.get(from)) - sum);
                return tx.put(to, Objects.requireNonNull(tx.get(to)) + sum);
            });
        }
    }

    private static String wrong(LogMap<Long, Long> copy, BackupReport report) {
        if (!copy.recovery().clean() || copy.recovery().records() != 0) {
            return copy.recovery().toString();
        }
        if (copy.mappingCount() != report.entries()) {
            return report.entries() + " entries reported, " + copy.mappingCount() + " there";
        }
        long money = 0;
        for (long account = 0; account < ACCOUNTS; account++) {
            money += Objects.requireNonNull(copy.get(account));
        }
        if (money != ACCOUNTS * MONEY) {
            return "all accounts have " + money + " together";
        }
        long first = Objects.requireNonNull(copy.get(STEPS));
        long last = first;
        for (long step = 0; step < STEP_KEYS; step++) {
            long here = Objects.requireNonNull(copy.get(STEPS + step));
            if (here > last || here < first - 1) {
                return "step " + step + " is " + here + " after " + last + ", the first " + first;
            }
            last = here;
        }
        long numbers = copy.mappingCount() - ACCOUNTS - STEP_KEYS;
        for (long number = 1; number <= numbers; number++) {
            if (!Long.valueOf(number).equals(copy.get(NUMBERS + number))) {
                return numbers + " numbers, but not " + number;
            }
        }
        return numbers == last || numbers == last - 1 ? "" : numbers + " numbers, the last step is " + last;
    }
}
