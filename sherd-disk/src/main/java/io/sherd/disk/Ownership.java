package io.sherd.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right to use a directory: a lock of the operating system on the file {@code LOCK}, and a registry for this process,
 * whose locks of the operating system would not keep it from itself.
 *
 * <p>The file holds a line of text: the process id of the owner, and {@code clean} or {@code writing}. Only {@code clean}
 * lets the next owner trust that nothing was written after the last checkpoint; a missing or garbled line does not.
 */
final class Ownership {
    static final String NAME = "LOCK";

    private static final Set<Object> OPEN = ConcurrentHashMap.newKeySet();
    private static final int MAX_SIZE = 64;
    // far beyond the text, so that others can read it where locks are mandatory
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private final Object key;
    private final FileChannel channel;
    private final boolean clean;

    private Ownership(Object key, FileChannel channel, boolean clean) {
        this.key = key;
        this.channel = channel;
        this.clean = clean;
    }

    static Ownership take(Path directory) throws IOException {
        Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
        if (key == null) {
            key = directory.toRealPath();
        }
        if (!OPEN.add(key)) {
            throw new MapLockedException(directory, ProcessHandle.current().pid());
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    directory.resolve(NAME),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            String text = read(channel);
            if (tryLock(channel) == null) {
                throw new MapLockedException(directory, pid(text));
            }
            // read again: an owner may have left in between
            Ownership ownership = new Ownership(key, channel, read(channel).endsWith(" clean\n"));
            ownership.write(ownership.clean ? "clean" : "writing");
            return ownership;
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            OPEN.remove(key);
            throw e;
        }
    }

    /** Whether the owner before closed the map after its last write. */
    boolean wasClean() {
        return clean;
    }

    /** Says, safe from a loss of power, that the files are about to change. */
    void markWriting() throws IOException {
        write("writing");
        channel.force(false);
    }

    /** Says that the last checkpoint is all there is. */
    void markClean() throws IOException {
        write("clean");
        channel.force(false);
    }

    void release() throws IOException {
        try {
            channel.close();
        } finally {
            OPEN.remove(key);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(LOCKED_BYTE, 1, false);
        } catch (OverlappingFileLockException sameProcess) {
            return null;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(MAX_SIZE);
        channel.read(text, 0);
        return new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII);
    }

    private static long pid(String text) {
        int end = text.indexOf(' ');
        try {
            return end < 0 ? -1 : Long.parseLong(text.substring(0, end));
        } catch (NumberFormatException garbled) {
            return -1;
        }
    }

    private void write(String state) throws IOException {
        byte[] text = (ProcessHandle.current().pid() + " " + state + "\n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer source = ByteBuffer.wrap(text);
        while (source.hasRemaining()) {
            channel.write(source, source.position());
        }
        channel.truncate(text.length);
    }
}
