package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Whole fills of fresh maps, growing from empty. Small maps are filled by the hundred in one measurement, so that it lasts
 * long enough. Keys and values exist before, and the heap is clean when a measurement begins.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class HeapFill {
    private static final long INSERTIONS_AT_LEAST = 500_000;

    /** Whom to measure. */
    @Param("Sherd")
    String system;

    /** The kind of keys. */
    @Param("long")
    String keys;

    /** The number of entries that a map grows to. */
    @Param("1000000")
    int entries;

    private Object[] stored;
    private Long[] values;
    private final List<Map<Object, Long>> maps = new ArrayList<>();

    /** For JMH. */
    public HeapFill() {}

    /** How many insertions one measurement makes. */
    static long insertions(long entries) {
        return Math.ceilDiv(INSERTIONS_AT_LEAST, entries) * entries;
    }

    /** Makes keys and values. */
    @Setup
    public void prepare() {
        stored = KeyKind.of(keys).keys(0, entries);
        values = new Long[entries];
        for (int i = 0; i < entries; i++) {
            values[i] = 1_000L + i;
        }
    }

    /** Makes the maps to be filled. */
    @Setup(Level.Iteration)
    public void empty() {
        maps.clear();
        System.gc();
        for (long i = insertions(entries) / entries; i > 0; i--) {
            maps.add(Peers.heap(system).create());
        }
    }

    /** Puts this thread's part of the keys into every map. */
    @Benchmark
    public int insert(ThreadParams thread) {
        int from = (int) ((long) entries * thread.getThreadIndex() / thread.getThreadCount());
        int to = (int) ((long) entries * (thread.getThreadIndex() + 1) / thread.getThreadCount());
        int fresh = 0;
        for (Map<Object, Long> map : maps) {
            for (int i = from; i < to; i++) {
                if (map.put(stored[i], values[i]) == null) {
                    fresh++;
                }
            }
        }
        return fresh;
    }
}
