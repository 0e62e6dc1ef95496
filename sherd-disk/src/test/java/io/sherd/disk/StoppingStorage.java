package io.sherd.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The file system, which does nothing more from some step in a directory on: as if the process had ended there, or once only. */
final class StoppingStorage implements Storage {
    /** How many steps in the directory take place. */
    final AtomicLong steps = new AtomicLong(Long.MAX_VALUE);

    /** Whether all later steps fail, too. */
    volatile boolean forGood;

    private final Path directory;

    StoppingStorage(Path directory) {
        this.directory = directory;
    }

    private void step(Path file) throws IOException {
        if (file.startsWith(directory) && steps.getAndDecrement() <= 0 && (forGood || steps.get() == -1)) {
            throw new IOException("stopped");
        }
    }

    @Override
    public BlockFile create(Path file) throws IOException {
        step(file);
        return new StoppingFile(file, FileStorage.INSTANCE.create(file));
    }

    @Override
    public BlockFile open(Path file) throws IOException {
        step(file);
        return new StoppingFile(file, FileStorage.INSTANCE.open(file));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        step(to);
        FileStorage.INSTANCE.rename(from, to);
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        step(name);
        FileStorage.INSTANCE.link(file, name);
    }

    @Override
    public void delete(Path file) throws IOException {
        step(file);
        FileStorage.INSTANCE.delete(file);
    }

    @Override
    public void forceDirectory(Path file) throws IOException {
        step(file);
    }

    @Override
    public List<String> list(Path file) throws IOException {
        step(file);
        return FileStorage.INSTANCE.list(file);
    }

    private final class StoppingFile implements BlockFile {
        private final Path path;
        private final BlockFile file;

        StoppingFile(Path path, BlockFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            step(path);
            file.write(source, position);
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            file.read(target, position);
        }

        @Override
        public void extend(long size) throws IOException {
            step(path);
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
            step(path);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
