package io.sherd.testkit.soak;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Hands everything on; a fault overrides what it spoils. */
abstract class ForwardingStore implements StoreUnderTest {
    protected final StoreUnderTest store;

    ForwardingStore(StoreUnderTest store) {
        this.store = store;
    }

    @Override
    public byte @Nullable [] get(int key) {
        return store.get(key);
    }

    @Override
    public byte @Nullable [] put(int key, byte[] value) {
        return store.put(key, value);
    }

    @Override
    public byte @Nullable [] remove(int key) {
        return store.remove(key);
    }

    @Override
    public byte @Nullable [] putIfAbsent(int key, byte[] value) {
        return store.putIfAbsent(key, value);
    }

    @Override
    public byte @Nullable [] replace(int key, byte[] value) {
        return store.replace(key, value);
    }

    @Override
    public boolean replace(int key, byte[] expected, byte[] update) {
        return store.replace(key, expected, update);
    }

    @Override
    public byte @Nullable [] compute(int key, UnaryOperator<byte @Nullable []> function) {
        return store.compute(key, function);
    }

    @Override
    public void clear() {
        store.clear();
    }

    @Override
    public void force() {
        store.force();
    }

    @Override
    public long size() {
        return store.size();
    }

    @Override
    public void forEach(Visitor visitor) {
        store.forEach(visitor);
    }

    @Override
    public void close() {
        store.close();
    }
}
