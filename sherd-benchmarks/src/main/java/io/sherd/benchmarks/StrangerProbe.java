package io.sherd.benchmarks;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.sherd.ShardedMap;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * How long gets and puts of some keys take while another thread computes the value of another key and sleeps 100 ms in that, as a cache
 * does that loads from somewhere slow.
 *
 * <p>Each operation has a time at which it is due, and what is measured goes from then to its end: so one that stands for 100 ms
 * delays all that fall due meanwhile, as it does those who wait for them. Were only the operations themselves timed, one that is
 * slow would count as one, however long nobody could do anything.
 *
 * <p>Arguments: the system, and a folder, which is not used. Reports the 99.9th percentile and the longest with the loader, and,
 * as {@code stranger-p999-idle}, without.
 */
final class StrangerProbe {
    /** As many as a small cache has; their bits are mixed, so that a bin of a map that locks bins has some of them now and then. */
    static final int KEYS = 1_000;

    private static final int SAMPLES = 200_000;
    private static final long INTERVAL_NANOS = 20_000;
    private static final long LOAD_NANOS = 100_000_000;

    private StrangerProbe() {}

    /** Measures and reports. */
    public static void main(String[] arguments) throws InterruptedException {
        ConcurrentMap<Long, Long> map = switch (arguments[0]) {
            case "Sherd" -> ShardedMap.onHeap().build();
            case "Caffeine" -> Caffeine.newBuilder().<Long, Long>build().asMap();
            default -> new ConcurrentHashMap<>();
        };
        for (long key = 0; key < KEYS; key++) {
            map.put(KeyKind.mix(key), key);
        }
        sample(map);
        Report.write("stranger-p999-idle", "ns/op", percentile(sample(map)));
        AtomicBoolean stop = new AtomicBoolean();
        Thread loader = Thread.ofPlatform().start(() -> {
            for (long load = 0; !stop.get(); load++) {
                long key = KeyKind.mix(KEYS + load % KEYS);
                map.computeIfAbsent(key, absent -> {
                    LockSupport.parkNanos(LOAD_NANOS);
                    return absent;
                });
                map.remove(key);
            }
        });
        sample(map); // warmed up with the loader, too: what it makes others do is compiled anew when it comes up first
        long[] loaded = sample(map);
        stop.set(true);
        loader.join();
        Report.write("stranger-p999", "ns/op", percentile(loaded));
        Report.write("stranger-longest", "ns/op", (double) loaded[SAMPLES - 1]);
    }

    private static double percentile(long[] sorted) {
        return (double) sorted[(int) (SAMPLES * 0.999)];
    }

    /** How long each took, in order of length. */
    private static long[] sample(ConcurrentMap<Long, Long> map) {
        long[] nanos = new long[SAMPLES];
        SplittableRandom random = new SplittableRandom(42);
        long due = System.nanoTime();
        for (int taken = 0; taken < SAMPLES; taken++) {
            due += INTERVAL_NANOS;
            Long key = KeyKind.mix(random.nextLong(KEYS));
            while (System.nanoTime() < due) {
                Thread.onSpinWait();
            }
            if ((taken & 1) == 0) {
                map.get(key);
            } else {
                map.put(key, (long) taken);
            }
            nanos[taken] = System.nanoTime() - due;
        }
        Arrays.sort(nanos);
        return nanos;
    }
}
