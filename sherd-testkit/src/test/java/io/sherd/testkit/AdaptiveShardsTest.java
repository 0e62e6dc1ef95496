package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sherd.ShardCountException;
import io.sherd.ShardedMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Maps whose shards split where writers wait for one another. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class AdaptiveShardsTest {
    private static final int KEYS = 500;
    private static final int WRITERS = 3;

    private static ShardedMap<Integer, Integer> map(int min, int max) {
        return ShardedMap.onHeap().adaptiveShards(min, max).build();
    }

    /** Lets writers storm the map until it has so many shards, and answers how often each has written. */
    private static long[] storm(ShardedMap<Integer, Integer> map, int shards) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        long[] counts = new long[WRITERS];
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                crew.start(() -> {
                    for (int number = writer; over.getCount() > 0; number++) {
                        map.merge(number % KEYS, 1, Integer::sum);
                        counts[writer]++;
                    }
                    return null;
                });
            }
            while (map.shards().count() < shards && System.nanoTime() < deadline) {
                Thread.sleep(1);
            }
            over.countDown();
        }
        return counts;
    }

    @Test
    void shardsSplitWhereWritersWaitAndAnEventSaysWhy(@TempDir Path folder) throws Exception {
        ShardedMap<Integer, Integer> map = map(1, 16);
        assertThat(map.shards().max()).isEqualTo(16);
        List<RecordedEvent> events;
        long[] counts;
        try (Recording recording = new Recording()) {
            recording.enable("io.sherd.Rebalance").withoutThreshold();
            recording.start();
            counts = storm(map, 4);
            recording.stop();
            Path file = folder.resolve("recording.jfr");
            recording.dump(file);
            events = RecordingFile.readAllEvents(file);
            Files.delete(file);
        }
        assertThat(map.shards().count()).isBetween(4, 16);
        assertThat(map.values().stream().mapToLong(value -> value).sum()).isEqualTo(counts[0] + counts[1] + counts[2]);
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals("io.sherd.Rebalance"))
                .hasSizeGreaterThanOrEqualTo(2) // each doubles the count at most
                .allSatisfy(event -> {
                    assertThat(event.getString("reason")).startsWith("contention: of ");
                    assertThat(event.getInt("to")).isBetween(1, 16);
                });
    }

    @Test
    void nobodyWaitsSoNothingSplits() {
        ShardedMap<Integer, Integer> map = map(2, 64);
        for (int i = 0; i < 1_000_000; i++) {
            map.merge(i % KEYS, 1, Integer::sum);
        }
        assertThat(map.shards().count()).isEqualTo(2);
    }

    @Test
    void thereAreNeverMoreThanAllowed() {
        ShardedMap<Integer, Integer> map = map(3, 8);
        assertThat(map.shards().count()).isEqualTo(4);
        for (int i = 0; i < 200_000; i++) {
            map.put(i, i);
        }
        assertThat(map.shards().count()).isEqualTo(8);
        assertThatExceptionOfType(ShardCountException.class)
                .isThrownBy(() -> map.shards().rebalanceTo(9));
        assertThat(map.shards().rebalanceTo(1).to()).isEqualTo(1);
        assertThat(map).hasSize(200_000);
    }

    @Test
    void theBuilderRefuses() {
        for (int[] illegal : new int[][] {{0, 8}, {-1, 8}, {1, 0}, {1, (1 << 18) + 1}}) {
            assertThatExceptionOfType(ShardCountException.class)
                    .isThrownBy(() -> ShardedMap.onHeap().adaptiveShards(illegal[0], illegal[1]));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShardedMap.onHeap().adaptiveShards(16, 8))
                .withMessageContaining("min 16")
                .withMessageContaining("max 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShardedMap.onHeap().shards(64).adaptiveShards(1, 8))
                .withMessageContaining("adaptiveShards")
                .withMessageContaining("shards is 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShardedMap.onHeap().adaptiveShards(1, 8).shards(64))
                .withMessageContaining("shards: 64")
                .withMessageContaining("adaptiveShards");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShardedMap.onHeap().adaptiveShards(1, 8).maxShards(4))
                .withMessageContaining("maxShards: 4")
                .withMessageContaining("adaptiveShards");
    }
}
