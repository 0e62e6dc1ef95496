package io.sherd.benchmarks;

import io.sherd.ShardedMap;
import io.sherd.Snapshot;
import io.sherd.SnapshotMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * What snapshots of the heap map cost. Arguments: the workload and the number of entries; what follows is not used.
 *
 * <ul>
 *   <li>{@code step-aside}: 50 snapshots under two writers; the median of the longest write that was under way during each.
 *   <li>{@code write-while-alive}: writes of two threads with a snapshot whose shards were all written to, against none.
 *   <li>{@code snapshot-heavy}: 200 snapshots for each write, in each mode; with and without a pass over the entries.
 *   <li>{@code snapshot-list}: all entries in a list.
 *   <li>{@code diff}: the changes between two snapshots, with a hundred writes in between.
 * </ul>
 */
final class SnapshotProbe {
    private static final int TIMES = 50;

    /** What measurements answer, so that they are not optimized away. */
    static volatile long sink;

    private SnapshotProbe() {}

    /** Measures and reports. */
    public static void main(String[] arguments) throws InterruptedException {
        int entries = Integer.parseInt(arguments[1]);
        switch (arguments[0]) {
            case "step-aside" -> stepAside(entries);
            case "write-while-alive" -> writeWhileAlive(entries);
            case "snapshot-heavy" -> heavy(entries);
            case "snapshot-list" -> list(entries);
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
        double worst = 0;
        for (Writer writer : writers) {
            worst = Math.max(worst, writer.worst.getAndSet(0));
        }
        return worst / 1e6;
    }

    private static void stepAside(int entries) throws InterruptedException {
        ShardedMap<Long, Long> map = filled(entries, SnapshotMode.COW);
        List<Writer> writers = writers(map, entries);
        double[] asides = new double[TIMES];
        double[] idles = new double[TIMES];
        double[] takes = new double[TIMES];
        for (int i = -10; i < TIMES; i++) {
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
                asides[i] = aside;
                idles[i] = idle;
                takes[i] = took;
            }
        }
        end(writers);
        Report.write("step-aside", "ms", median(asides));
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
        return (after - before) * 1e3 / (System.nanoTime() - began);
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
        Report.write("write-while-alive", "Mops/s", median(with));
        Report.write("write-while-none", "Mops/s", median(without));
    }

    private static double nanos(int times, LongSupplier what) {
        double[] took = new double[7];
        for (int i = 0; i < took.length; i++) {
            long began = System.nanoTime();
            for (int time = 0; time < times; time++) {
                sink = what.getAsLong();
            }
            took[i] = (double) (System.nanoTime() - began) / times;
        }
        return median(Arrays.copyOfRange(took, 2, took.length));
    }

    private static void heavy(int entries) {
        for (SnapshotMode mode : SnapshotMode.values()) {
            ShardedMap<Long, Long> map = filled(entries, mode);
            long[] number = {0};
            String name = "snapshot-heavy-" + mode.name().toLowerCase(Locale.ROOT);
            LongSupplier take = () -> {
                if (number[0]++ % 200 == 0) {
                    map.put(number[0] % entries, number[0]);
                }
                try (Snapshot<Long, Long> snapshot = map.snapshot()) {
                    return snapshot.version();
                }
            };
            LongSupplier iterate = () -> {
                if (number[0]++ % 200 == 0) {
                    map.put(number[0] % entries, number[0]);
                }
                long sum = 0;
                try (Snapshot<Long, Long> snapshot = map.snapshot()) {
                    for (Map.Entry<Long, Long> entry : snapshot.entrySet()) {
                        sum += entry.getValue();
                    }
                }
                return sum;
            };
            LongSupplier each = () -> {
                if (number[0]++ % 200 == 0) {
                    map.put(number[0] % entries, number[0]);
                }
                long[] sum = {0};
                try (Snapshot<Long, Long> snapshot = map.snapshot()) {
                    snapshot.forEach((key, value) -> sum[0] += value);
                }
                return sum[0];
            };
            Report.write(name, "ns/op", nanos(mode == SnapshotMode.CLONE ? 400 : 20_000, take));
            Report.write(name + "-iterated", "ns/op", nanos(400, iterate));
            Report.write(name + "-for-each", "ns/op", nanos(400, each));
        }
    }

    private static void list(int entries) {
        ShardedMap<Long, Long> map = filled(entries, SnapshotMode.COW);
        ConcurrentHashMap<Long, Long> other = new ConcurrentHashMap<>(map);
        double[][] took = new double[2][7];
        for (int i = 0; i < 7; i++) {
            took[0][i] = nanos(2, () -> {
                try (Snapshot<Long, Long> snapshot = map.snapshot()) {
                    return new ArrayList<>(snapshot.entrySet()).size();
                }
            });
            took[1][i] = nanos(2, () -> new ArrayList<>(other.entrySet()).size());
        }
        Report.write("snapshot-list", "ms", median(took[0]) / 1e6);
        Report.write("snapshot-list-chm", "ms", median(took[1]) / 1e6);
    }

    private static void diff(int entries) {
        ShardedMap<Long, Long> map = filled(entries, SnapshotMode.COW);
        long[] number = {0};
        Report.write(
                "diff",
                "ms",
                nanos(20, () -> {
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
