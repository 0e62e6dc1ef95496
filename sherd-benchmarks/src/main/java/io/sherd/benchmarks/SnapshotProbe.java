package io.sherd.benchmarks;

import io.sherd.ShardedMap;
import io.sherd.Snapshot;
import io.sherd.SnapshotMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/**
 * What snapshots of the heap map cost. Arguments: the workload, the system, the number of entries, and a folder.
 *
 * <ul>
 *   <li>{@code step-aside}: 50 snapshots under two writers, medians. The figure is how long writers could not begin, as the event
 *       {@code io.sherd.Snapshot} says; {@code step-aside-seen} is the longest write that was under way meanwhile, which on two
 *       processors also has the time for which the taker had a writer's; {@code step-aside-idle} is the same without a snapshot.
 *   <li>{@code write-while-alive}: the rate of two writers with a snapshot whose shards were all written to, in per cent of the rate with none.
 *   <li>{@code snapshot-heavy}: 200 snapshots for each write, in each mode; with and without a pass over the entries. The peer makes
 *       a {@code new HashMap<>(map)} each time.
 *   <li>{@code snapshot-list}: all entries in a list.
 *   <li>{@code diff}: the changes between two snapshots, with a hundred writes in between.
 * </ul>
 *
 * <p>The last three are medians after two seconds of the same.
 */
final class SnapshotProbe {
    private static final int TIMES = 50;
    private static final int ROUNDS = 21;
    private static final int WARM_UP_ROUNDS = 10;
    private static final long WARM_UP_NANOS = 2_000_000_000L;

    /** What measurements answer, so that they are not optimized away. */
    static volatile long sink;

    private SnapshotProbe() {}

    /** Measures and reports. */
    public static void main(String[] arguments) throws InterruptedException, IOException {
        boolean sherd = arguments[1].equals("Sherd");
        int entries = Integer.parseInt(arguments[2]);
        switch (arguments[0]) {
            case "step-aside" -> stepAside(entries, Path.of(arguments[3]).resolve("events.jfr"));
            case "write-while-alive" -> writeWhileAlive(entries);
            case "snapshot-heavy-clone" -> heavy(arguments[0], sherd, entries, SnapshotMode.CLONE);
            case "snapshot-heavy-cached" -> heavy(arguments[0], sherd, entries, SnapshotMode.CACHED);
            case "snapshot-heavy-cow" -> heavy(arguments[0], sherd, entries, SnapshotMode.COW);
            case "snapshot-list" -> list(sherd, entries);
            case "diff" -> diff(entries);
            default -> throw new IllegalArgumentException("no workload called " + arguments[0]);
        }
    }

    private static ShardedMap<Long, Long> filled(int entries, SnapshotMode mode) {
        ShardedMap<Long, Long> map =
                ShardedMap.onHeap().initialCapacity(entries).snapshotMode(mode).build();
        for (long key = 0; key < entries; key++) {
            map.put(key, 1_000 + key);
        }
        System.gc(); // so that the values lie where the collector puts them in every mode
        return map;
    }

    /** A thread that writes to all of a map, in an order that has nothing to do with anything. */
    private static final class Writer extends Thread {
        private final ShardedMap<Long, Long> map;
        private final int entries;
        private final AtomicLong worst = new AtomicLong();
        private final AtomicLong count = new AtomicLong();
        private volatile boolean over;
        private long state;

        Writer(ShardedMap<Long, Long> map, int entries, long seed) {
            this.map = map;
            this.entries = entries;
            this.state = seed;
        }

        @Override
        public void run() {
            long last = System.nanoTime();
            while (!over) {
                state = state * 6364136223846793005L + 1442695040888963407L;
                map.put((state >>> 33) % entries, state);
                long now = System.nanoTime();
                if (now - last > worst.getOpaque()) {
                    worst.setOpaque(now - last);
                }
                last = now;
                count.setOpaque(count.getOpaque() + 1);
            }
        }
    }

    private static List<Writer> writers(ShardedMap<Long, Long> map, int entries) {
        List<Writer> writers = List.of(new Writer(map, entries, 1), new Writer(map, entries, 2));
        writers.forEach(Thread::start);
        return writers;
    }

