package io.sherd.benchmarks;

import java.util.Map;

/**
 * A map on the heap that is measured. The interface between harness and map is {@link Map} itself: a fork has one system, so
 * the compiler sees one receiver at each call.
 */
interface HeapPeer {
    /** The name in rows and on the command line. */
    String name();

    /** A new empty map that was told nothing about how many entries will come. */
    <K, V> Map<K, V> create();
}
