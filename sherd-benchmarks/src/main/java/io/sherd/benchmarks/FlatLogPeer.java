package io.sherd.benchmarks;

import io.sherd.codec.Codec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a look-up through an index into a log in a file costs by itself: one array of words, each a part of the hash and the place of a record, and behind
 * that the records. It has no locks, no shards, no filter and no checks, serves one thread, is told how many entries will come, and what it holds is lost when it is closed, so it is no map of any
 * use. It is no bound: where the index lies in huge pages, as with
 * {@code -XX:+UseTransparentHugePages}, its hits are faster; and it reads a string key from an array that was copied just before, which
 * with AVX-512 may keep look-ups from overlapping. Of misses and inserts it says
 * nothing: Sherd has a filter for the ones, and prepares its files in another thread for the others.
 *
 * <p>The words fill at most 0.6 of the array, which is on the heap. The file is written with zeros 2 MiB at a time before it is used, as Sherd's are, so that it may lie in huge pages. As Sherd does,
 * a hit guesses that a value is as long as the last one, and values are read into an array that is used again, as by the peers.
 */
final class FlatLogPeer implements DiskPeer {
    private static final int PIECE = 1 << 21;

    @Override
    public String name() {
        return "FlatLog";
    }

    @Override
    public boolean isMap() {
        return false;
    }

    @Override
    public <K, V> DiskStore<K, V> open(DiskData<K, V> data, Path folder, long entries, boolean durable)
            throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel file = FileChannel.open(
                folder.resolve("log"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long bytes = entries * Math.ceilDiv(data.entryBytes() + Long.BYTES, Long.BYTES) * Long.BYTES;
            ByteBuffer zeros = ByteBuffer.allocateDirect(PIECE);
            for (long at = 0; at < bytes; at += PIECE) {
                file.write(zeros.clear().limit((int) Math.min(PIECE, bytes - at)), at);
            }
            MemorySegment log = file.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            long slots = Long.highestOneBit(Math.ceilDiv(entries * 10, 6) - 1) * 2;
            return new Store<>(data, arena, log, new long[Math.toIntExact(slots)]);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static final class Store<K, V> implements DiskStore<K, V> {
        final DiskData<K, V> data;
        final Arena arena;
        final MemorySegment log;
        final long[] index;

        /** Where the next record goes, and who wrote the first one. */
        long end;

        @Nullable
        Thread writer;

        Store(DiskData<K, V> data, Arena arena, MemorySegment log, long[] index) {
            this.data = data;
            this.arena = arena;
            this.log = log;
            this.index = index;
        }

        @Override
        public Session<K, V> session(int batch) {
            return new LogSession<>(this);
        }

        @Override
        public long iterate() {
            throw new UnsupportedOperationException("FlatLog has insert, get-hit and get-miss only");
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private static final class LogSession<K, V> implements DiskStore.Session<K, V> {
        private static final int PLACE_BITS = 40;
        private static final long PLACE = (1L << PLACE_BITS) - 1;
        private static final ValueLayout.OfInt LENGTH = ValueLayout.JAVA_INT_UNALIGNED;

        private final Store<K, V> store;
        private final Codec<V> values;
        private final Function<MemorySegment, V> reader;
        private final MemorySegment log;
        private final long[] index;

        /** The key that is looked for. */
        private final ByteBuffer sought = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());

        private int soughtLength;

        /** The length of the value that was read last. */
        private int lengthGuess;

        LogSession(Store<K, V> store) {
            this.store = store;
            this.values = store.data.valueCodec();
            this.reader = store.data.reader();
            this.log = store.log;
            this.index = store.index;
        }

        private long hash(K key) {
            store.data.write(key, sought);
            soughtLength = sought.limit();
            long hash = soughtLength;
            int i = 0;
            for (; i + Long.BYTES <= soughtLength; i += Long.BYTES) {
                hash = (hash ^ sought.getLong(i)) * 0x9E3779B97F4A7C15L;
                hash ^= hash >>> 32;
            }
            for (; i < soughtLength; i++) {
                hash = (hash ^ sought.get(i)) * 0x9E3779B97F4A7C15L;
                hash ^= hash >>> 32;
            }
            return hash;
        }

        /** The cell of the key that was hashed last, or the empty one where it would be. */
        private int cell(long hash) {
            int mask = index.length - 1;
            for (int cell = (int) hash & mask; ; cell = (cell + 1) & mask) {
                long word = index[cell];
                if (word == 0 || ((word ^ hash) >>> PLACE_BITS == 0 && isAt(word & PLACE))) {
                    return cell;
                }
            }
        }

        private boolean isAt(long place) {
            long at = place - 1;
            if (log.get(LENGTH, at) != soughtLength) {
                return false;
            }
            int i = 0;
            for (; i + Long.BYTES <= soughtLength; i += Long.BYTES) {
                if (log.get(ValueLayout.JAVA_LONG_UNALIGNED, at + Long.BYTES + i) != sought.getLong(i)) {
                    return false;
                }
            }
            for (; i < soughtLength; i++) {
                if (log.get(ValueLayout.JAVA_BYTE, at + Long.BYTES + i) != sought.get(i)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public @Nullable V get(K key) {
            long word = index[cell(hash(key))];
            if (word == 0) {
                return null;
            }
            long at = (word & PLACE) - 1;
            int length = log.get(LENGTH, at + Integer.BYTES);
            if (length != lengthGuess) {
                lengthGuess = length;
            }
            return reader.apply(log.asSlice(at + Long.BYTES + soughtLength, lengthGuess));
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // this very thread
        public void put(K key, V value) {
            if (store.writer == null) {
                store.writer = Thread.currentThread();
            } else if (store.writer != Thread.currentThread()) {
                throw new IllegalStateException("FlatLog serves one thread; measure it with --threads 1");
            }
            long hash = hash(key);
            int cell = cell(hash);
            if (index[cell] != 0) {
                throw new UnsupportedOperationException("FlatLog takes each key once");
            }
            int length = values.size(value);
            long at = store.end;
            log.set(LENGTH, at, soughtLength);
            log.set(LENGTH, at + Integer.BYTES, length);
            MemorySegment.copy(sought.array(), 0, log, ValueLayout.JAVA_BYTE, at + Long.BYTES, soughtLength);
            values.encode(value, log.asSlice(at + Long.BYTES + soughtLength, length));
            index[cell] = (hash & ~PLACE) | (at + 1);
            store.end = Math.ceilDiv(at + Long.BYTES + soughtLength + length, Long.BYTES) * Long.BYTES;
        }

        @Override
        public void remove(K key) {
            throw new UnsupportedOperationException("FlatLog cannot remove");
        }

        @Override
        public void close() {}
    }
}