    private static void end(List<Writer> writers) throws InterruptedException {
        for (Writer writer : writers) {
            writer.over = true;
            writer.join();
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double worst(List<Writer> writers) {
        long worst = 0;
        for (Writer writer : writers) {
            worst = Math.max(worst, writer.worst.getAndSet(0));
        }
        return (double) worst / 1e6;
    }

    private static void stepAside(int entries, Path file) throws InterruptedException, IOException {
        ShardedMap<Long, Long> map = filled(entries, SnapshotMode.COW);
        List<Writer> writers = writers(map, entries);
        double[] seen = new double[TIMES];
        double[] idles = new double[TIMES];
        double[] takes = new double[TIMES];
        Recording recording = new Recording();
        recording.enable("io.sherd.Snapshot");
        for (int i = -2 * TIMES; i < TIMES; i++) {
            if (i == 0) {
                recording.start();
            }
            LockSupport.parkNanos(20_000_000);
            worst(writers);
            LockSupport.parkNanos(200_000);
            double idle = worst(writers);
            long began = System.nanoTime();
            Snapshot<Long, Long> snapshot = map.snapshot();
            double took = (System.nanoTime() - began) / 1e6;
            LockSupport.parkNanos(100_000); // the write that was under way ends
            double aside = worst(writers);
            snapshot.close();
            if (i >= 0) {
                seen[i] = aside;
                idles[i] = idle;
                takes[i] = took;
            }
        }
        end(writers);
        recording.stop();
        recording.dump(file);
        recording.close();
        double[] asides = RecordingFile.readAllEvents(file).stream()
                .mapToDouble(event -> event.getDuration("stoodAside").toNanos() / 1e6)
                .toArray();
        Report.write("step-aside", "ms", median(asides));
        Report.write("step-aside-seen", "ms", median(seen));
        Report.write("step-aside-idle", "ms", median(idles));
        Report.write("step-aside-take", "ms", median(takes));
    }

    private static double rate(List<Writer> writers, long millis) {
        long before = 0;
        for (Writer writer : writers) {
            before += writer.count.get();
        }
        long began = System.nanoTime();
        LockSupport.parkNanos(millis * 1_000_000);
        long after = 0;
        for (Writer writer : writers) {
            after += writer.count.get();
        }
        return 1e3 * (double) (after - before) / (double) (System.nanoTime() - began);
    }

    private static void writeWhileAlive(int entries) throws InterruptedException {
        ShardedMap<Long, Long> map = filled(entries, SnapshotMode.COW);
        List<Writer> writers = writers(map, entries);
        rate(writers, 2_000);
        double[] with = new double[5];
        double[] without = new double[5];
        for (int i = 0; i < 5; i++) {
            without[i] = rate(writers, 1_000);
            try (Snapshot<Long, Long> snapshot = map.snapshot()) {
                rate(writers, 1_500); // every segment is touched
                with[i] = rate(writers, 1_000);
                sink = snapshot.version();
            }
            rate(writers, 300);
        }
        end(writers);
        Report.write("write-while-alive", "%", 100 * median(with) / median(without));
        Report.write("write-while-alive-rate", "Mops/s", median(with));
    }

    private static double nanos(int times, LongSupplier what) {
        double[] took = new double[ROUNDS];
        long start = System.nanoTime();
        for (int i = 0; i < WARM_UP_ROUNDS || System.nanoTime() - start < WARM_UP_NANOS; i++) {
            nanosOfOne(times, what);
        }
        for (int i = 0; i < took.length; i++) {
            took[i] = nanosOfOne(times, what);
        }
        return median(took);
    }

    private static double nanosOfOne(int times, LongSupplier what) {
        long began = System.nanoTime();
        for (int time = 0; time < times; time++) {
            sink = what.getAsLong();
        }
        return (double) (System.nanoTime() - began) / times;
    }

    private static void heavy(String name, boolean sherd, int entries, SnapshotMode mode) {
        ShardedMap<Long, Long> map = filled(entries, mode);
        Map<Long, Long> peer = new ConcurrentHashMap<>(map);
        boolean copies = mode == SnapshotMode.CLONE || !sherd;
        Report.write(name, "ns/op", nanos(copies ? 100 : 5_000, heavily(sherd ? map : peer, entries, Map::size)));
        Report.write(name + "-iterated", "ns/op", nanos(100, heavily(sherd ? map : peer, entries, SnapshotProbe::sum)));
    }

    /** Takes a snapshot and does something with it, and writes before each 200th. */
    private static LongSupplier heavily(Map<Long, Long> map, int entries, ToLongFunction<Map<Long, Long>> use) {
        long[] number = {0};
        return () -> {
            if (number[0]++ % 200 == 0) {
                map.put(number[0] % entries, number[0]);
            }
            if (map instanceof ShardedMap<Long, Long> sharded) {
                try (Snapshot<Long, Long> snapshot = sharded.snapshot()) {
                    return use.applyAsLong(snapshot);
                }
            }
            return use.applyAsLong(new HashMap<>(map));
        };
    }

    private static long sum(Map<Long, Long> map) {
        long sum = 0;
        for (Map.Entry<Long, Long> entry : map.entrySet()) {
            sum += entry.getValue();
        }
        return sum;
    }

    private static void list(boolean sherd, int entries) {
        ShardedMap<Long, Long> map = filled(entries, SnapshotMode.COW);
        Map<Long, Long> peer = new ConcurrentHashMap<>(map);
        Report.write(
                "snapshot-list",
                "ms",
                nanos(1, () -> {
                            if (!sherd) {
                                return new ArrayList<>(peer.entrySet()).size();
                            }
                            try (Snapshot<Long, Long> snapshot = map.snapshot()) {
                                return new ArrayList<>(snapshot.entrySet()).size();
                            }
                        })
                        / 1e6);
    }

    private static void diff(int entries) {
        ShardedMap<Long, Long> map = filled(entries, SnapshotMode.COW);
        long[] number = {0};
        Report.write(
                "diff",
                "ms",
                nanos(5, () -> {
                            try (Snapshot<Long, Long> older = map.snapshot()) {
                                for (int i = 0; i < 100; i++) {
                                    map.put((number[0]++ * 7_919) % entries, number[0]);
                                }
                                try (Snapshot<Long, Long> younger = map.snapshot()) {
                                    return younger.changesSince(older).size();
                                }
                            }
                        })
                        / 1e6);
    }
}
