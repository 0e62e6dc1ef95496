package io.sherd.testkit.storm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Storms over heap maps and locks always end; {@code ./soak deadlock} is the long form, with disk maps. */
final class StormTest {
    private static final int RUNS = 150;

    @Test
    void everyStormEndsAndEveryPlantedFaultIsFound() throws InterruptedException {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        Queue<String> log = new ConcurrentLinkedQueue<>(List.of("seed: " + seed + " (-Dsherd.soak.seed)"));
        List<Supplier<Ground>> grounds = List.of(
                () -> new MapGround("heap map", ShardedMap.onHeap().build(), () -> {}),
                () -> new MapGround(
                        "heap map with one hash",
                        ShardedMap.onHeap().shards(1).hasher(key -> 7).build(),
                        () -> {}),
                LocksGround::new);

        StormReport report = new StormRuns(grounds, seed, Duration.ofSeconds(30), log::add).run(RUNS);

        assertThat(report.isClean())
                .as("%s%n%s", report.summary(), String.join("\n", log))
                .isTrue();
        assertThat(report.deadlocks()).isPositive();
    }
}
