package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.sherd.CorruptImageException;
import io.sherd.ImageCodecException;
import io.sherd.ImageInfo;
import io.sherd.ImageOptions;
import io.sherd.ImageProgress;
import io.sherd.ShardedMap;
import io.sherd.SnapshotMode;
import io.sherd.UnsupportedImageException;
import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images of maps on the heap. */
@Timeout(60)
final class ImageTest {
    private static final Codec<Long> INT64 = Codecs.int64();
    private static final Codec<String> UTF8 = Codecs.utf8();

    @TempDir
    Path directory;

    /** Words, as a program's own codec may write them: with the identity of ours, or another one. */
    private record Plain(String identity, int fixedSize) implements Codec<Long> {
        @Override
        public int size(Long value) {
            return Long.BYTES;
        }

        @Override
        public void encode(Long value, MemorySegment target) {
            target.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, value);
        }

        @Override
        public Long decode(MemorySegment source) {
            assertThat(source.byteSize()).isEqualTo(Long.BYTES);
            assertThat(source.isReadOnly()).isTrue();
            return source.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        }
    }

    private static <K, V> byte[] bytes(ShardedMap<K, V> map, Codec<K> keys, Codec<V> values) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        map.writeTo(Channels.newChannel(out), keys, values);
        return out.toByteArray();
    }

    private static ReadableByteChannel channel(byte[] bytes) {
        return Channels.newChannel(new ByteArrayInputStream(bytes));
    }

    private Path file() {
        return directory.resolve("map.sherd");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    private static ShardedMap<Long, Long> numbers(int count) {
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        for (long i = 0; i < count; i++) {
            map.put(i * 0x9E3779B97F4A7C15L, i);
        }
        return map;
    }

    // ---- round trips

    private <K, V> void goesRound(
            Random random, Codec<K> keys, Codec<V> values, Function<Random, K> key, Function<Random, V> value)
            throws IOException {
        ShardedMap<K, V> map =
                ShardedMap.onHeap().shards(1 << random.nextInt(7)).build();
        int count = random.nextInt(10) == 0 ? 150_000 : random.nextInt(500);
        for (int i = 0; i < count; i++) {
            map.put(key.apply(random), value.apply(random));
        }
        ImageOptions options = ImageOptions.defaults().parallelism(1 + random.nextInt(4));
        assertThat(map.writeTo(file(), keys, values, options)).isEqualTo(map.mappingCount());
        ImageInfo info = ImageInfo.read(file());
        assertThat(info.entries()).isEqualTo(map.mappingCount());
        assertThat(info.shards()).isEqualTo(map.shards().count());
        for (ShardedMap<K, V> read : List.of(
                ShardedMap.readFrom(file(), keys, values, options),
                ShardedMap.readFrom(channel(Files.readAllBytes(file())), keys, values, options))) {
            assertThat(read).isEqualTo(map);
            assertThat(read.mappingCount()).isEqualTo(map.mappingCount());
            assertThat(read.shards().count())
                    .isGreaterThanOrEqualTo(map.shards().count());
        }
    }

    @Test
    void anyMapGoesRound() throws IOException {
        for (long seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            try {
                goesRound(random, INT64, INT64, Random::nextLong, Random::nextLong);
                goesRound(random, INT64, INT64, r -> (long) r.nextInt(100_000) - 50_000, r -> 5L);
                goesRound(random, UTF8, Codecs.float64(), ImageTest::text, Random::nextDouble);
                goesRound(random, Codecs.uuid(), UTF8, r -> new UUID(r.nextLong(), r.nextLong()), ImageTest::text);
                goesRound(random, Codecs.int32(), new Plain("plain", 8), Random::nextInt, Random::nextLong);
                goesRound(random, new Plain("free", Codec.VARIABLE), Codecs.int32(), Random::nextLong, Random::nextInt);
            } catch (AssertionError | IOException | RuntimeException failure) {
                throw new AssertionError("seed " + seed + ": " + failure, failure);
            }
        }
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(20), 0x20, 0x2000)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void extremesGoRound() throws IOException {
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        for (long word : new long[] {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE}) {
            map.put(word, ~word);
        }
        assertThat(ShardedMap.readFrom(channel(bytes(map, INT64, INT64)), INT64, INT64))
                .isEqualTo(map);
        ShardedMap<Long, Long> empty = ShardedMap.onHeap().build();
        assertThat(ShardedMap.readFrom(channel(bytes(empty, INT64, INT64)), INT64, INT64))
                .isEmpty();
    }

    @Test
    void anotherCodecOfTheSameIdentityReadsTheSameBytes() throws IOException {
        ShardedMap<Long, Long> map = numbers(1000);
        Codec<Long> plain = new Plain("int64", 8);
        assertThat(ShardedMap.readFrom(channel(bytes(map, INT64, INT64)), plain, plain))
                .isEqualTo(map);
        assertThat(ShardedMap.readFrom(channel(bytes(map, plain, plain)), INT64, INT64))
                .isEqualTo(map);
    }

    @Test
    void largeValuesGoRound() throws IOException {
        ShardedMap<Integer, byte[]> map = ShardedMap.onHeap().build();
        int[] sizes = {0, 1, 100, 700_000, 1 << 20, (1 << 20) + 1, 5_000_000, 3, 900_000, 400_000};
        for (int i = 0; i < sizes.length; i++) {
            byte[] value = new byte[sizes[i]];
            new Random(i).nextBytes(value);
            map.put(i, value);
        }
        for (int threads = 1; threads <= 3; threads++) {
            map.writeTo(
                    file(),
                    Codecs.int32(),
                    Codecs.bytes(),
                    ImageOptions.defaults().parallelism(threads));
            ShardedMap<Integer, byte[]> read = ShardedMap.readFrom(file(), Codecs.int32(), Codecs.bytes());
            assertThat(read).hasSize(sizes.length);
            map.forEach((key, value) -> assertThat(read.get(key)).isEqualTo(value));
        }
    }

    @Test
    void numbersTakeTheBytesThatTheyNeed() throws IOException {
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        for (long i = 0; i < 100_000; i++) {
            map.put(i, i % 200);
        }
        assertThat(bytes(map, INT64, INT64).length).isLessThan(100_000 * 4 + 1000); // 3 + 1 each
    }

    @Test
    void shardsAreKept() throws IOException {
        ShardedMap<Long, Long> map = ShardedMap.onHeap().shards(64).build();
        map.putAll(Map.of(1L, 2L, 3L, 4L));
        byte[] image = bytes(map, INT64, INT64);
        assertThat(ShardedMap.readFrom(channel(image), INT64, INT64).shards().count())
                .isEqualTo(64);
        ShardedMap<Long, Long> other =
                ShardedMap.onHeap().shards(4).readFrom(channel(image), INT64, INT64, ImageOptions.defaults());
        assertThat(other.shards().count()).isEqualTo(4);
        ShardedMap<Long, Long> few =
                ShardedMap.onHeap().maxShards(16).readFrom(channel(image), INT64, INT64, ImageOptions.defaults());
        assertThat(few.shards().count()).isEqualTo(16);
        assertThat(few).isEqualTo(map);
    }

    @Test
    void severalImagesInOneChannel() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WritableByteChannel target = Channels.newChannel(out);
        numbers(10).writeTo(target, INT64, INT64);
        numbers(2000).writeTo(target, INT64, INT64);
        out.write(7);
        ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());
        ReadableByteChannel source = Channels.newChannel(in);
        assertThat(ShardedMap.readFrom(source, INT64, INT64)).isEqualTo(numbers(10));
        assertThat(ShardedMap.readFrom(source, INT64, INT64)).isEqualTo(numbers(2000));
        assertThat(in.read()).isEqualTo(7);
    }

    @Test
    void entriesOfAnImageArePut() throws IOException {
        numbers(100).writeTo(file(), INT64, INT64);
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        map.put(-1L, -1L);
        assertThat(map.putAllFrom(file(), INT64, INT64, ImageOptions.defaults()))
                .isEqualTo(100);
        assertThat(map).hasSize(101).containsAllEntriesOf(numbers(100));
    }

    @Test
    void aDamagedImagePutsNothing() throws IOException {
        numbers(100_000).writeTo(file(), INT64, INT64);
        byte[] image = Files.readAllBytes(file());
        image[image.length - 1] ^= 1;
        Files.write(file(), image);
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        assertThatThrownBy(() -> map.putAllFrom(file(), INT64, INT64, ImageOptions.defaults()))
                .isInstanceOf(CorruptImageException.class);
        assertThat(map).isEmpty();
    }

    @Test
    void writersMayGoOnMeanwhile() throws Exception {
        ShardedMap<Long, Long> map = numbers(20_000);
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            Random random = new Random(1);
            while (!done.get()) {
                long extra = -1L - random.nextInt(50_000);
                if (random.nextBoolean()) {
                    map.put(extra, extra);
                } else {
                    map.remove(extra);
                }
            }
        });
        try {
            for (int i = 0; i < 20; i++) {
                map.writeTo(file(), INT64, INT64);
                ShardedMap<Long, Long> read = ShardedMap.readFrom(file(), INT64, INT64);
                assertThat(read).containsAllEntriesOf(numbers(20_000));
                read.forEach((key, value) -> assertThat(value).isIn(key, key * 0xF1DE83E19937733DL));
            }
        } finally {
            done.set(true);
            writer.join();
        }
    }

    // ---- what is beside the entries

    @Test
    void infoTellsWhatTheHeaderHas() throws IOException {
        ShardedMap<String, Long> map = ShardedMap.onHeap().shards(8).build();
        map.put("a", 1L);
        map.writeTo(file(), UTF8, INT64, ImageOptions.defaults().note("grüezi"));
        assertThat(ImageInfo.read(file())).isEqualTo(new ImageInfo(1, 8, 1, "utf8", "int64", "grüezi"));
        assertThatThrownBy(() -> ImageOptions.defaults().note("\ud800")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ImageOptions.defaults().note("x".repeat((1 << 20) + 1)))
                .hasMessageContaining("1048577")
                .hasMessageContaining("1048576");
        assertThatThrownBy(() -> ImageOptions.defaults().parallelism(0)).hasMessageContaining("parallelism: 0");
    }

    @Test
    void progressComesToTheEnd() throws IOException {
        List<ImageProgress> seen = new ArrayList<>();
        ImageOptions options = ImageOptions.defaults().onProgress(seen::add);
        ShardedMap<Long, Long> map = numbers(300_000);
        map.writeTo(file(), INT64, INT64, options);
        rises(seen);
        seen.clear();
        ShardedMap.readFrom(file(), INT64, INT64, options);
        rises(seen);
    }

    private static void rises(List<ImageProgress> seen) {
        assertThat(seen).hasSizeGreaterThanOrEqualTo(5);
        assertThat(seen.getLast().entries()).isEqualTo(300_000);
        for (int i = 1; i < seen.size(); i++) {
            assertThat(seen.get(i).entries()).isGreaterThan(seen.get(i - 1).entries());
            assertThat(seen.get(i).bytes())
                    .isGreaterThanOrEqualTo(seen.get(i - 1).bytes());
            assertThat(seen.get(i).expectedEntries()).isEqualTo(300_000);
        }
    }

    // ---- failures

    @Test
    void otherCodecsAreRefused() throws IOException {
        byte[] image = bytes(numbers(10), INT64, INT64);
        assertThatThrownBy(() -> ShardedMap.readFrom(channel(image), UTF8, INT64))
                .isInstanceOfSatisfying(ImageCodecException.class, refused -> {
                    assertThat(refused.expected()).isEqualTo("int64");
                    assertThat(refused.found()).isEqualTo("utf8");
                })
                .hasMessageContaining("key codec");
        assertThatThrownBy(() -> ShardedMap.readFrom(channel(image), INT64, Codecs.float64()))
                .isInstanceOf(ImageCodecException.class)
                .hasMessageContaining("value codec");
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Files.writeString(file(), "a text of some length, longer than a header in any case, and no image");
        assertThatThrownBy(() -> ShardedMap.readFrom(file(), INT64, INT64))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining(file().toString());
        byte[] newer = bytes(numbers(1), INT64, INT64);
        newer[8] = 2;
        assertThatThrownBy(() -> ShardedMap.readFrom(channel(newer), INT64, INT64))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> ShardedMap.readFrom(directory.resolve("none"), INT64, INT64))
                .isInstanceOf(NoSuchFileException.class);
        Files.write(file(), new byte[0]);
        assertThatThrownBy(() -> ShardedMap.readFrom(file(), INT64, INT64))
                .isInstanceOfSatisfying(
                        CorruptImageException.class,
                        cut -> assertThat(cut.offset()).isZero())
                .hasMessageContaining("cut short");
    }

    @Test
    void anImageReplacesAnotherAtOnceOrNotAtAll() throws IOException {
        numbers(10).writeTo(file(), INT64, INT64);
        ShardedMap<Long, Long> more = numbers(200_000);
        assertThatThrownBy(() -> more.writeTo(
                        file(), INT64, INT64, ImageOptions.defaults().onProgress(progress -> {
                            throw new ArithmeticException("on purpose");
                        })))
                .isInstanceOf(ArithmeticException.class);
        Codec<Long> bad = new Codec<>() {
            @Override
            public String identity() {
                return "bad";
            }

            @Override
            public int size(Long value) {
                return 3;
            }

            @Override
            public void encode(Long value, MemorySegment target) {
                throw new ArithmeticException("on purpose");
            }

            @Override
            public Long decode(MemorySegment source) {
                throw new ArithmeticException("on purpose");
            }
        };
        assertThatThrownBy(() -> more.writeTo(file(), INT64, bad)).isInstanceOf(ArithmeticException.class);
        assertThat(ShardedMap.readFrom(file(), INT64, INT64)).isEqualTo(numbers(10));
        assertThat(files()).containsExactly(file());
        more.writeTo(file(), INT64, INT64);
        assertThat(ShardedMap.readFrom(file(), INT64, INT64)).isEqualTo(more);
        assertThat(files()).containsExactly(file());
    }

    @Test
    void placesThatCannotHaveAFileAreRefused() {
        assertThatThrownBy(() -> numbers(1).writeTo(directory, INT64, INT64))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("something else than a file");
        assertThatThrownBy(() -> numbers(1).writeTo(directory.resolve("no/such/file"), INT64, INT64))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("there is no directory");
    }

    @Test
    void aChannelThatFailsIsTold() {
        WritableByteChannel full = new WritableByteChannel() {
            private int left = 100_000;

            @Override
            public int write(ByteBuffer source) throws IOException {
                if (left < source.remaining()) {
                    throw new IOException("no space left");
                }
                left -= source.remaining();
                int written = source.remaining();
                source.position(source.limit());
                return written;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        assertThatThrownBy(() -> numbers(300_000).writeTo(full, INT64, INT64)).hasMessage("no space left");
    }

    @Test
    void channelsThatDoNotBlockAreRefused() throws IOException {
        Pipe pipe = Pipe.open();
        try (Pipe.SinkChannel sink = pipe.sink();
                Pipe.SourceChannel source = pipe.source()) {
            sink.configureBlocking(false);
            source.configureBlocking(false);
            assertThatThrownBy(() -> numbers(1).writeTo(sink, INT64, INT64))
                    .isInstanceOf(IllegalBlockingModeException.class);
            assertThatThrownBy(() -> ShardedMap.readFrom(source, INT64, INT64))
                    .isInstanceOf(IllegalBlockingModeException.class);
        }
    }

    @Test
    void anInterruptEndsTheWriting() throws IOException {
        numbers(10).writeTo(file(), INT64, INT64);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> numbers(200_000).writeTo(file(), INT64, INT64))
                    .isInstanceOf(IOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(ShardedMap.readFrom(file(), INT64, INT64)).isEqualTo(numbers(10));
        assertThat(files()).containsExactly(file());
    }

    @ParameterizedTest
    @EnumSource(SnapshotMode.class)
    void anImageIsOneInstantWhateverIsWrittenMeanwhile(SnapshotMode mode) throws Exception {
        int accounts = 2_000;
        ShardedMap<Long, Long> map =
                ShardedMap.onHeap().shards(16).snapshotMode(mode).build();
        for (long account = 0; account < accounts; account++) {
            map.put(account, 100L);
        }
        AtomicBoolean over = new AtomicBoolean();
        Thread teller = Thread.ofPlatform().start(() -> {
            SplittableRandom random = new SplittableRandom(4711);
            while (!over.get()) {
                long from = random.nextLong(accounts);
                long to = (from + 1 + random.nextLong(accounts - 1)) % accounts;
                map.transact(tx -> {
                    tx.compute(from, (key, had) -> had == null ? -1 : had - 1);
                    tx.compute(to, (key, had) -> had == null ? 1 : had + 1);
                    return null;
                });
            }
        });
        try {
            for (int image = 0; image < 30; image++) {
                map.writeTo(file(), INT64, INT64);
                ShardedMap<Long, Long> read = ShardedMap.readFrom(file(), INT64, INT64);
                assertThat(read).hasSize(accounts);
                assertThat(read.values().stream().mapToLong(Long::longValue).sum())
                        .isEqualTo(100L * accounts);
            }
        } finally {
            over.set(true);
            teller.join();
        }
    }

    // ---- images by those who mean ill: all checksums are right

    private static void seal(byte[] image, int blockAt) {
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(44, sum(image, 0, 44));
        bytes.putInt(blockAt + 28, sum(image, blockAt, 28));
    }

    private static int sum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** What the calling thread allocates while an image is refused. */
    private long allocatedWhileRefused(byte[] image, boolean inFile) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Files.write(file(), image);
        ImageOptions options = ImageOptions.defaults().parallelism(1);
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> {
                    if (inFile) {
                        ShardedMap.readFrom(file(), INT64, UTF8, options);
                    } else {
                        ShardedMap.readFrom(channel(image), INT64, UTF8, options);
                    }
                })
                .isInstanceOf(CorruptImageException.class);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void lengthsAreNotBelieved() throws IOException {
        ShardedMap<Long, String> map = ShardedMap.onHeap().build();
        map.put(1L, "one");
        byte[] image = bytes(map, INT64, UTF8);
        int blockAt = 48 + "int64utf8".length() + 4;
        Map<String, int[]> bombs = new HashMap<>();
        bombs.put("length of the block", new int[] {blockAt + 8, Integer.MAX_VALUE - 100});
        bombs.put("entries of the block", new int[] {blockAt + 12, 1 << 16});
        bombs.put("entries", new int[] {24, Integer.MAX_VALUE});
        bombs.put("entries, high half", new int[] {28, Integer.MAX_VALUE});
        bombs.put("shards", new int[] {32, 1 << 22});
        bombs.put("note", new int[] {40, 1 << 20});
        for (Map.Entry<String, int[]> bomb : bombs.entrySet()) {
            byte[] forged = image.clone();
            ByteBuffer.wrap(forged).order(ByteOrder.LITTLE_ENDIAN).putInt(bomb.getValue()[0], bomb.getValue()[1]);
            seal(forged, blockAt);
            forged[forged.length - 1] ^= 1; // so that those that only ask for room are refused at last, too
            for (boolean inFile : new boolean[] {false, true}) {
                assertThat(allocatedWhileRefused(forged, inFile))
                        .as(bomb.getKey())
                        .isLessThan(6 << 20);
            }
        }
    }
}
