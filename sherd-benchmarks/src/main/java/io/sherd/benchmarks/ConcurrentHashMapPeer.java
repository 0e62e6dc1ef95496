package io.sherd.benchmarks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The JDK's concurrent map as its no-argument constructor makes it: since Java 8 it needs no tuning but a size hint, and no system here is given one. */
final class ConcurrentHashMapPeer implements HeapPeer {
    @Override
    public String name() {
        return "ConcurrentHashMap";
    }

    @Override
    public <K, V> Map<K, V> create() {
        return new ConcurrentHashMap<>();
    }
}
