package io.sherd.benchmarks;

import io.sherd.disk.DiskMap;
import io.sherd.disk.DiskStats;
import io.sherd.disk.Durability;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sherd's disk map with its default settings; it is not told how many entries will come. */
final class SherdDiskPeer implements DiskPeer {
    @Override
    public String name() {
        return "Sherd";
    }

    @Override
    public boolean replaysLog() {
        return true;
    }

    @Override
    public <K, V> DiskStore<K, V> open(DiskData<K, V> data, Path folder, long entries, boolean durable) {
        return new Store<>(
                data,
                DiskMap.builder(data.keyCodec(), data.valueCodec())
                        .durability(durable ? Durability.SYNC : Durability.NONE)
                        .open(folder));
    }

    /**
     * An open map.
     *
     * @param data what it holds
     * @param map the map
     */
    record Store<K, V>(DiskData<K, V> data, DiskMap<K, V> map) implements DiskStore<K, V> {
        @Override
        public Session<K, V> session(int batch) {
            return new MapSession<>(map);
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

    private record MapSession<K, V>(DiskMap<K, V> map) implements DiskStore.Session<K, V> {
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
}
