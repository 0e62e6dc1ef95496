package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.ShardCountException;
import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that can go wrong has its exception, and leaves the map as it was. */
final class ErrorsTest {
    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("map");
    }

    private LogMap<Long, String> open() {
        return new DiskMapBuilder<>(Codecs.int64(), Codecs.utf8()).fileShift(20).openLog(directory());
    }

    private void create(int entries) {
        try (LogMap<Long, String> map = open()) {
            for (long i = 0; i < entries; i++) {
                map.put(i, "value " + i);
            }
        }
    }

    private Path file(String prefix) throws IOException {
        try (var files = Files.list(directory())) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void flip(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 0x10)}), offset);
        }
    }

    private static void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    @Test
    void aSecondOpenInTheProcessIsRefused() {
        try (LogMap<Long, String> map = open()) {
            map.put(1L, "one");
            assertThatExceptionOfType(MapLockedException.class)
                    .isThrownBy(this::open)
                    .satisfies(e ->
                            assertThat(e.pid()).hasValue(ProcessHandle.current().pid()))
                    .satisfies(e -> assertThat(e.path()).isEqualTo(directory()));
            assertThat(map.get(1L)).isEqualTo("one");
        }
        open().close();
    }

    @Test
    void aSecondProcessIsRefusedAndToldWhoHasTheMap() throws Exception {
        create(1);
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        String.join(File.pathSeparator, home(Owner.class), home(DiskMap.class), home(Codecs.class)),
                        Owner.class.getName(),
                        directory().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("open");
            assertThatExceptionOfType(MapLockedException.class)
                    .isThrownBy(this::open)
                    .withMessageContaining("pid " + other.pid())
                    .satisfies(e -> assertThat(e.pid()).hasValue(other.pid()));
        } finally {
            other.destroyForcibly().waitFor();
        }
        try (LogMap<Long, String> map = open()) {
            assertThat(map.get(0L)).isEqualTo("value 0");
        }
    }

    private static String home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    /** Opens the map that the argument names, and keeps it until it is killed. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] arguments) throws IOException {
            DiskMap.builder(Codecs.int64(), Codecs.utf8()).open(Path.of(arguments[0]));
            System.out.println("open");
            System.out.flush();
            System.in.read();
        }
    }

    @Test
    void anotherCodecIsRefused() {
        create(1);
        assertThatExceptionOfType(CodecMismatchException.class)
                .isThrownBy(() -> DiskMap.builder(Codecs.utf8(), Codecs.utf8()).open(directory()))
                .satisfies(e -> assertThat(e.expected()).isEqualTo("int64"))
                .satisfies(e -> assertThat(e.found()).isEqualTo("utf8"));
        assertThatExceptionOfType(CodecMismatchException.class)
                .isThrownBy(
                        () -> DiskMap.builder(Codecs.int64(), Codecs.bytes()).open(directory()))
                .withMessageContaining("value codec");
        open().close();
    }

    @Test
    void foreignThingsAreRefusedAndNotTouched() throws IOException {
        Path file = Files.writeString(temporary.resolve("letter.txt"), "Dear");
        assertThatExceptionOfType(UnsupportedFormatException.class)
                .isThrownBy(() -> DiskMap.builder(Codecs.int64(), Codecs.utf8()).open(file));
        assertThatExceptionOfType(UnsupportedFormatException.class)
                .isThrownBy(() -> DiskMap.builder(Codecs.int64(), Codecs.utf8()).open(temporary))
                .withMessageContaining("letter.txt");
        assertThat(temporary).isDirectoryContaining(p -> p.equals(file)).isDirectoryNotContaining("glob:**LOCK");
        Files.createDirectories(directory());
        Files.writeString(directory().resolve("META"), "this is some other program's metadata, long enough to be one");
        assertThatExceptionOfType(UnsupportedFormatException.class).isThrownBy(this::open);
    }

    @Test
    void aNewerFormatIsRefused() throws IOException {
        create(1);
        try (FileChannel channel = FileChannel.open(directory().resolve("META"), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {99}), 8);
        }
        assertThatExceptionOfType(UnsupportedFormatException.class)
                .isThrownBy(this::open)
                .withMessageContaining("version 99");
    }

    @Test
    void aDamagedOrMissingMetaIsReported() throws IOException {
        create(1);
        flip(directory().resolve("META"), 25);
        assertThatExceptionOfType(CorruptMapException.class)
                .isThrownBy(this::open)
                .satisfies(e -> assertThat(e.file()).isEqualTo(directory().resolve("META")));
        cut(directory().resolve("META"), 5);
        assertThatExceptionOfType(CorruptMapException.class).isThrownBy(this::open);
        Files.delete(directory().resolve("META"));
        assertThatExceptionOfType(CorruptMapException.class)
                .isThrownBy(this::open)
                .withMessageContaining("missing");
    }

    @Test
    void aDataFileCutShortIsReportedWithSizes() throws IOException {
        create(1000);
        Path data = file("data-");
        long size = Files.size(data);
        cut(data, 4096);
        assertThatExceptionOfType(CorruptMapException.class)
                .isThrownBy(this::open)
                .withMessageContaining("expected " + size + " bytes, found 4096")
                .satisfies(e -> assertThat(e.file()).isEqualTo(data))
                .satisfies(e -> assertThat(e.offset()).isEqualTo(4096));
        Files.delete(data);
        assertThatExceptionOfType(CorruptMapException.class)
                .isThrownBy(this::open)
                .withMessageContaining("missing");
    }

    @Test
    void aDataFileCutShortAfterACrashIsReported() throws IOException {
        LogMap<Long, String> map = open();
        map.put(1L, "one");
        map.crash();
        cut(file("data-"), 100);
        assertThatExceptionOfType(CorruptMapException.class)
                .isThrownBy(this::open)
                .withMessageContaining("found 100");
    }

    @Test
    void aDamagedHeaderOfADataFileIsReported() throws IOException {
        create(10);
        flip(file("data-"), 20);
        assertThatExceptionOfType(CorruptMapException.class)
                .isThrownBy(this::open)
                .withMessageContaining("header");
    }

    @Test
    void aFileCutUnderAnOpenMapIsReportedAndTheProcessLives() throws IOException {
        LogMap<Long, String> map = open();
        for (long i = 0; i < 10_000; i++) {
            map.put(i, "value " + i);
        }
        try (var files = Files.list(directory())) {
            for (Path data : files.filter(f -> f.getFileName().toString().startsWith("data-"))
                    .toList()) {
                cut(data, 0);
            }
        }
        assertThatThrownBy(() -> {
                    for (long i = 0; i < 10_000; i++) {
                        map.get(i);
                    }
                })
                .isInstanceOf(CorruptMapException.class)
                .hasMessageContaining("cut short while the map was open");
        assertThatExceptionOfType(CorruptMapException.class).isThrownBy(() -> map.put(20_000L, "x"));
        assertThatExceptionOfType(CorruptMapException.class).isThrownBy(map::size);
        map.close();
        assertThatExceptionOfType(CorruptMapException.class).isThrownBy(this::open);
    }

    @Test
    void aDamagedRecordIsFoundByVerifyAndByVerifiedReads() throws IOException {
        create(1000);
        Path data = file("data-");
        flip(data, DataFile.HEADER + 20);
        try (LogMap<Long, String> map = open()) {
            VerifyReport report = map.verify();
            assertThat(report.isSound()).isFalse();
            assertThat(report.damage()).hasValueSatisfying(e -> {
                assertThat(e.file()).isEqualTo(data);
                assertThat(e.offset()).isEqualTo(DataFile.HEADER);
            });
        }
        try (DiskMap<Long, String> map =
                DiskMap.builder(Codecs.int64(), Codecs.utf8()).verifyReads(true).open(directory())) {
            assertThatThrownBy(() -> {
                        for (long i = 0; i < 1000; i++) {
                            map.get(i);
                        }
                    })
                    .isInstanceOf(CorruptMapException.class)
                    .hasMessageContaining(data.toString());
        }
    }

    @Test
    void useAfterCloseIsRefusedEverywhere() {
        LogMap<Long, String> map = open();
        map.put(1L, "one");
        Iterator<Map.Entry<Long, String>> iterator = map.entrySet().iterator();
        map.close();
        map.close();
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.get(1L));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.containsKey(1L));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.put(1L, "x"));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.remove(1L));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.compute(1L, (k, v) -> "x"));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.putAll(Map.of(1L, "x")));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(map::clear);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(map::drain);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(map::size);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(map::force);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(map::verify);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(map::diskStats);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(map::shards);
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(() -> map.view(1L, MemorySegment::byteSize));
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(iterator::hasNext);
        CompletableFuture<String> elsewhere = CompletableFuture.supplyAsync(() -> map.get(1L));
        assertThatThrownBy(elsewhere::join).hasCauseInstanceOf(MapClosedException.class);
    }

    @Test
    void limitsAreNamedInTheMessage() {
        try (DiskMap<byte[], byte[]> map =
                DiskMap.builder(Codecs.bytes(), Codecs.bytes()).open(directory())) {
            byte[] longest = new byte[65_536];
            map.put(longest, new byte[0]);
            assertThat(map.get(longest)).isEmpty();
            map.put(new byte[0], new byte[] {1});
            assertThat(map.get(new byte[0])).containsExactly(1);
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> map.put(new byte[65_537], new byte[0]))
                    .withMessageContaining("65537")
                    .withMessageContaining("65536");
            assertThat(map).hasSize(2);
        }
        Codec<Integer> huge = new SizedCodec();
        try (DiskMap<Long, Integer> map = DiskMap.builder(Codecs.int64(), huge).open(temporary.resolve("huge"))) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> map.put(1L, (1 << 30) + 1))
                    .withMessageContaining("1073741825")
                    .withMessageContaining("1073741824");
            assertThat(map).isEmpty();
        }
    }

    /** A value is as many zeros. */
    private static final class SizedCodec implements Codec<Integer> {
        @Override
        public String identity() {
            return "test.Sized/1";
        }

        @Override
        public int size(Integer value) {
            return value;
        }

        @Override
        public void encode(Integer value, MemorySegment target) {
            target.fill((byte) 0);
        }

        @Override
        public Integer decode(MemorySegment source) {
            return (int) source.byteSize();
        }
    }

    @Test
    void aCodecThatThrowsChangesNothing() {
        Codec<Integer> failing = new Codec<>() {
            @Override
            public String identity() {
                return "test.Failing/1";
            }

            @Override
            public int size(Integer value) {
                return 4;
            }

            @Override
            public void encode(Integer value, MemorySegment target) {
                if (value < 0) {
                    throw new ArithmeticException("negative");
                }
                target.set(Bits.INT, 0, value);
            }

            @Override
            public Integer decode(MemorySegment source) {
                assertThat(source.isReadOnly()).isTrue();
                return source.get(Bits.INT, 0);
            }
        };
        try (DiskMap<Long, Integer> map =
                DiskMap.builder(Codecs.int64(), failing).open(directory())) {
            map.put(1L, 7);
            assertThatThrownBy(() -> map.put(1L, -1)).isInstanceOf(ArithmeticException.class);
            assertThatThrownBy(() -> map.compute(1L, (k, v) -> -1)).isInstanceOf(ArithmeticException.class);
            assertThat(map.get(1L)).isEqualTo(7);
            assertThat(map.put(1L, 8)).isEqualTo(7);
        }
    }

    @Test
    void theBuilderRefusesAtOnce() {
        DiskMapBuilder<Long, String> builder = DiskMap.builder(Codecs.int64(), Codecs.utf8());
        assertThatExceptionOfType(ShardCountException.class).isThrownBy(() -> builder.shards(0));
        assertThatExceptionOfType(ShardCountException.class).isThrownBy(() -> builder.shards(1 << 19));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> builder.initialCapacity(-1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> builder.checkpointEvery(5));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> builder.maxShards(0));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> builder.shards(64).maxShards(32))
                .withMessageContaining("64")
                .withMessageContaining("32");
        assertThatThrownBy(() -> DiskMap.builder(null, Codecs.utf8())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> builder.open(null)).isInstanceOf(NullPointerException.class);
        assertThat(builder.toString()).contains("int64").contains("64");
    }

    @Test
    void nullsAreRefused() {
        try (LogMap<Long, String> map = open()) {
            assertThatThrownBy(() -> map.get(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> map.put(null, "")).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> map.put(1L, null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> map.remove(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> map.compareAndExchange(null, "a", "b")).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> map.merge(1L, null, (a, b) -> a)).isInstanceOf(NullPointerException.class);
            assertThat(map).isEmpty();
        }
    }

    @Test
    void interruptsHarmNothing() {
        try (LogMap<Long, String> map = open()) {
            Thread.currentThread().interrupt();
            for (long i = 0; i < 100_000; i++) {
                map.put(i, "value " + i);
            }
            map.force();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(map.get(99_999L)).isEqualTo("value 99999");
        }
    }
}
