package io.sherd.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The file, or the standard input, that an import reads. Compressed input is known by its first bytes and read as what it
 * holds.
 *
 * <p>A regular file can be read twice. Of anything else a sample at the beginning can be looked at before it is read.
 */
final class Input {
    private static final int SAMPLE = 4 << 20;
    private static final int GZIP_BUFFER = 1 << 16;
    private static final int GZIP_MAGIC_1 = 0x1F;
    private static final int GZIP_MAGIC_2 = 0x8B;

    private final String name;
    private final @Nullable Path file;
    private final @Nullable InputStream stream;
    private final AtomicLong bytesRead = new AtomicLong();
    private byte @Nullable [] sample;
    private @Nullable InputStream rest;

    private Input(String name, @Nullable Path file, @Nullable InputStream stream) {
        this.name = name;
        this.file = file;
        this.stream = stream;
    }

    static Input ofFile(Path file) {
        return new Input(file.toString(), file, null);
    }

    static Input ofStream(InputStream stream) {
        return new Input("standard input", null, stream);
    }

    /** What messages call it. */
    String name() {
        return name;
    }

    /** Bytes as they lie in the file, compressed or not; -1 if that cannot be known. */
    long size() throws IOException {
        return isRereadable() ? Files.size(regularFile()) : -1;
    }

    /** How many of them {@link #open} has read so far. Any thread may ask. */
    long bytesRead() {
        return bytesRead.get();
    }

    private boolean isRereadable() {
        return file != null && Files.isRegularFile(file);
    }

    private Path regularFile() {
        if (file == null) {
            throw new IllegalStateException(name + " is no file");
        }
        return file;
    }

    /**
     * All of the input, to be looked at before {@link #open}; null if it is too long for that and cannot be read twice.
     */
    @Nullable
    InputStream openProbe() throws IOException {
        if (isRereadable()) {
            return decompressed(new BufferedInputStream(Files.newInputStream(regularFile())));
        }
        InputStream whole = openStream();
        byte[] beginning = whole.readNBytes(SAMPLE);
        sample = beginning;
        if (beginning.length < SAMPLE) {
            whole.close();
            return new ByteArrayInputStream(beginning);
        }
        rest = whole;
        return null;
    }

    /** The input from its beginning. */
    InputStream open() throws IOException {
        byte[] beginning = sample;
        if (beginning == null) {
            return openStream();
        }
        InputStream following = rest;
        var first = new ByteArrayInputStream(beginning);
        return following == null ? first : new SequenceInputStream(first, following);
    }

    private InputStream openStream() throws IOException {
        InputStream raw = stream != null ? stream : Files.newInputStream(regularFile());
        return decompressed(new BufferedInputStream(new Counting(raw, bytesRead), GZIP_BUFFER));
    }

    private static InputStream decompressed(BufferedInputStream in) throws IOException {
        in.mark(2);
        boolean gzip = in.read() == GZIP_MAGIC_1 && in.read() == GZIP_MAGIC_2;
        in.reset();
        return gzip ? new GZIPInputStream(in, GZIP_BUFFER) : in;
    }

    private static final class Counting extends FilterInputStream {
        private final AtomicLong count;

        Counting(InputStream in, AtomicLong count) {
            super(in);
            this.count = count;
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            if (b >= 0) {
                count.incrementAndGet();
            }
            return b;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            if (read > 0) {
                count.addAndGet(read);
            }
            return read;
        }
    }
}
