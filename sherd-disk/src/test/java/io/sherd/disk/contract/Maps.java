package io.sherd.disk.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import io.sherd.disk.DiskMap;
import io.sherd.disk.DiskMapBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Opens maps in directories of their own, and looks when they are closed whether they come back the same. */
final class Maps<K, V> {
    private static final long ROOM_WANTED = 1L << 30;

    private final DiskMapBuilder<K, V> builder;
    private final Path parent;

    private Maps(DiskMapBuilder<K, V> builder, Path parent) {
        this.builder = builder;
        this.parent = parent;
    }

    /** Maps on the usual medium. */
    static <K, V> Maps<K, V> onDisk(DiskMapBuilder<K, V> builder) {
        return new Maps<>(builder, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /**
     * Maps in a file system in memory if there is one with room. The suites open a thousand maps and ask nothing of the
     * medium, whose flushes would be most of the time they take.
     */
    static <K, V> Maps<K, V> inMemory(DiskMapBuilder<K, V> builder) {
        Path memory = Path.of("/dev/shm");
        try {
            if (Files.isWritable(memory) && Files.getFileStore(memory).getUsableSpace() >= ROOM_WANTED) {
                return new Maps<>(builder, memory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return onDisk(builder);
    }

    DiskMap<K, V> open() {
        try {
            return builder.open(Files.createTempDirectory(parent, "sherd-contract-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes a map that {@link #open} gave, opens it again, compares, and deletes it. */
    void close(DiskMap<?, ?> map) {
        Path directory = map.path();
        try {
            Map<Object, Object> before = new HashMap<>(map);
            map.close();
            try (DiskMap<K, V> again = builder.open(directory)) {
                assertThat(again.mappingCount()).isEqualTo(before.size());
                assertThat(again.equals(before))
                        .as("the map is the same when opened again")
                        .isTrue();
            }
        } finally {
            map.close();
            delete(directory);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A map of some type of keys and values as the suites want it: they hand in what the fixture's samples gave. */
    @SuppressWarnings("unchecked")
    ShardedMap<Object, Object> openUntyped() {
        return (ShardedMap<Object, Object>) open();
    }

    void closeUntyped(ShardedMap<Object, Object> map) {
        close((DiskMap<?, ?>) map);
    }
}
