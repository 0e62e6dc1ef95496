package io.sherd.disk;

import java.util.AbstractMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A map all of whose methods that would change it throw, also where they would change nothing. */
abstract class FrozenMap<K, V> extends AbstractMap<K, V> {

    private static UnsupportedOperationException unmodifiable() {
        return new UnsupportedOperationException("A snapshot cannot be changed: write to its map");
    }

    @Override
    public @Nullable V put(K key, V value) {
        throw unmodifiable();
    }

    @Override
    public void putAll(Map<? extends K, ? extends V> entries) {
        throw unmodifiable();
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
        throw unmodifiable();
    }

    @Override
    public @Nullable V remove(Object key) {
        throw unmodifiable();
    }

    @Override
    public boolean remove(Object key, Object value) {
        throw unmodifiable();
    }

    @Override
    public @Nullable V replace(K key, V value) {
        throw unmodifiable();
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        throw unmodifiable();
    }

    @Override
    public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
        throw unmodifiable();
    }

    @Override
    public V computeIfAbsent(K key, Function<? super K, ? extends V> mappingFunction) {
        throw unmodifiable();
    }

    @Override
    public V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends V> remappingFunction) {
        throw unmodifiable();
    }

    @Override
    public V compute(K key, BiFunction<? super K, ? super V, ? extends V> remappingFunction) {
        throw unmodifiable();
    }

    @Override
    public V merge(K key, V value, BiFunction<? super V, ? super V, ? extends V> remappingFunction) {
        throw unmodifiable();
    }

    @Override
    public void clear() {
        throw unmodifiable();
    }
}
