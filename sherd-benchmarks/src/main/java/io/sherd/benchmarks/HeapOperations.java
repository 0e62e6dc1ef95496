package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * The operations on a filled map.
 *
 * <p>The map grew from empty to its size and was then collected once. Key and value are made just before they are put, as a
 * service does, so they lie beside whatever the map allocates for the entry; collectors copy what is reachable together to
 * the same effect. It is the layout that favours a map of nodes: where keys come from elsewhere, its look-up waits for memory
 * once more, and {@code get-hit-apart} shows that. Threads walk over the same probe keys from different places; a probe equals a stored key and is another object.
 * A write puts a new value object, as services do.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class HeapOperations {
    /** A small map's probes are repeated up to this many, so that the branch predictor cannot learn them by heart. */
    private static final int PROBES_AT_LEAST = 1 << 14;

    /** Whom to measure. */
    @Param("Sherd")
    String system;

    /** The kind of keys. */
    @Param("long")
    String keys;

    /** The number of entries. */
    @Param("1000000")
    int entries;

    /** Whether each key and value is made just before it is put; else all are there before the first put. */
    @Param("true")
    boolean fresh;

    private Map<Object, Long> map;
    private Object hot;

    /** For JMH. */
    public HeapOperations() {}

    /** Fills the map. */
    @Setup
    public void fill() {
        KeyKind kind = KeyKind.of(keys);
        map = Peers.heap(system).create();
        if (fresh) {
            for (int i = 0; i < entries; i++) {
                map.put(kind.key(i), 1_000L + i);
            }
        } else {
            Object[] stored = kind.keys(0, entries);
            Long[] values = new Long[entries];
            for (int i = 0; i < entries; i++) {
                values[i] = 1_000L + i;
            }
            for (int i = 0; i < entries; i++) {
                map.put(stored[i], values[i]);
            }
        }
        if (map.size() != entries) {
            throw new IllegalStateException(
                    system + " holds " + map.size() + " entries after " + entries + " were put");
        }
        hot = kind.key(0);
        System.gc();
    }

    /** The keys that a thread asks for, one after the other, over and over. */
    abstract static class Walk {
        private Object[] probes = {};
        private int from;
        private int to;
        private int at;
        private long value = 1L << 32;
        private int dice = 0x2545_F491;

        /** The thread walks over all probes, from a place of its own. */
        final void over(Object[] shared, ThreadParams thread) {
            probes = shared;
            from = 0;
            to = shared.length;
            at = (int) ((long) to * thread.getThreadIndex() / thread.getThreadCount());
            dice += thread.getThreadIndex();
        }

        /** The thread walks over a part of the probes that is its own. */
        final void overOwn(Object[] shared, ThreadParams thread) {
            probes = shared;
            from = (int) ((long) shared.length * thread.getThreadIndex() / thread.getThreadCount());
            to = (int) ((long) shared.length * (thread.getThreadIndex() + 1) / thread.getThreadCount());
            at = from;
        }

        final Object next() {
            int i = at;
            at = i + 1 < to ? i + 1 : from;
            return probes[i];
        }

        /** A value that no call gave before, as a new object. */
        final Long nextValue() {
            return value++;
        }

        /** Whether this is one of the {@code share} in 256 that come up at random. */
        final boolean chance(int share) {
            int x = dice;
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
            dice = x;
            return (x >>> 24) < share;
        }
    }

    /** The probes that hit. */
    @State(Scope.Benchmark)
    public static class Hits {
        private Object[] probes = {};

        /** For JMH. */
        public Hits() {}

        /** Makes the probes. */
        @Setup
        public void make(HeapOperations operations) {
            Object[] distinct = KeyKind.of(operations.keys).probes(operations.entries, operations.entries);
            probes = repeated(distinct);
        }

        /** A thread's walk over them. */
        @State(Scope.Thread)
        public static class Each extends Walk {
            /** For JMH. */
            public Each() {}

            /** Starts the walk. */
            @Setup
            public void start(Hits hits, ThreadParams thread) {
                over(hits.probes, thread);
            }
        }

        /** A thread's walk over a part that no other thread walks over. */
        @State(Scope.Thread)
        public static class Own extends Walk {
            /** For JMH. */
            public Own() {}

            /** Starts the walk. */
            @Setup
            public void start(Hits hits, HeapOperations operations, ThreadParams thread) {
                Object[] once = hits.probes.length > operations.entries
                        ? Arrays.copyOf(hits.probes, operations.entries)
                        : hits.probes;
                overOwn(once, thread);
            }
        }

        /** A thread's walk in which few keys come up often. */
        @State(Scope.Thread)
        public static class Zipfian extends Walk {
            private static final int DRAWS = 1 << 20;

            /** For JMH. */
            public Zipfian() {}

            /** Draws the walk. */
            @Setup
            public void start(Hits hits, HeapOperations operations, ThreadParams thread) {
                Zipf zipf = new Zipf(operations.entries, thread.getThreadIndex());
                Object[] drawn = new Object[DRAWS];
                for (int i = 0; i < DRAWS; i++) {
                    drawn[i] = hits.probes[zipf.next()];
                }
                overOwn(drawn, thread);
            }
        }
    }

    /** The probes that miss. */
    @State(Scope.Benchmark)
    public static class Misses {
        private Object[] probes = {};

        /** For JMH. */
        public Misses() {}

        /** Makes the probes. */
        @Setup
        public void make(HeapOperations operations) {
            probes = repeated(KeyKind.of(operations.keys).keys(KeyKind.ABSENT, operations.entries));
        }

        /** A thread's walk over them. */
        @State(Scope.Thread)
        public static class Each extends Walk {
            /** For JMH. */
            public Each() {}

            /** Starts the walk. */
            @Setup
            public void start(Misses misses, ThreadParams thread) {
                over(misses.probes, thread);
            }
        }
    }

    private static Object[] repeated(Object[] probes) {
        if (probes.length >= PROBES_AT_LEAST) {
            return probes;
        }
        Object[] all = new Object[PROBES_AT_LEAST];
        for (int i = 0; i < all.length; i++) {
            // each repetition begins elsewhere; the first is in the original order
            all[i] = probes[(int) ((i + (long) (i / probes.length) * 7919) % probes.length)];
        }
        return all;
    }

    /** Looks up a present key. */
    @Benchmark
    public @Nullable Object getHit(Hits.Each walk) {
        return map.get(walk.next());
    }

    /** Looks up a present key and reads the number in the value object. */
    @Benchmark
    public long getHitRead(Hits.Each walk) {
        return Objects.requireNonNull(map.get(walk.next()));
    }

    /** Looks up a present key, few of them often. */
    @Benchmark
    public @Nullable Object getHitZipf(Hits.Zipfian walk) {
        return map.get(walk.next());
    }

    /** Looks up an absent key. */
    @Benchmark
    public @Nullable Object getMiss(Misses.Each walk) {
        return map.get(walk.next());
    }

    /** Writes a new value to a present key. */
    @Benchmark
    public @Nullable Object update(Hits.Each walk) {
        return map.put(walk.next(), walk.nextValue());
    }

    /** Looks up, or one time in twenty updates, a present key. */
    @Benchmark
    public @Nullable Object mixed95to5(Hits.Each walk) {
        return walk.chance(13) ? map.put(walk.next(), walk.nextValue()) : map.get(walk.next());
    }

    /** Looks up, or one time in two updates, a present key. */
    @Benchmark
    public @Nullable Object mixed50to50(Hits.Each walk) {
        return walk.chance(128) ? map.put(walk.next(), walk.nextValue()) : map.get(walk.next());
    }

    /** Removes a present key and puts it back; the pair counts as one. */
    @Benchmark
    public @Nullable Object removeInsert(Hits.Own walk, Blackhole blackhole) {
        Object key = walk.next();
        blackhole.consume(map.remove(key));
        return map.put(key, walk.nextValue());
    }

    /** Computes the value of a key that has one. */
    @Benchmark
    public @Nullable Object computeIfAbsentHit(Hits.Each walk, Turn turn) {
        turn.next();
        return map.computeIfAbsent(walk.next(), key -> 0L);
    }

    /** Adds one to the value of a key, the same for all threads. */
    @Benchmark
    public @Nullable Object mergeHot(Turn turn) {
        turn.next();
        return map.merge(hot, 1L, Long::sum);
    }

    /** Walks over all entries and takes keys and values, without looking into them. */
    @Benchmark
    public void iterate(Blackhole blackhole) {
        for (Map.Entry<Object, Long> entry : map.entrySet()) {
            blackhole.consume(entry.getKey());
            blackhole.consume(entry.getValue());
        }
    }

    /** Walks over all entries and adds the values up, which reads each value object. */
    @Benchmark
    public long iterateSum() {
        long sum = 0;
        for (Map.Entry<Object, Long> entry : map.entrySet()) {
            sum += entry.getValue();
        }
        return sum;
    }

    /** Hands all entries to a function. */
    @Benchmark
    public void forEach(Blackhole blackhole) {
        map.forEach((key, value) -> {
            blackhole.consume(key);
            blackhole.consume(value);
        });
    }

    /** Copies all entries into a list. */
    @Benchmark
    public List<Map.Entry<Object, Long>> snapshotList() {
        return new ArrayList<>(map.entrySet());
    }
}
