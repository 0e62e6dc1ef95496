package io.sherd.disk;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An entry as an iteration saw it, which writes through. */
final class LogEntry<K, V> implements Map.Entry<K, V> {
    private final DiskMap<K, V> map;
    private final K key;
    private V value;

    LogEntry(DiskMap<K, V> map, K key, V value) {
        this.map = map;
        this.key = key;
        this.value = value;
    }

    @Override
    public K getKey() {
        return key;
    }

    @Override
    public V getValue() {
        return value;
    }

    @Override
    public V setValue(V newValue) {
        V old = value;
        map.put(key, Objects.requireNonNull(newValue, "value"));
        value = newValue;
        return old;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Map.Entry<?, ?> entry
                && Objects.equals(key, entry.getKey())
                && Objects.equals(value, entry.getValue());
    }

    @Override
    public int hashCode() {
        return key.hashCode() ^ value.hashCode();
    }

    @Override
    public String toString() {
        return text(key) + "=" + text(value);
    }

    private static String text(Object object) {
        return object instanceof byte[] bytes ? Arrays.toString(bytes) : object.toString();
    }
}
