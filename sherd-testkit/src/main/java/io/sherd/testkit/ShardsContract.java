package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardLoad;
import io.sherd.ShardedMap;
import io.sherd.Shards;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Sizes and shards, while the map grows and shrinks. */
public abstract class ShardsContract extends MapContract {

    /** For implementations. */
    protected ShardsContract() {}

    @Test
    void growsFromNothingAndBackAndAgain() {
        ShardedMap<Object, Object> map = open();
        int count = plenty();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < count; i++) {
                assertThat(map.put(key(i), value(i + round))).isNull();
                if ((i & (i + 1)) == 0) {
                    checkShards(map, i + 1);
                }
            }
            checkShards(map, count);
            for (int i = 0; i < count; i++) {
                assertThat(map.get(key(i))).isEqualTo(value(i + round));
            }
            for (int i = 0; i < count; i++) {
                assertThat(map.remove(key(i))).isEqualTo(value(i + round));
            }
            checkShards(map, 0);
            for (int i = 0; i < count; i += 17) {
                assertThat(map.get(key(i))).isNull();
            }
        }
    }

    private static void checkShards(ShardedMap<Object, Object> map, long entries) {
        assertThat(map.mappingCount()).isEqualTo(entries);
        assertThat((long) map.size()).isEqualTo(entries);
        assertThat(map.isEmpty()).isEqualTo(entries == 0);
        Shards shards = map.shards();
        assertThat(shards.max()).matches(max -> Integer.bitCount(max) == 1, "is a power of two");
        assertThat(shards.count()).isBetween(1, shards.max());
        assertThat(shards.bytes()).isNotNegative();
        List<ShardLoad> loads = shards.loads();
        assertThat(loads).hasSizeLessThanOrEqualTo(shards.count());
        assertThat(loads.stream().mapToLong(ShardLoad::entries).sum()).isEqualTo(entries);
        int last = -1;
        for (ShardLoad load : loads) {
            assertThat(load.index()).isGreaterThan(last);
            last = load.index();
            assertThat(load.entries()).isNotNegative();
            assertThat(load.slots()).isGreaterThanOrEqualTo(load.entries());
            assertThat(load.bytes()).isNotNegative();
            assertThat(load.loadFactor()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void aMapThatWasNeverWrittenHasNoLoads() {
        ShardedMap<Object, Object> map = open();
        assertThat(map.shards().loads()).isEmpty();
        assertThat(map.get(key(1))).isNull();
        assertThat(map.shards().loads()).isEmpty();
        checkShards(map, 0);
    }

    @Test
    void manyLivesOfOneKeyNeedNoMoreRoom() {
        ShardedMap<Object, Object> map = filled(100);
        long before = slots(map);
        for (int i = 0; i < plenty(); i++) {
            map.put(key(1_000 + i), value(1));
            assertThat(map.remove(key(1_000 + i))).isEqualTo(value(1));
        }
        assertThat(map.equals(model(100))).isTrue();
        // one more entry may make a shard grow, each shard once and at most fourfold
        assertThat(slots(map)).as("slots for 100 entries").isLessThanOrEqualTo(4 * before);
    }

    private static long slots(ShardedMap<?, ?> map) {
        return map.shards().loads().stream().mapToLong(ShardLoad::slots).sum();
    }

    @Test
    void sizesAreExactAtRestAfterConcurrentWritesAndNeverImpossibleMeanwhile() throws InterruptedException {
        ShardedMap<Object, Object> map = open();
        int threads = 3;
        int each = plenty() / threads;
        AtomicBoolean over = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<Long> watcher = crew.start(() -> {
                long looks = 0;
                do {
                    assertThat(map.mappingCount()).isBetween(0L, (long) threads * each);
                    assertThat(map.size()).isNotNegative();
                    looks++;
                } while (!over.get());
                return looks;
            });
            crew.together(threads, index -> {
                for (int i = 0; i < each; i++) {
                    map.put(key(i * threads + index), value(i));
                    if (i % 2 == 1) {
                        map.remove(key((i - 1) * threads + index));
                    }
                }
            });
            over.set(true);
            assertThat(watcher.result()).isPositive();
        }
        checkShards(map, (long) threads * (each - each / 2));
    }
}
