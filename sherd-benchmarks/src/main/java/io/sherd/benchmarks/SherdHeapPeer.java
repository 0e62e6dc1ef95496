package io.sherd.benchmarks;

import io.sherd.ShardedMap;
import java.util.Map;

/** Sherd's heap map with its default settings. */
final class SherdHeapPeer implements HeapPeer {
    @Override
    public String name() {
        return "Sherd";
    }

    @Override
    public <K, V> Map<K, V> create() {
        return ShardedMap.onHeap().build();
    }
}
