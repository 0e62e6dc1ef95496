package io.sherd.benchmarks;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.sherd.ShardedMap;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * How long gets and puts of some keys take while another thread computes the value of another key and sleeps 100 ms in that.
 *
 * <p>Arguments: the system, and a folder, which is not used. Reports the 99.9th percentile with the loader and, as
 * {@code stranger-p999-idle}, without.
 */
final class StrangerProbe {
    /** Few keys, so that a bin of a map that locks bins is met often. */
    static final int KEYS = 256;

    private static final int SAMPLES = 200_000;
    private static final long LOAD_NANOS = 100_000_000;
    private static final long LIMIT_NANOS = 6_000_000_000L;

    private StrangerProbe() {}

    /** Measures and reports. */
    public static void main(String[] arguments) throws InterruptedException {
        ConcurrentMap<Long, Long> map = switch (arguments[0]) {
            case "Sherd" -> ShardedMap.onHeap().build();
            case "Caffeine" -> Caffeine.newBuilder().<Long, Long>build().asMap();
            default -> new ConcurrentHashMap<>();
        };
        for (long key = 0; key < KEYS; key++) {
            map.put(key, key);
        }
        sample(map);
        Report.write("stranger-p999-idle", "ns/op", sample(map));
        AtomicBoolean stop = new AtomicBoolean();
        Thread loader = Thread.ofPlatform().start(() -> {
            for (long load = 0; !stop.get(); load++) {
                long key = KEYS + load % KEYS;
                map.computeIfAbsent(key, absent -> {
                    LockSupport.parkNanos(LOAD_NANOS);
                    return absent;
                });
                map.remove(key);
            }
        });
        double loaded = sample(map);
        stop.set(true);
        loader.join();
        Report.write("stranger-p999", "ns/op", loaded);
    }

    private static double sample(ConcurrentMap<Long, Long> map) {
        long[] nanos = new long[SAMPLES];
        long begin = System.nanoTime();
        int taken = 0;
        while (taken < SAMPLES && System.nanoTime() - begin < LIMIT_NANOS) {
            long key = (taken * 0x9E3779B97F4A7C15L) >>> 56;
            long start = System.nanoTime();
            if ((taken & 1) == 0) {
                map.get(key);
            } else {
                map.put(key, (long) taken);
            }
            nanos[taken++] = System.nanoTime() - start;
            LockSupport.parkNanos(1_000); // over many loads, not within one
        }
        Arrays.sort(nanos, 0, taken);
        return nanos[(int) (taken * 0.999)];
    }
}
