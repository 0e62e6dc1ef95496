package io.sherd.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

/** A kind of map in files that is measured. */
interface DiskPeer {
    /** The name in rows and on the command line. */
    String name();

    /** Whether it does all that a map does. One that does not is there to be compared with, in some workloads. */
    default boolean isMap() {
        return true;
    }

    /** Whether it can hold such entries in a way that another system of the list does not. */
    default boolean suits(KeyKind keys) {
        return true;
    }

    /** Whether opening a map again after a crash reads a log; who does not is not measured for it. */
    default boolean replaysLog() {
        return false;
    }

    /**
     * Opens or creates a map.
     *
     * @param data what it holds
     * @param folder an existing folder that is the store's own
     * @param entries how many entries will come, for stores that must know
     * @param durable whether a put that returned must survive a loss of power
     */
    <K, V> DiskStore<K, V> open(DiskData<K, V> data, Path folder, long entries, boolean durable) throws IOException;
}
