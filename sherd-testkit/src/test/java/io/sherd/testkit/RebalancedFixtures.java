package io.sherd.testkit;

import io.sherd.HeapMapBuilder;
import io.sherd.RebalanceOptions;
import io.sherd.ShardedMap;
import io.sherd.SnapshotMode;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Heap maps that are rebalanced from 1 to 64 shards and back again and again, from when they are opened until they are closed. */
final class RebalancedFixtures implements MapFixtures {
    private static final Map<ShardedMap<?, ?>, Rebalancer> RUNNING =
            Collections.synchronizedMap(new IdentityHashMap<>());

    /** A thread that rebalances a map all the time, in all ways. */
    private static final class Rebalancer extends Thread {
        private final ShardedMap<Object, Object> map;
        private volatile boolean over;
        private volatile Throwable failure;

        Rebalancer(ShardedMap<Object, Object> map) {
            this.map = map;
            setDaemon(true);
            setName("rebalancer");
        }

        @Override
        public void run() {
            int[] counts = {1, 64, 4, 64, 1, 2};
            try {
                for (int round = 0; !over; round++) {
                    RebalanceOptions options = RebalanceOptions.defaults()
                            .maxPause(round % 2 == 0 ? Duration.ZERO : Duration.ofSeconds(1));
                    map.shards()
                            .startRebalance(counts[round % counts.length], options)
                            .await();
                    LockSupport.parkNanos(10_000);
                }
            } catch (Throwable thrown) {
                failure = thrown;
            }
        }
    }

    @Override
    public Stream<MapFixture> fixtures() {
        return Stream.of(
                fixture("integers", builder -> builder, Samples.integers(), 10_000, false),
                fixture("strings", builder -> builder, Samples.strings(), 5_000, false),
                fixture("several classes", builder -> builder, Samples.mixed(1_000), 5_000, false),
                fixture(
                        "integers as objects",
                        builder -> builder.hasher(Object::hashCode),
                        Samples.integers(),
                        5_000,
                        false),
                fixture("clone", builder -> builder.snapshotMode(SnapshotMode.CLONE), Samples.longs(), 2_000, false),
                fixture("equal hash codes, ordered", builder -> builder, Samples.ordered(i -> i % 7), 500, false));
    }

    private static MapFixture fixture(
            String name,
            UnaryOperator<HeapMapBuilder<Object, Object>> settings,
            Samples keys,
            int plenty,
            boolean spread) {
        return new MapFixture(
                "rebalanced, " + name,
                () -> {
                    ShardedMap<Object, Object> map =
                            settings.apply(ShardedMap.onHeap()).build();
                    Rebalancer rebalancer = new Rebalancer(map);
                    RUNNING.put(map, rebalancer);
                    rebalancer.start();
                    return map;
                },
                RebalancedFixtures::close,
                keys,
                Samples.integers(),
                plenty,
                spread);
    }

    private static void close(ShardedMap<Object, Object> map) {
        Rebalancer rebalancer = RUNNING.remove(map);
        rebalancer.over = true;
        try {
            rebalancer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (rebalancer.failure != null) {
            throw new AssertionError("the rebalance failed", rebalancer.failure);
        }
    }
}
