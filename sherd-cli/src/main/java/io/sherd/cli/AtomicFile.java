package io.sherd.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/**
 * A file that is written beside its place and moved there when it is whole and on the medium. Without {@link #commit}
 * nothing is left of it.
 */
final class AtomicFile implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final Path place;
    private final Path written;
    private final FileChannel channel;
    private final Writer writer;
    private boolean committed;

    AtomicFile(Path file) throws IOException {
        place = file.toAbsolutePath();
        if (Files.isDirectory(place)) {
            throw new CommandFailure(ExitCode.IO, "--out " + file + " is a directory; a file is needed.");
        }
        written = place.resolveSibling(
                "." + place.getFileName() + "." + ProcessHandle.current().pid() + ".new");
        try {
            channel = FileChannel.open(
                    written, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        } catch (NoSuchFileException absent) {
            throw new CommandFailure(
                    ExitCode.IO, "--out " + file + ": there is no directory " + place.getParent() + ".", absent);
        }
        written.toFile().deleteOnExit(); // what Ctrl-C leaves
        OutputStream out = Channels.newOutputStream(channel);
        writer = new BufferedWriter(
                new OutputStreamWriter(
                        RowFormat.isCompressed(file.toString()) ? new GZIPOutputStream(out, BUFFER) : out,
                        StandardCharsets.UTF_8),
                BUFFER);
    }

    Writer writer() {
        return writer;
    }

    /** Puts the file in its place. */
    void commit() throws IOException {
        // the compressor ends its stream only when it is closed, and that closes the file
        writer.close();
        try (FileChannel whole = FileChannel.open(written, StandardOpenOption.WRITE)) {
            whole.force(true);
        }
        Files.move(written, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        committed = true;
        SchemaFile.forceDirectory(place.getParent());
    }

    @Override
    public void close() throws IOException {
        if (!committed) {
            channel.close();
            Files.deleteIfExists(written);
        }
    }
}
