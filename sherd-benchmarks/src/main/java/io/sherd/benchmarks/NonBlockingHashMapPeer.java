package io.sherd.benchmarks;

import java.util.Map;
import org.jctools.maps.NonBlockingHashMap;

/** Cliff Click's lock-free map as JCTools ships it, by its no-argument constructor; its documentation names no other setting than an initial size. */
final class NonBlockingHashMapPeer implements HeapPeer {
    @Override
    public String name() {
        return "NonBlockingHashMap";
    }

    @Override
    public <K, V> Map<K, V> create() {
        return new NonBlockingHashMap<>();
    }
}
