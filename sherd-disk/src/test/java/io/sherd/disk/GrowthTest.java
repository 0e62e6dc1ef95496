package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardLoad;
import io.sherd.codec.Codecs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The map grows without a limit set in advance, and gives room back to new keys. */
final class GrowthTest {
    @TempDir
    Path directory;

    @Test
    void fromEmptyToManyInOneShard() {
        try (LogMap<Long, Long> map =
                new DiskMapBuilder<>(Codecs.int64(), Codecs.int64()).shards(1).openLog(directory)) {
            for (long i = 0; i < 300_000; i++) {
                assertThat(map.put(i * 7919, i)).isNull();
            }
            for (long i = 0; i < 300_000; i++) {
                assertThat(map.get(i * 7919)).isEqualTo(i);
            }
            assertThat(map.get(-1L)).isNull();
            assertThat(map.mappingCount()).isEqualTo(300_000);
            assertThat(map.values().parallelStream().mapToLong(Long::longValue).sum())
                    .isEqualTo(300_000L * 299_999 / 2);
        }
    }

    @Test
    void lookUpsAreRightWhateverWasLookedUpBefore() {
        try (LogMap<String, byte[]> map =
                new DiskMapBuilder<>(Codecs.utf8(), Codecs.bytes()).shards(1).openLog(directory)) {
            for (int i = 0; i < 2_000; i++) {
                map.put("key " + i, lengthened(i));
            }
            Shard shard = map.store().shard(0);
            assertThat(shard.expectsMisses()).isFalse();
            for (int i = 0; i < 2_000; i++) {
                assertThat(map.get("none " + i)).isNull();
            }
            assertThat(shard.expectsMisses()).isTrue();
            for (int i = 0; i < 2_000; i++) {
                assertThat(map.get("key " + i)).isEqualTo(lengthened(i));
            }
            assertThat(shard.expectsMisses()).isFalse();
            for (int i = 0; i < 2_000; i++) {
                assertThat(map.get("key " + i)).isEqualTo(lengthened(i));
                assertThat(map.containsKey("none " + i)).isFalse();
            }
        }
    }

    /** Values of one length for long, then of another; some in between are empty. */
    private static byte[] lengthened(int i) {
        byte[] value = new byte[i % 97 == 0 ? 0 : 10 + i / 500];
        Arrays.fill(value, (byte) i);
        return value;
    }

    @Test
    void removedKeysGiveTheirSlotsBack() {
        try (LogMap<UUID, Integer> map =
                new DiskMapBuilder<>(Codecs.uuid(), Codecs.int32()).shards(1).openLog(directory)) {
            for (int i = 0; i < 100_000; i++) {
                map.put(new UUID(i, 1), i);
                if (i >= 100) {
                    assertThat(map.remove(new UUID(i - 100, 1))).isEqualTo(i - 100);
                }
            }
            assertThat(map).hasSize(100);
            assertThat(map.shards().loads().getFirst().slots()).isLessThanOrEqualTo(512);
        }
    }

    @Test
    void aMapKeepsTheNumberOfShardsItWasCreatedWith() {
        DiskMap.builder(Codecs.int64(), Codecs.int64())
                .shards(4)
                .open(directory)
                .close();
        for (int other : new int[] {1, 64}) {
            try (DiskMap<Long, Long> map = DiskMap.builder(Codecs.int64(), Codecs.int64())
                    .shards(other)
                    .open(directory)) {
                assertThat(map.shards().count()).isEqualTo(4);
                map.put((long) other, 1L);
            }
        }
        try (DiskMap<Long, Long> map =
                DiskMap.builder(Codecs.int64(), Codecs.int64()).open(directory)) {
            assertThat(map.shards().count()).isEqualTo(4);
            assertThat(map).containsOnlyKeys(1L, 64L);
        }
    }

    @Test
    void aTableWhoseKeysCameAndWentGetsANewFilter() {
        try (LogMap<Long, Long> map =
                new DiskMapBuilder<>(Codecs.int64(), Codecs.int64()).shards(1).openLog(directory)) {
            for (long i = 0; i < 50_000; i++) {
                map.put(i, i);
                if (i >= 100) {
                    map.remove(i - 100);
                }
            }
            Table table = map.store().tableOf(0);
            assertThat(table.capacity()).isLessThanOrEqualTo(512);
            int possible = 0;
            for (int tag = 0; tag < 1 << 24; tag += 1 << 10) {
                possible += table.mayHave(tag) ? 1 : 0;
            }
            assertThat(possible).as("of 16,384 tags").isLessThan(12_000);
        }
    }

    @Test
    void loadsTellOfEveryShard() {
        try (DiskMap<Double, String> map = DiskMap.builder(Codecs.float64(), Codecs.utf8())
                .shards(5)
                .initialCapacity(10_000)
                .open(directory)) {
            for (int i = 0; i < 1000; i++) {
                map.put(i / 3.0, "third");
            }
            assertThat(map.shards().count()).isEqualTo(8);
            assertThat(map.shards().loads()).hasSize(8);
            assertThat(map.shards().loads().stream()
                            .mapToLong(ShardLoad::entries)
                            .sum())
                    .isEqualTo(1000);
            assertThat(map.shards().loads())
                    .allSatisfy(load -> assertThat(load.entries()).isPositive());
            assertThat(map.shards().bytes()).isGreaterThanOrEqualTo(8 * 10_000);
            DiskStats stats = map.diskStats();
            assertThat(stats.entries()).isEqualTo(1000);
            assertThat(stats.deadBytes()).isZero();
            assertThat(stats.liveBytes()).isEqualTo(1000 * 24);
            map.put(0.0, "x");
            assertThat(map.diskStats().deadBytes()).isEqualTo(24);
            map.remove(0.0);
            assertThat(map.diskStats().deadBytes()).isEqualTo(24 + 24 + 16);
        }
    }
}
