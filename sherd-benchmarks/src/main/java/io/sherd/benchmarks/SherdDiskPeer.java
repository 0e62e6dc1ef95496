package io.sherd.benchmarks;

import io.sherd.disk.DiskMap;
import io.sherd.disk.DiskStats;
import io.sherd.disk.Durability;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sherd's disk map with its default settings; it is not told how many entries will come.
 *
 * <p>{@code Sherd} makes a new object of each value, as {@code Map.get} does. {@code Sherd-view} looks single keys up through {@code view}, into an array that is used again
 * where values are bytes: what the peers' look-ups into such an array are to be compared with.
 */
final class SherdDiskPeer implements DiskPeer {
    private final boolean views;

    SherdDiskPeer(boolean views) {
        this.views = views;
    }

    @Override
    public String name() {
        return views ? "Sherd-view" : "Sherd";
    }

    @Override
    public boolean replaysLog() {
        return true;
    }

    @Override
    public <K, V> DiskStore<K, V> open(DiskData<K, V> data, Path folder, long entries, boolean durable) {
        return new Store<>(
                data,
                views,
                DiskMap.builder(data.keyCodec(), data.valueCodec())
                        .durability(durable ? Durability.SYNC : Durability.NONE)
                        .open(folder));
    }

    /**
     * An open map.
     *
     * @param data what it holds
     * @param views how values are read
     * @param map the map
     */
    record Store<K, V>(DiskData<K, V> data, boolean views, DiskMap<K, V> map) implements DiskStore<K, V> {
        @Override
        public Session<K, V> session(int batch) {
            return views ? new ViewSession<>(map, data.reader()) : new MapSession<>(map);
        }

        @Override
        public long iterate() {
            long sum = 0;
            for (Map.Entry<K, V> entry : map.entrySet()) {
                sum += data.sum(entry.getKey(), entry.getValue());
            }
            return sum;
        }

        @Override
        public long logBytes() {
            DiskStats stats = map.diskStats();
            return stats.liveBytes() + stats.deadBytes();
        }

        @Override
        public void close() {
            map.close();
        }
    }

    private static class MapSession<K, V> implements DiskStore.Session<K, V> {
        final DiskMap<K, V> map;

        MapSession(DiskMap<K, V> map) {
            this.map = map;
        }

        @Override
        public @Nullable V get(K key) {
            return map.get(key);
        }

        @Override
        public void put(K key, V value) {
            map.put(key, value);
        }

        @Override
        public void remove(K key) {
            map.remove(key);
        }

        @Override
        public int getAll(List<K> keys) {
            return map.getAll(keys).size();
        }

        @Override
        public void close() {}
    }

    private static final class ViewSession<K, V> extends MapSession<K, V> {
        private final Function<MemorySegment, V> reader;

        ViewSession(DiskMap<K, V> map, Function<MemorySegment, V> reader) {
            super(map);
            this.reader = reader;
        }

        @Override
        public @Nullable V get(K key) {
            return map.view(key, reader);
        }
    }
}
