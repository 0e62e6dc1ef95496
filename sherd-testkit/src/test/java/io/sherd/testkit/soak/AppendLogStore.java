package io.sherd.testkit.soak;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The simplest store that keeps its promise: a map in memory, one lock, and every write appended to a file before it
 * returns. The harness is tried on it.
 *
 * <p>A record is {@code [checksum] [key] [length, or -1 for a removal] [value]}; the first that does not check ends the log.
 */
final class AppendLogStore implements StoreUnderTest {
    private static final int REMOVAL = -1;
    private static final int HEADER = 16;

    /** Opens it. */
    public static final class Factory implements StoreFactory {
        @Override
        public StoreUnderTest open(Path directory, StoreSettings settings) throws IOException {
            return new AppendLogStore(directory.resolve("log"), settings.sync());
        }
    }

    private final Map<Integer, byte[]> entries = new HashMap<>();
    private final FileChannel log;
    private final boolean sync;

    private AppendLogStore(Path file, boolean sync) throws IOException {
        this.sync = sync;
        long end = Files.exists(file) ? replay(file) : 0;
        this.log = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        log.truncate(end).position(end);
    }

    private long replay(Path file) throws IOException {
        long end = 0;
        long size = Files.size(file);
        try (DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(file)))) {
            while (size - end >= HEADER) {
                long checksum = in.readLong();
                int key = in.readInt();
                int length = in.readInt();
                if (length > size - end - HEADER) {
                    break;
                }
                byte[] value = in.readNBytes(Math.max(length, 0));
                if (checksum != checksum(key, length, value)) {
                    break;
                }
                if (length == REMOVAL) {
                    entries.remove(key);
                } else {
                    entries.put(key, value);
                }
                end += HEADER + value.length;
            }
        }
        return end;
    }

    private static long checksum(int key, int length, byte[] value) {
        CRC32 crc = new CRC32();
        crc.update(ByteBuffer.allocate(8).putInt(key).putInt(length).flip());
        crc.update(value);
        return crc.getValue() + 1;
    }

    private synchronized byte @Nullable [] exchange(int key, UnaryOperator<byte @Nullable []> function) {
        if (!log.isOpen()) {
            throw new IllegalStateException("closed");
        }
        byte[] old = entries.get(key);
        byte[] update = function.apply(old);
        if (!Arrays.equals(old, update)) {
            append(key, update);
            if (update == null) {
                entries.remove(key);
            } else {
                entries.put(key, update);
            }
        }
        return old;
    }

    private void append(int key, byte @Nullable [] value) {
        byte[] bytes = value == null ? new byte[0] : value;
        int length = value == null ? REMOVAL : value.length;
        ByteBuffer buffer = ByteBuffer.allocate(HEADER + bytes.length)
                .putLong(checksum(key, length, bytes))
                .putInt(key)
                .putInt(length)
                .put(bytes)
                .flip();
        try {
            while (buffer.hasRemaining()) {
                log.write(buffer);
            }
            if (sync) {
                log.force(false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public byte @Nullable [] get(int key) {
        byte[] value = exchange(key, old -> old);
        return value == null ? null : value.clone();
    }

    @Override
    public byte @Nullable [] put(int key, byte[] value) {
        return exchange(key, old -> value);
    }

    @Override
    public byte @Nullable [] remove(int key) {
        return exchange(key, old -> null);
    }

    @Override
    public byte @Nullable [] putIfAbsent(int key, byte[] value) {
        return exchange(key, old -> old == null ? value : old);
    }

    @Override
    public byte @Nullable [] replace(int key, byte[] value) {
        return exchange(key, old -> old == null ? null : value);
    }

    @Override
    public boolean replace(int key, byte[] expected, byte[] update) {
        return Arrays.equals(exchange(key, old -> Arrays.equals(old, expected) ? update : old), expected);
    }

    @Override
    public synchronized byte @Nullable [] compute(int key, UnaryOperator<byte @Nullable []> function) {
        exchange(key, function);
        return entries.get(key);
    }

    @Override
    public synchronized void clear() {
        entries.keySet().stream().toList().forEach(this::remove);
    }

    @Override
    public synchronized void force() {
        try {
            log.force(false);
        } catch (java.nio.channels.ClosedChannelException e) {
            throw new IllegalStateException("closed", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized long size() {
        return entries.size();
    }

    @Override
    public synchronized void forEach(Visitor visitor) {
        entries.forEach(visitor::visit);
    }

    @Override
    public synchronized void close() {
        try {
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
