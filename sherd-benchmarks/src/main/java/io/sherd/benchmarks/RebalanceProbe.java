package io.sherd.benchmarks;

import io.sherd.Rebalance;
import io.sherd.RebalanceOptions;
import io.sherd.RebalanceReport;
import io.sherd.ShardedMap;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What two threads that read and write all of a map notice of its rebalance from 64 to 1024 shards and back, in the background; the same
 * for as long without one just before. Each second operation is a get, which must find its key. A large map has more tables than that
 * anyway, so nearly nothing is moved; the other workload goes from 4096 to 65536 and back, where every table of a map of 1e7 is replaced.
 *
 * <p>Arguments: the workload, the system, and the number of entries; what follows is not used. Reports by how much the longest operation is
 * longer than without a rebalance, and which part of the throughput is left; in addition both for themselves, how long the rebalances took, and
 * the longest pause that a {@code rebalanceTo} without load reports.
 */
final class RebalanceProbe {
    static final String DEEP = "rebalance-deep-worst";

    private static final int WARM_UPS = 2;
    private static final int ROUNDS = 3;

    /** What is written: made beforehand, as are the keys, so that the load calls for no collections, in which all operations stand still. */
    private static final Long[] VALUES = new Long[1 << 10];

    /** How many of the keys are read and written, spread over the whole map. */
    private static final int SAMPLE = 1 << 20;

    static {
        Arrays.setAll(VALUES, i -> (long) i << 20);
    }

    private RebalanceProbe() {}

    /** Measures and reports. */
    public static void main(String[] arguments) throws InterruptedException {
        boolean deep = arguments[0].equals(DEEP);
        String name = deep ? "rebalance-deep-" : "rebalance-";
        int few = deep ? 4_096 : 64;
        int many = deep ? 65_536 : 1_024;
        int entries = Integer.parseInt(arguments[2]);
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        for (long i = 0; i < entries; i++) {
            map.put(KeyKind.mix(i), i);
        }
        map.shards().rebalanceTo(few);
        Long[] keys = new Long[Math.min(SAMPLE, entries)];
        Arrays.setAll(keys, i -> KeyKind.mix((long) i * entries / keys.length));
        List<Loader> loaders = List.of(new Loader(map, keys, 1), new Loader(map, keys, 2));
        loaders.forEach(Thread::start);
        LockSupport.parkNanos(3_000_000_000L);
        long nanos = 2_000_000_000L;
        for (int round = -WARM_UPS; round < ROUNDS; round++) {
            Seen idle = see(loaders, nanos, null, 0, 0);
            long begin = System.nanoTime();
            Seen rebalanced = see(loaders, 0, map, few, many);
            nanos = System.nanoTime() - begin;
            if (round >= 0) {
                Report.write(name + "worst", "ms", Math.max(0, rebalanced.worst - idle.worst));
                Report.write(name + "throughput", "%", 100 * rebalanced.rate / idle.rate);
                Report.write(name + "worst-during", "ms", rebalanced.worst);
                Report.write(name + "worst-idle", "ms", idle.worst);
                Report.write(name + "throughput-during", "Mops/s", rebalanced.rate);
                Report.write(name + "throughput-idle", "Mops/s", idle.rate);
                Report.write(name + "time", "ms", nanos / 1e6);
            }
        }
        long missed = 0;
        for (Loader loader : loaders) {
            loader.over = true;
            loader.join();
            missed += loader.missed;
        }
        if (missed != 0 || map.mappingCount() != entries) {
            throw new IllegalStateException(missed + " look-ups found nothing, of keys that were there; the map has "
                    + map.mappingCount() + " entries of " + entries);
        }
        for (long i = 0; i < entries; i++) {
            if (map.get(KeyKind.mix(i)) == null) {
                throw new IllegalStateException("the key of entry " + i + " is lost");
            }
        }
        for (int shards : new int[] {many, few}) {
            RebalanceReport report = map.shards().rebalanceTo(shards);
            Report.write(name + "pause-" + shards, "ms", report.longestPause().toNanos() / 1e6);
        }
    }

    /** What was seen in some time. */
    private record Seen(double worst, double rate) {}

    private static Seen see(
            List<Loader> loaders, long nanos, @Nullable ShardedMap<Long, Long> rebalanced, int few, int many)
            throws InterruptedException {
        long before = 0;
        for (Loader loader : loaders) {
            before += loader.count;
            loader.worst = 0;
        }
        long begin = System.nanoTime();
        if (rebalanced == null) {
            LockSupport.parkNanos(nanos);
        } else {
            for (int shards : new int[] {many, few}) {
                Rebalance rebalance = rebalanced
                        .shards()
                        .startRebalance(shards, RebalanceOptions.defaults().background(true));
                rebalance.await();
                if (rebalanced.shards().count() != shards) {
                    throw new IllegalStateException(rebalanced.shards() + " after a rebalance to " + shards);
                }
            }
        }
        long took = System.nanoTime() - begin;
        long after = 0;
        long worst = 0;
        for (Loader loader : loaders) {
            after += loader.count;
            worst = Math.max(worst, loader.worst);
        }
        return new Seen(worst / 1e6, (after - before) * 1e3 / took);
    }

    private static final class Loader extends Thread {
        private final ShardedMap<Long, Long> map;
        private final Long[] keys;
        private volatile boolean over;
        private volatile long count;
        private volatile long worst;
        private long missed;
        private long state;

        Loader(ShardedMap<Long, Long> map, Long[] keys, long seed) {
            this.map = map;
            this.keys = keys;
            this.state = seed;
        }

        @Override
        @SuppressWarnings(
                "NonAtomicVolatileUpdate") // the counts are only ever written here, but for worst, which may lose a
        // reset
        public void run() {
            long last = System.nanoTime();
            for (long number = 0; !over; number++) {
                state = state * 6364136223846793005L + 1442695040888963407L;
                Long key = keys[(int) ((state >>> 33) % keys.length)];
                if ((number & 1) == 0) {
                    if (map.get(key) == null) {
                        missed++;
                    }
                } else if (map.put(key, VALUES[(int) number & (VALUES.length - 1)]) == null) {
                    missed++;
                }
                long now = System.nanoTime();
                if (now - last > worst) {
                    worst = now - last;
                }
                last = now;
                count = number;
            }
        }
    }
}
