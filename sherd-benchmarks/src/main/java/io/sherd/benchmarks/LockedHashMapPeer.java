package io.sherd.benchmarks;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** One lock round a {@code HashMap}, by the JDK's own wrapper: the floor that a concurrent map must stand above. Its iteration is measured without the lock, which is right while nobody writes and is what costs it least. */
final class LockedHashMapPeer implements HeapPeer {
    @Override
    public String name() {
        return "LockedHashMap";
    }

    @Override
    public <K, V> Map<K, V> create() {
        return Collections.synchronizedMap(new HashMap<>());
    }
}
