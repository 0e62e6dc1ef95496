package io.sherd;

import io.sherd.codec.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/**
 * Writes the entries that a map has at one instant as an image, see {@link ImageFormat}.
 *
 * <p>The traversal of a snapshot is split by shard. Each thread takes one part after the other, encodes the entries into blocks of its own, sums
 * and packs them, and takes the lock only to give a full block its number and to write it. So a block lies in the image where it
 * was ready, in no order of keys, and the memory taken is two blocks for each thread, whatever the size of the map.
 */
final class ImageWriter<K, V> {
    private static final int PARTS_PER_THREAD = 16;
    private static final int WRITE_AT_ONCE = 1 << 16;

    private final WritableByteChannel channel;
    private final Codec<K> keyCodec;
    private final Codec<V> valueCodec;
    private final ImageOptions options;
    private final long expected;
    private final long number = RandomGenerator.getDefault().nextLong();
    private final ImageCrew crew = new ImageCrew();

    /** Guards all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final CRC32C headers = new CRC32C();
    private int blocks;
    private long entries;
    private long bytes;

    private ImageWriter(
            WritableByteChannel channel, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options, long expected) {
        this.channel = channel;
        this.keyCodec = ImageFormat.checked("keyCodec", keyCodec);
        this.valueCodec = ImageFormat.checked("valueCodec", valueCodec);
        this.options = Objects.requireNonNull(options, "options");
        this.expected = expected;
    }

    static <K, V> long write(
            ShardedMap<K, V> map, Path file, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options)
            throws IOException {
        Objects.requireNonNull(options, "options");
        ImageFormat.checked("keyCodec", keyCodec);
        ImageFormat.checked("valueCodec", valueCodec);
        try (ImageFile image = new ImageFile(file)) {
            long written = write(map, image.channel(), keyCodec, valueCodec, options);
            image.commit();
            return written;
        }
    }

    static <K, V> long write(
            ShardedMap<K, V> map,
            WritableByteChannel channel,
            Codec<K> keyCodec,
            Codec<V> valueCodec,
            ImageOptions options)
            throws IOException {
        if (Objects.requireNonNull(channel, "channel") instanceof SelectableChannel selectable
                && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        try (Snapshot<K, V> instant = map instanceof HeapMap<K, V> heap ? heap.instant() : map.snapshot()) {
            ImageWriter<K, V> writer =
                    new ImageWriter<>(channel, keyCodec, valueCodec, options, instant.mappingCount());
            return writer.write(instant.entrySet().spliterator(), map.shards().count());
        }
    }

    private long write(Spliterator<Map.Entry<K, V>> source, int shards) throws IOException {
        lock.lock();
        try {
            writeHeader(shards);
        } finally {
            lock.unlock();
        }
        int threads = options.threads();
        List<Spliterator<Map.Entry<K, V>>> parts = split(source, threads == 1 ? 1 : PARTS_PER_THREAD * threads);
        AtomicInteger next = new AtomicInteger();
        crew.run(Math.min(threads, parts.size()), () -> {
            Encoder encoder = new Encoder();
            for (int part; (part = next.getAndIncrement()) < parts.size() && !crew.isStopped(); ) {
                encoder.encode(parts.get(part));
            }
            encoder.finish();
        });
        lock.lock();
        try {
            writeEnd();
            return entries;
        } finally {
            lock.unlock();
        }
    }

    private static <T> List<Spliterator<T>> split(Spliterator<T> source, int wanted) {
        List<Spliterator<T>> parts = List.of(source);
        for (int before = 0; parts.size() < wanted && parts.size() > before; ) {
            before = parts.size();
            List<Spliterator<T>> smaller = new ArrayList<>();
            for (Spliterator<T> part : parts) {
                Spliterator<T> half = part.trySplit();
                smaller.add(part);
                if (half != null) {
                    smaller.add(half);
                }
            }
            parts = smaller;
        }
        return parts;
    }

    /** One thread's share. */
    private final class Encoder implements BiConsumer<K, V> {
        private final ColumnWriter<K> keys = ColumnWriter.of("key", keyCodec);
        private final ColumnWriter<V> values = ColumnWriter.of("value", valueCodec);
        private final byte[] block = new byte
                [ImageFormat.FRAME + ImageFormat.BLOCK_BYTES + ImageFormat.PAYLOAD_OVERHEAD + ImageFormat.SLACK];
        private int count;

        void encode(Spliterator<Map.Entry<K, V>> part) throws IOException {
            try {
                if (part instanceof FrozenPass<Map.Entry<K, V>> heap) {
                    heap.forEachPair(this);
                } else {
                    part.forEachRemaining(entry -> accept(entry.getKey(), entry.getValue()));
                }
            } catch (Failed failed) {
                throw failed.failure;
            }
        }

        @Override
        public void accept(K key, V value) {
            keys.add(key);
            values.add(value);
            count++;
            if (count > 1 && keys.length() + (long) values.length() > ImageFormat.BLOCK_BYTES) {
                flush(count - 1);
            }
            if (count == ImageFormat.BLOCK_ENTRIES
                    || keys.length() + (long) values.length() >= ImageFormat.BLOCK_BYTES) {
                flush(count);
            }
        }

