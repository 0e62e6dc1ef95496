package io.sherd.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The file system, which is full or fails to flush when told so. */
class FaultyStorage implements Storage {
    /** How many bytes can be written before the storage is full. */
    final AtomicLong room = new AtomicLong(Long.MAX_VALUE);

    /** Whether flushes of data files fail. */
    volatile boolean failForce;

    final AtomicInteger forces = new AtomicInteger();

    /** Called before each flush of a data file. */
    volatile Runnable beforeForce = () -> {};

    private void take(long bytes) throws IOException {
        if (room.addAndGet(-bytes) < 0) {
            room.addAndGet(bytes);
            throw new IOException("No space left on device");
        }
    }

    @Override
    public BlockFile create(Path file) throws IOException {
        take(0);
        return new FaultyFile(FileStorage.INSTANCE.create(file), isData(file));
    }

    @Override
    public BlockFile open(Path file) throws IOException {
        return new FaultyFile(FileStorage.INSTANCE.open(file), isData(file));
    }

    private static boolean isData(Path file) {
        return file.getFileName().toString().startsWith("data-");
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        FileStorage.INSTANCE.rename(from, to);
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        FileStorage.INSTANCE.link(file, name);
    }

    @Override
    public void delete(Path file) throws IOException {
        FileStorage.INSTANCE.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        FileStorage.INSTANCE.forceDirectory(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return FileStorage.INSTANCE.list(directory);
    }

    private final class FaultyFile implements BlockFile {
        private final BlockFile file;
        private final boolean data;

        FaultyFile(BlockFile file, boolean data) {
            this.file = file;
            this.data = data;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            take(source.remaining());
            file.write(source, position);
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            file.read(target, position);
        }

        @Override
        public void extend(long size) throws IOException {
            file.extend(size);
        }

        @Override
        public MemorySegment map(FileChannel.MapMode mode, long offset, long length) throws IOException {
            return file.map(mode, offset, length);
        }

        @Override
        public MappedByteBuffer buffer(FileChannel.MapMode mode, int length) throws IOException {
            return file.buffer(mode, length);
        }

        @Override
        public void force() throws IOException {
            if (data) {
                forces.incrementAndGet();
                beforeForce.run();
                if (failForce) {
                    throw new IOException("Input/output error");
                }
            }
            file.force();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
