package io.sherd.benchmarks;

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
import org.openjdk.jmh.infra.ThreadParams;

/** Changes of a value under the lock of its key. Keys are asked for in random order, by objects other than the stored ones. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class LockOperations {
    /** Whom to measure. */
    @Param("Sherd")
    String system;

    /** The kind of keys. */
    @Param("long")
    String keys;

    /** The number of entries. */
    @Param("1000000")
    int entries;

    private LockPeer peer;
    private Object hot;
    private Object hotToo;
    private Object[] present = {};
    private Object[] absent = {};

    /** For JMH. */
    public LockOperations() {}

    /** Fills the map. */
    @Setup
    public void fill() {
        KeyKind kind = KeyKind.of(keys);
        peer = LockPeer.of(system);
        for (int i = 0; i < entries; i++) {
            peer.put(kind.key(i), 1_000L + i);
        }
        hot = kind.key(0);
        hotToo = kind.key(1);
        present = kind.probes(entries, entries);
        absent = kind.keys(KeyKind.ABSENT, entries);
        System.gc();
    }

    /** A thread's walk over the keys, from a place of its own. */
    @State(Scope.Thread)
    public static class Walk {
        private int at;

        /** For JMH. */
        public Walk() {}

        /** Starts the walk. */
        @Setup
        public void start(LockOperations operations, ThreadParams thread) {
            at = (int) ((long) operations.entries * thread.getThreadIndex() / thread.getThreadCount());
        }

        Object next(Object[] all) {
            int i = at;
            at = i + 1 < all.length ? i + 1 : 0;
            return all[i];
        }
    }

    /** One of all keys. */
    @Benchmark
    public void lockUniform(Walk walk, Turn turn) {
        turn.next();
        peer.increment(walk.next(present));
    }

    /** The same key always. */
    @Benchmark
    public void lockHot(Turn turn) {
        turn.next();
        peer.increment(hot);
    }

    /** The lock of a key without a value, and nothing else. */
    @Benchmark
    public @Nullable Object lockAbsent(Walk walk, Turn turn) {
        turn.next();
        return peer.touch(walk.next(absent));
    }

    /** Two of all keys. */
    @Benchmark
    public void transact2(Walk walk, Turn turn) {
        turn.next();
        peer.incrementBoth(walk.next(present), walk.next(present));
    }

    /** The same two keys always. */
    @Benchmark
    public void transact2Hot(Turn turn) {
        turn.next();
        peer.incrementBoth(hot, hotToo);
    }
}
