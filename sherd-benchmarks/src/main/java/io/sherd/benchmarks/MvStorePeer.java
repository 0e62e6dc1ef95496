package io.sherd.benchmarks;

import java.nio.file.Path;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.DataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * H2's MVStore, a persistent B-tree, with the types given, and a page cache of 512 MiB rather than its default of 16, since
 * its documentation says that the cache should hold what is used often. Durable: commit and sync after each put.
 */
final class MvStorePeer implements DiskPeer {
    private static final int CACHE_MIB = 512;

    @Override
    public String name() {
        return "MVStore";
    }

    @Override
    public <K, V> DiskStore<K, V> open(DiskData<K, V> data, Path folder, long entries, boolean durable) {
        MVStore store = new MVStore.Builder()
                .fileName(folder.resolve("map.mv").toString())
                .cacheSize(CACHE_MIB)
                .open();
        MVMap<K, V> map = store.openMap(
                "bench", new MVMap.Builder<K, V>().keyType(type(data.keyType())).valueType(type(data.valueType())));
        return new Store<>(data, store, map, durable);
    }

    @SuppressWarnings("unchecked") // each type is that of the class it is chosen by
    private static <T> DataType<T> type(Class<T> of) {
        DataType<?> type;
        if (of == Long.class) {
            type = LongDataType.INSTANCE;
        } else if (of == String.class) {
            type = StringDataType.INSTANCE;
        } else {
            type = ByteArrayDataType.INSTANCE;
        }
        return (DataType<T>) type;
    }

    private record Store<K, V>(DiskData<K, V> data, MVStore store, MVMap<K, V> map, boolean durable)
            implements DiskStore<K, V> {
        @Override
        public Session<K, V> session(int batch) {
            return new MapSession<>(store, map, durable);
        }

        @Override
        public long iterate() {
            long sum = 0;
            var cursor = map.cursor(null);
            while (cursor.hasNext()) {
                K key = cursor.next();
                sum += data.sum(key, cursor.getValue());
            }
            return sum;
        }

        @Override
        public void close() {
            store.close();
        }
    }

    private record MapSession<K, V>(MVStore store, MVMap<K, V> map, boolean durable)
            implements DiskStore.Session<K, V> {
        @Override
        public @Nullable V get(K key) {
            return map.get(key);
        }

        @Override
        public void put(K key, V value) {
            map.put(key, value);
            if (durable) {
                store.commit();
                store.sync();
            }
        }

        @Override
        public void remove(K key) {
            map.remove(key);
        }

        @Override
        public void close() {}
    }
}
