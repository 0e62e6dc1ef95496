package io.sherd.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Map;
import org.openjdk.jol.info.GraphLayout;

/**
 * What JMH does not measure about a heap map: the bytes of its structure, and how it grows.
 *
 * <p>Arguments: {@code bytes}, {@code growth} or {@code hashes}; the system; the kind of keys; the number of entries; and a
 * folder, which is not used.
 *
 * <p>How the worst step of a fill is told from a hiccup of the machine: every put is timed, and the processor time of the
 * thread is read every few puts. A put that took long by the clock counts with what the thread can have worked in it, which
 * is at most the processor time since it was last read. There is no collector to take out of the account: growth is measured
 * on a JVM that never collects.
 */
final class HeapProbe {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Puts between two readings of the processor time. */
    private static final int STRIDE = 64;

    private HeapProbe() {}

    /** Measures and reports. */
    public static void main(String[] arguments) {
        HeapPeer peer = Peers.heap(arguments[1]);
        KeyKind keys = KeyKind.of(arguments[2]);
        int entries = Integer.parseInt(arguments[3]);
        switch (arguments[0]) {
            case "bytes" -> Report.write("bytes-per-entry", "B/entry", structureBytes(peer, keys, entries));
            case "growth" -> growth(peer, keys, entries);
            case "hashes" -> Report.write("growth-hashes", "calls/entry", hashesPerEntry(peer, entries));
            default -> throw new IllegalArgumentException("no probe called " + arguments[0]);
        }
    }

    /** The bytes of everything that the map reaches, less its keys and values, for each entry. */
    static double structureBytes(HeapPeer peer, KeyKind keys, int entries) {
        Map<Object, Long> map = peer.create();
        for (int i = 0; i < entries; i++) {
            map.put(keys.key(i), 1_000L + i);
        }
        GraphLayout reached = GraphLayout.parseInstance(map);
        long contents = 0;
        // What is reached, not what was put: a map may keep a key as something else, which is structure then.
        for (Class<?> content : List.of(Long.class, String.class, byte[].class)) {
            if (content != byte[].class || keys == KeyKind.STRING24) {
                contents += reached.getClassSizes().count(content);
            }
        }
        return (double) (reached.totalSize() - contents) / entries;
    }

    private static void growth(HeapPeer peer, KeyKind keys, int entries) {
        // compile first: a shorter fill twice, with keys of its own
        int trial = Math.min(entries, 500_000);
        for (int i = 0; i < 2; i++) {
            fill(peer.create(), keys.keys(KeyKind.ABSENT, trial), boxed(trial), new Steps());
        }
        Object[] stored = keys.keys(0, entries);
        Long[] values = boxed(entries);
        Map<Object, Long> map = peer.create();
        Steps steps = new Steps();
        long began = System.nanoTime();
        fill(map, stored, values, steps);
        long ended = System.nanoTime();
        if (map.size() != entries) {
            throw new IllegalStateException(peer.name() + " holds " + map.size() + " entries of " + entries);
        }
        Report.write("growth-total", "ms", (ended - began) / 1e6);
        Report.write("growth-pause", "ms", steps.worstWork / 1e6);
        Report.write("growth-pause-wall", "ms", steps.worstWall / 1e6);
    }

    private static void fill(Map<Object, Long> map, Object[] keys, Long[] values, Steps steps) {
        for (int from = 0; from < keys.length; from += STRIDE) {
            steps.mark();
            long last = steps.marked;
            int to = Math.min(from + STRIDE, keys.length);
            for (int i = from; i < to; i++) {
                map.put(keys[i], values[i]);
                long now = System.nanoTime();
                if (now - last > steps.worstWork) {
                    steps.slow(now - last);
                }
                last = now;
            }
        }
    }

    private static Long[] boxed(int count) {
        Long[] values = new Long[count];
        for (int i = 0; i < count; i++) {
            values[i] = 1_000L + i;
        }
        return values;
    }

    private static final class Steps {
        private long worstWall;
        private long worstWork;
        private long marked;
        private long processorTime;

        void mark() {
            processorTime = THREADS.getCurrentThreadCpuTime();
            marked = System.nanoTime();
        }

        void slow(long wall) {
            long work = THREADS.getCurrentThreadCpuTime() - processorTime;
            worstWall = Math.max(worstWall, wall);
            worstWork = Math.max(worstWork, Math.min(wall, work));
        }
    }

    static double hashesPerEntry(HeapPeer peer, int entries) {
        Map<CountedKey, Long> map = peer.create();
        long before = CountedKey.calls;
        for (int i = 0; i < entries; i++) {
            map.put(new CountedKey(KeyKind.mix(i)), 1_000L + i);
        }
        if (map.size() != entries) {
            throw new IllegalStateException(peer.name() + " holds " + map.size() + " entries of " + entries);
        }
        return (double) (CountedKey.calls - before) / entries;
    }

    /** A key that counts how often it is asked for its hash code; used by one thread. */
    private record CountedKey(long id) {
        private static long calls;

        @Override
        public int hashCode() {
            calls++;
            return Long.hashCode(id);
        }
    }
}
