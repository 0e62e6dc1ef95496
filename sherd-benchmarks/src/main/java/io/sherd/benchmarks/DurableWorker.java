package io.sherd.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Durable puts in a JVM of their own, over a fixed time after as long a time of warming up.
 *
 * <p>Arguments: the system; the kind of keys; the number of different keys; the threads; the milliseconds; an empty folder.
 * Every thread puts keys in an order of its own, each put in a transaction of its own where a store has transactions. The store
 * is empty when the warming up begins.
 */
final class DurableWorker {
    private DurableWorker() {}

    /** Measures and reports. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        DiskPeer peer = Peers.disk(arguments[0]);
        DiskData<?, ?> data = DiskData.of(KeyKind.of(arguments[1]));
        int entries = Integer.parseInt(arguments[2]);
        ThreadCount threads = ThreadCount.of(arguments[3]);
        long nanos = Long.parseLong(arguments[4]) * 1_000_000;
        Path folder = Files.createDirectory(Path.of(arguments[5]).resolve("store"));
        measure(peer, data, entries, threads, nanos, folder);
    }

    private static <K, V> void measure(
            DiskPeer peer, DiskData<K, V> data, int entries, ThreadCount threads, long nanos, Path folder)
            throws IOException, InterruptedException {
        Object[] keys = data.kind().keys(0, entries);
        try (DiskStore<K, V> store = peer.open(data, folder, entries, true);
                Crew crew = new Crew(threads)) {
            put(store, data, keys, crew, nanos, 0);
            Crew.Outcome outcome = put(store, data, keys, crew, nanos, keys.length / 2);
            Report.write("durable-put", "Mops/s", outcome.sum() * 1e3 / outcome.nanos());
        }
    }

    private static <K, V> Crew.Outcome put(
            DiskStore<K, V> store, DiskData<K, V> data, Object[] keys, Crew crew, long nanos, int first)
            throws InterruptedException {
        long end = System.nanoTime() + nanos;
        return crew.work(member -> {
            int at = (int) ((first + (long) keys.length * member / crew.size()) % keys.length);
            long done = 0;
            try (DiskStore.Session<K, V> session = store.session(1)) {
                while (System.nanoTime() - end < 0) {
                    session.put(data.key(keys[at]), data.value(done));
                    at = at + 1 == keys.length ? 0 : at + 1;
                    done++;
                }
            }
            return done;
        });
    }
}
