package io.sherd;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A file that is written beside its place and moved there when it is whole and on the medium. Without {@link #commit} nothing is
 * left of it, and what was in the place stays.
 */
final class ImageFile implements AutoCloseable {
    private final Path place;
    private final Path written;
    private final FileChannel channel;
    private boolean committed;

    ImageFile(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        // what a link points to is replaced, not the link
        place = Files.isSymbolicLink(absolute) && Files.exists(absolute) ? absolute.toRealPath() : absolute;
        if (place.getFileName() == null || (Files.exists(place) && !Files.isRegularFile(place))) {
            throw new IOException(
                    "image " + file + ": there is something else than a file; give the name of a file, or a channel");
        }
        written = place.resolveSibling("." + place.getFileName() + "."
                + Long.toHexString(RandomGenerator.getDefault().nextLong()) + ".new");
        try {
            channel = FileChannel.open(written, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (NoSuchFileException absent) {
            NoSuchFileException clear =
                    new NoSuchFileException(file.toString(), null, "there is no directory " + place.getParent());
            clear.initCause(absent);
            throw clear;
        }
    }

    FileChannel channel() {
        return channel;
    }

    /** Puts the file in its place. */
    void commit() throws IOException {
        channel.force(true);
        channel.close();
        Files.move(written, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        committed = true;
        forceDirectory(Objects.requireNonNull(place.getParent()));
    }

    /** Makes the move durable, where the system lets a directory be opened. */
    private static void forceDirectory(Path directory) throws IOException {
        if (System.getProperty("os.name", "").startsWith("Windows")
                || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
            opened.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        if (!committed) {
            try {
                channel.close();
            } finally {
                Files.deleteIfExists(written);
            }
        }
    }
}
