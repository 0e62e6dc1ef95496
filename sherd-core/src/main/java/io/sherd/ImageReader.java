package io.sherd;

import io.sherd.codec.Codec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Reads an image, see {@link ImageFormat}. Each thread takes the lock to read the next block, and sums, decodes and hands on its
 * entries outside of it.
 */
final class ImageReader<K, V> {
    private static final int BATCH = 1024;

    /** Who gets the entries of one thread. */
    @FunctionalInterface
    private interface Sink<K, V> extends BiConsumer<K, V> {
        /** After each block. */
        default void flush() {}
    }

    private final ImageSource source;
    private final Codec<K> keyCodec;
    private final Codec<V> valueCodec;
    private final ImageOptions options;
    private final ImageCrew crew = new ImageCrew();

    /** Guards the source, and the reports. */
    private final ReentrantLock lock = new ReentrantLock();

    private long done;

    private ImageReader(ImageSource source, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options) {
        this.source = source;
        this.keyCodec = ImageFormat.checked("keyCodec", keyCodec);
        this.valueCodec = ImageFormat.checked("valueCodec", valueCodec);
        this.options = Objects.requireNonNull(options, "options");
    }

    /** Makes a map of an image in a file; the function makes it, empty, of what the image says of itself. */
    static <K, V, M extends ShardedMap<K, V>> M read(
            Path file, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options, Function<Shape, M> maker)
            throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new ImageReader<>(new ImageSource(channel, "image " + file), keyCodec, valueCodec, options)
                    .read(maker);
        }
    }

    static <K, V, M extends ShardedMap<K, V>> M read(
            ReadableByteChannel channel,
            Codec<K> keyCodec,
            Codec<V> valueCodec,
            ImageOptions options,
            Function<Shape, M> maker)
            throws IOException {
        return new ImageReader<>(
                        new ImageSource(Objects.requireNonNull(channel, "channel")), keyCodec, valueCodec, options)
                .read(maker);
    }

    /** Reads a file to its end, and only then puts its entries into a map. */
    static <K, V> long putAll(
            ShardedMap<K, V> map, Path file, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options)
            throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ImageOptions silent = ImageOptions.defaults().parallelism(options.threads());
            new ImageReader<>(new ImageSource(channel, "image " + file), keyCodec, valueCodec, silent)
                    .readInto(() -> (key, value) -> {});
            channel.position(0);
            return new ImageReader<>(new ImageSource(channel, "image " + file), keyCodec, valueCodec, options)
                    .readInto(() -> new Batch<>(map));
        }
    }

    /**
     * What a map that is to be made should be like.
     *
     * @param shards how many shards the map had
     * @param entries how many entries to make room for, no more than the image can have
     */
    record Shape(int shards, long entries) {}

    private <M extends ShardedMap<K, V>> M read(Function<Shape, M> maker) throws IOException {
        ImageInfo info = header();
        // an entry takes a byte at the least, but room for so many would be a hundred times the image
        M map = maker.apply(new Shape(info.shards(), Math.min(info.entries(), source.mostEntries() / Long.BYTES)));
        readBlocks(info, () -> map::put);
        return map;
    }

    private long readInto(Supplier<K, V> sinks) throws IOException {
        readBlocks(header(), sinks);
        return done;
    }

    private interface Supplier<K, V> {
        Sink<K, V> get();
    }

    private ImageInfo header() throws IOException {
        ImageInfo info = source.readHeader();
        source.requireCodecs(info, keyCodec.identity(), valueCodec.identity());
        return info;
    }

    private void readBlocks(ImageInfo info, Supplier<K, V> sinks) throws IOException {
        crew.run(options.threads(), () -> {
            Sink<K, V> sink = sinks.get();
            ImageBlock block = new ImageBlock(source.image());
            ColumnReader<K> keys = new ColumnReader<>("key", keyCodec, 1, block);
            ColumnReader<V> values = new ColumnReader<>("value", valueCodec, 0, block);
            while (next(block)) {
                block.open(keys, values);
                for (int i = block.entries(); i > 0; i--) {
                    sink.accept(keys.next(), values.next());
                }
                keys.close();
                values.close();
                sink.flush();
                report(info, block.entries());
            }
        });
    }

    private boolean next(ImageBlock block) throws IOException {
        lock.lock();
        try {
            return !crew.isStopped() && source.next(block);
        } finally {
            lock.unlock();
        }
    }

    private void report(ImageInfo info, int entries) {
        lock.lock();
        try {
            done += entries;
            options.report(done, info.entries(), source.offset());
        } finally {
            lock.unlock();
        }
    }

    /** Puts some entries at a time, which costs a map that waits for the medium less. */
    private static final class Batch<K, V> implements Sink<K, V> {
        private final ShardedMap<K, V> map;
        private final Map<K, V> entries = new LinkedHashMap<>();

        Batch(ShardedMap<K, V> map) {
            this.map = map;
        }

        @Override
        public void accept(K key, V value) {
            entries.put(key, value);
            if (entries.size() == BATCH) {
                flush();
            }
        }

        @Override
        public void flush() {
            map.putAll(entries);
            entries.clear();
        }
    }
}