        void finish() throws IOException {
            if (count > 0 && !crew.isStopped()) {
                try {
                    flush(count);
                } catch (Failed failed) {
                    throw failed.failure;
                }
            }
        }

        private void flush(int written) {
            long longest = ImageFormat.FRAME
                    + ImageFormat.PAYLOAD_OVERHEAD
                    + ImageFormat.SLACK
                    + (written < count
                            ? keys.lengthBeforeLast() + (long) values.lengthBeforeLast()
                            : keys.length() + (long) values.length());
            if (longest > Integer.MAX_VALUE - Long.BYTES) {
                throw new IllegalArgumentException(
                        "an entry of more than 2 GiB is too long for an image; keep its value elsewhere");
            }
            byte[] target = longest <= block.length ? block : new byte[(int) longest];
            int begin = ImageFormat.FRAME + Integer.BYTES;
            int border = keys.flush(target, begin, written, 1);
            int end = values.flush(target, border, written, 0);
            count -= written;
            ImageFormat.setInt(target, ImageFormat.FRAME, border - begin);
            int length = end - ImageFormat.FRAME;
            int sum = ImageFormat.sum(target, ImageFormat.FRAME, length);
            try {
                writeBlock(target, length, written, sum);
            } catch (IOException failure) {
                throw new Failed(failure);
            }
        }
    }

    /** Carries a failure through a traversal. */
    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final transient IOException failure;

        Failed(IOException failure) {
            super(null, failure, false, false);
            this.failure = failure;
        }
    }

    // ---- under the lock

    private void writeHeader(int shards) throws IOException {
        byte[] note = ImageFormat.encodeText("note", options.note());
        byte[] key = ImageFormat.encodeText("keyCodec", keyCodec.identity());
        byte[] value = ImageFormat.encodeText("valueCodec", valueCodec.identity());
        int length = key.length + value.length + note.length;
        byte[] header = new byte[ImageFormat.HEADER + length + Integer.BYTES];
        ImageFormat.setLong(header, 0, ImageFormat.MAGIC);
        ImageFormat.setInt(header, 8, ImageFormat.VERSION);
        ImageFormat.setLong(header, 16, number);
        ImageFormat.setLong(header, 24, expected);
        ImageFormat.setInt(header, 32, shards);
        ImageFormat.setShort(header, 36, key.length);
        ImageFormat.setShort(header, 38, value.length);
        ImageFormat.setInt(header, 40, note.length);
        ImageFormat.setInt(header, ImageFormat.HEADER_SUM, ImageFormat.sum(header, 0, ImageFormat.HEADER_SUM));
        System.arraycopy(key, 0, header, ImageFormat.HEADER, key.length);
        System.arraycopy(value, 0, header, ImageFormat.HEADER + key.length, value.length);
        System.arraycopy(note, 0, header, ImageFormat.HEADER + key.length + value.length, note.length);
        ImageFormat.setInt(header, ImageFormat.HEADER + length, ImageFormat.sum(header, ImageFormat.HEADER, length));
        writeFully(header, header.length);
    }

    private void writeBlock(byte[] block, int length, int count, int sum) throws IOException {
        lock.lock();
        try {
            if (crew.isStopped()) {
                throw new IOException("another thread failed");
            }
            if (blocks == -1) {
                throw new IOException("an image has at most 4,294,967,295 blocks");
            }
            ImageFormat.setInt(block, 0, ImageFormat.BLOCK_MAGIC);
            ImageFormat.setInt(block, 4, blocks);
            ImageFormat.setInt(block, 8, length);
            ImageFormat.setInt(block, 12, count);
            ImageFormat.setLong(block, 16, number);
            ImageFormat.setInt(block, ImageFormat.PAYLOAD_SUM, sum);
            ImageFormat.setInt(block, ImageFormat.FRAME_SUM, ImageFormat.sum(block, 0, ImageFormat.FRAME_SUM));
            headers.update(block, 0, ImageFormat.FRAME);
            blocks++;
            entries += count;
            writeFully(block, ImageFormat.FRAME + length);
            options.report(entries, expected, bytes);
        } finally {
            lock.unlock();
        }
    }

    private void writeEnd() throws IOException {
        byte[] end = new byte[ImageFormat.FRAME];
        ImageFormat.setInt(end, 0, ImageFormat.END_MAGIC);
        ImageFormat.setInt(end, 4, blocks);
        ImageFormat.setLong(end, 8, entries);
        ImageFormat.setLong(end, 16, number);
        ImageFormat.setInt(end, ImageFormat.PAYLOAD_SUM, (int) headers.getValue());
        ImageFormat.setInt(end, ImageFormat.FRAME_SUM, ImageFormat.sum(end, 0, ImageFormat.FRAME_SUM));
        writeFully(end, end.length);
    }

    private void writeFully(byte[] source, int length) throws IOException {
        for (int done = 0; done < length; ) {
            // a part at a time: channels copy through a direct buffer of the size asked for, and keep that
            int part = Math.min(length - done, WRITE_AT_ONCE);
            int written = channel.write(ByteBuffer.wrap(source, done, part));
            done += written;
            bytes += written;
        }
    }
}
