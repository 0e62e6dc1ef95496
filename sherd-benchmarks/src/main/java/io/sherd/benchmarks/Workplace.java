package io.sherd.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where forks leave their files: under {@code target/} of the repository, so on the disk that it is on.
 *
 * @param folder an existing folder that belongs to this run
 */
record Workplace(Path folder) {

    static Workplace under(Path root) throws IOException {
        Path parent = root.resolve("target").resolve("bench");
        Files.createDirectories(parent);
        return new Workplace(Files.createTempDirectory(parent, "run-"));
    }

    /** A path for a file or folder of this name; nothing is created. */
    Path place(String name) {
        return folder.resolve(name);
    }

    void demand(long bytes) throws IOException {
        long usable = Files.getFileStore(folder).getUsableSpace();
        if (usable < bytes) {
            throw new IOException("the files of this run may take " + (bytes >> 20) + " MiB, and " + folder
                    + " has room for " + (usable >> 20) + " MiB; free some, or choose fewer --entries");
        }
    }

    void remove() throws IOException {
        delete(folder);
    }

    /** Deletes a file, or a folder and all that is in it; what is not there is fine. */
    static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> walk = Files.walk(path)) {
            deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path each : deepestFirst) {
            Files.deleteIfExists(each);
        }
    }
}
