package io.sherd.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which entries of a map a command goes through, and in which order.
 *
 * @param prefix what the text of a key begins with
 * @param limit the largest number of entries
 * @param sorted whether in the order of keys, which are all held in memory for it; otherwise in the map's own
 */
record Selection(String prefix, long limit, boolean sorted) {
    private static final int CHUNK = 1024;

    /** Gets what was selected. */
    interface Sink<T> {
        void accept(T item) throws IOException;
    }

    <K, V> void entries(OpenMap<K, V> map, Sink<Map.Entry<K, V>> sink) throws IOException {
        if (sorted) {
            sortedEntries(map, sink);
            return;
        }
        long left = limit;
        if (left == 0) {
            return;
        }
        for (Map.Entry<K, V> entry : map.map().entrySet()) {
            if (matches(map, entry.getKey())) {
                sink.accept(entry);
                if (--left == 0) {
                    return;
                }
            }
        }
    }

    <K, V> void keys(OpenMap<K, V> map, Sink<K> sink) throws IOException {
        if (sorted) {
            for (K key : sortedKeys(map)) {
                sink.accept(key);
            }
            return;
        }
        long left = limit;
        if (left == 0) {
            return;
        }
        for (K key : map.map().keySet()) {
            if (matches(map, key)) {
                sink.accept(key);
                if (--left == 0) {
                    return;
                }
            }
        }
    }

    private <K, V> void sortedEntries(OpenMap<K, V> map, Sink<Map.Entry<K, V>> sink) throws IOException {
        List<K> keys = sortedKeys(map);
        for (int from = 0; from < keys.size(); from += CHUNK) {
            List<K> chunk = keys.subList(from, Math.min(from + CHUNK, keys.size()));
            for (Map.Entry<K, V> entry : map.map().getAll(chunk).entrySet()) {
                sink.accept(entry);
            }
        }
    }

    private <K, V> List<K> sortedKeys(OpenMap<K, V> map) {
        List<K> keys = new ArrayList<>();
        for (K key : map.map().keySet()) {
            if (matches(map, key)) {
                keys.add(key);
            }
        }
        keys.sort(map.layout().keyType().order());
        return limit < keys.size() ? keys.subList(0, (int) limit) : keys;
    }

    private <K, V> boolean matches(OpenMap<K, V> map, K key) {
        return prefix.isEmpty() || map.layout().keyText(key).startsWith(prefix);
    }
}
