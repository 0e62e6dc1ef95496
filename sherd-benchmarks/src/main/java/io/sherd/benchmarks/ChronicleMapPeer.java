package io.sherd.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Function;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Chronicle Map, set up as its documentation advises.
 *
 * <ul>
 *   <li>{@code entries} is the exact number: it allocates for it once and need not grow.
 *   <li>Keys and values of one size are declared by a sample, which saves their length and the room to grow.
 *   <li>{@code putReturnsNull} and {@code removeReturnsNull}, since nobody asks for the old value here.
 *   <li>Values are read by {@code getUsing} into an object of the thread where the type can be filled again, and the walk over
 *       all entries is {@code forEachEntry}, which its documentation calls the faster one.
 *   <li>String keys are measured in two ways, each a system of its own: as {@code String}, by its own marshaller, and as
 *       {@code byte[]} ({@code ChronicleMap-bytes}), for which the caller makes bytes of the string; which is the faster one depends on the workload.
 *   <li>No durability: it writes through a memory mapping and leaves the rest to the operating system.
 * </ul>
 */
final class ChronicleMapPeer implements DiskPeer {
    private final boolean bytes;

    ChronicleMapPeer(boolean bytes) {
        this.bytes = bytes;
    }

    @Override
    public String name() {
        return bytes ? "ChronicleMap-bytes" : "ChronicleMap";
    }

    @Override
    public boolean suits(KeyKind keys) {
        return !bytes || keys == KeyKind.STRING24;
    }

    @Override
    public <K, V> DiskStore<K, V> open(DiskData<K, V> data, Path folder, long entries, boolean durable)
            throws IOException {
        if (durable) {
            throw new IllegalArgumentException(name() + " has no durable puts");
        }
        if (bytes) {
            return open(
                    data,
                    folder,
                    entries,
                    byte[].class,
                    key -> ((String) key).getBytes(StandardCharsets.ISO_8859_1),
                    key -> data.key(new String(key, StandardCharsets.ISO_8859_1)));
        }
        return open(data, folder, entries, data.keyType(), key -> key, key -> key);
    }

    private static <K, C, V> DiskStore<K, V> open(
            DiskData<K, V> data,
            Path folder,
            long entries,
            Class<C> keyType,
            Function<K, C> toStored,
            Function<C, K> fromStored)
            throws IOException {
        ChronicleMapBuilder<C, V> builder = ChronicleMap.of(keyType, data.valueType())
                .name("bench")
                .entries(entries)
                .putReturnsNull(true)
                .removeReturnsNull(true);
        if (data.kind() == KeyKind.STRING24) {
            builder.constantKeySizeBySample(toStored.apply(data.key(data.kind().key(0))))
                    .constantValueSizeBySample(data.value(0));
        }
        return new Store<>(
                data, builder.createPersistedTo(folder.resolve("map.dat").toFile()), toStored, fromStored);
    }

    private record Store<K, C, V>(
            DiskData<K, V> data, ChronicleMap<C, V> map, Function<K, C> toStored, Function<C, K> fromStored)
            implements DiskStore<K, V> {
        @Override
        public Session<K, V> session(int batch) {
            return new MapSession<>(map, toStored, data.blank());
        }

        @Override
        public long iterate() {
            long[] sum = {0};
            map.forEachEntry(entry -> {
                K key = fromStored.apply(entry.key().get());
                sum[0] += data.sum(key, entry.value().get());
            });
            return sum[0];
        }

        @Override
        public void close() {
            map.close();
        }
    }

    private static final class MapSession<K, C, V> implements DiskStore.Session<K, V> {
        private final ChronicleMap<C, V> map;
        private final Function<K, C> toStored;
        private final @Nullable V using;

        MapSession(ChronicleMap<C, V> map, Function<K, C> toStored, @Nullable V using) {
            this.map = map;
            this.toStored = toStored;
            this.using = using;
        }

        @Override
        public @Nullable V get(K key) {
            C stored = toStored.apply(key);
            return using == null ? map.get(stored) : map.getUsing(stored, using);
        }

        @Override
        public void put(K key, V value) {
            map.put(toStored.apply(key), value);
        }

        @Override
        public void remove(K key) {
            map.remove(toStored.apply(key));
        }

        @Override
        public void close() {}
    }
}
