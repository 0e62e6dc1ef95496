package io.sherd.benchmarks;

import io.sherd.ShardedMap;
import io.sherd.codec.Codecs;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes a map into a file and reads it back: Sherd as an image, the peer by Java's serialization through buffers of a mebibyte. Both
 * force the file before the clock stops; it is read from the cache of the system.
 *
 * <p>Arguments: the system, the number of entries, and a folder for the file. Keys are those of {@link KeyKind#LONG}, values the
 * numbers from 0 up.
 */
final class ImageProbe {
    private static final int BUFFER = 1 << 20;
    private static final int WARM_UP_ENTRIES = 200_000;
    private static final int WARM_UPS = 12;

    private ImageProbe() {}

    /** Measures and reports. */
    public static void main(String[] arguments) throws IOException, ClassNotFoundException {
        boolean sherd = arguments[0].equals("Sherd");
        int entries = Integer.parseInt(arguments[1]);
        Path file = Path.of(arguments[2]).resolve("map");
        Map<Long, Long> small = filled(sherd, WARM_UP_ENTRIES);
        for (int i = 0; i < WARM_UPS; i++) {
            write(small, file);
            check(read(sherd, file), WARM_UP_ENTRIES);
        }
        Map<Long, Long> map = filled(sherd, entries);
        System.gc();
        long begin = System.nanoTime();
        write(map, file);
        report("image-write", "ms", (System.nanoTime() - begin) / 1e6);
        report("image-bytes", "B/entry", (double) Files.size(file) / entries);
        System.gc();
        begin = System.nanoTime();
        Map<Long, Long> read = read(sherd, file);
        report("image-read", "ms", (System.nanoTime() - begin) / 1e6);
        check(read, entries);
    }

    private static void report(String workload, String unit, double value) {
        Report.write(workload, unit, value);
    }

    private static Map<Long, Long> filled(boolean sherd, int entries) {
        Map<Long, Long> map = sherd ? ShardedMap.onHeap().build() : new ConcurrentHashMap<>();
        for (long i = 0; i < entries; i++) {
            map.put(KeyKind.mix(i), i);
        }
        return map;
    }

    private static void write(Map<Long, Long> map, Path file) throws IOException {
        if (map instanceof ShardedMap<Long, Long> sharded) {
            sharded.writeTo(file, Codecs.int64(), Codecs.int64());
            return;
        }
        try (FileOutputStream stream = new FileOutputStream(file.toFile());
                ObjectOutputStream out = new ObjectOutputStream(new BufferedOutputStream(stream, BUFFER))) {
            out.writeObject(map);
            out.flush();
            stream.getFD().sync();
        }
    }

    @SuppressWarnings({"unchecked", "BanSerializableRead"}) // the file was written just before
    private static Map<Long, Long> read(boolean sherd, Path file) throws IOException, ClassNotFoundException {
        if (sherd) {
            return ShardedMap.readFrom(file, Codecs.int64(), Codecs.int64());
        }
        try (ObjectInputStream in =
                new ObjectInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
            return (Map<Long, Long>) in.readObject();
        }
    }

    private static void check(Map<Long, Long> map, int entries) {
        Long last = map.get(KeyKind.mix(entries - 1L));
        if (map.size() != entries || last == null || last != entries - 1L) {
            throw new IllegalStateException(map.size() + " entries were read, but " + entries + " written");
        }
    }
}
