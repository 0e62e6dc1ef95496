package io.sherd.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * No map at all: each put appends key and value to one file and forces it. What the disk gives to a program that does not
 * gather its flushes; for the durable suite only, nothing can be read.
 */
final class RawAppendPeer implements DiskPeer {
    @Override
    public String name() {
        return "raw-append";
    }

    @Override
    public boolean isMap() {
        return false;
    }

    @Override
    public <K, V> DiskStore<K, V> open(DiskData<K, V> data, Path folder, long entries, boolean durable)
            throws IOException {
        FileChannel file = FileChannel.open(
                folder.resolve("log"), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        return new Store<>(data, file, new AtomicLong(file.size()), durable);
    }

    private record Store<K, V>(DiskData<K, V> data, FileChannel file, AtomicLong end, boolean durable)
            implements DiskStore<K, V> {
        @Override
        public Session<K, V> session(int batch) {
            return new AppendSession<>(this, ByteBuffer.allocateDirect(256), ByteBuffer.allocateDirect(256));
        }

        @Override
        public long iterate() {
            throw new UnsupportedOperationException("raw-append cannot read");
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private record AppendSession<K, V>(Store<K, V> store, ByteBuffer part, ByteBuffer record)
            implements DiskStore.Session<K, V> {
        @Override
        public @Nullable V get(K key) {
            throw new UnsupportedOperationException("raw-append cannot read");
        }

        @Override
        public void put(K key, V value) {
            record.clear();
            store.data().write(key, part);
            record.put(part);
            store.data().writeValue(value, part);
            record.put(part).flip();
            try {
                long position = store.end().getAndAdd(record.remaining());
                while (record.hasRemaining()) {
                    position += store.file().write(record, position);
                }
                if (store.durable()) {
                    store.file().force(false);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void remove(K key) {
            throw new UnsupportedOperationException("raw-append cannot remove");
        }

        @Override
        public void close() {}
    }
}
