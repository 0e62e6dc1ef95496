package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.sherd.HeapMapBuilder;
import io.sherd.ShardCountException;
import io.sherd.ShardedMap;
import org.junit.jupiter.api.Test;

/** What the builder of heap maps accepts and refuses. */
final class HeapMapBuilderTest {

    private static HeapMapBuilder<Object, Object> builder() {
        return ShardedMap.onHeap();
    }

    @Test
    void shardsAreRoundedUpToAPowerOfTwo() {
        assertThat(builder().shards(1).build().shards().count()).isEqualTo(1);
        assertThat(builder().shards(3).build().shards().count()).isEqualTo(4);
        assertThat(builder().shards(64).build().shards().count()).isEqualTo(64);
        assertThat(builder().shards(65).build().shards().count()).isEqualTo(128);
        assertThat(builder().maxShards(100).build().shards().max()).isEqualTo(128);
        assertThat(builder().maxShards(1).build().shards().count()).isEqualTo(1);
        assertThat(builder().build().shards().max()).isEqualTo(1 << 18);
    }

    @Test
    void moreShardsThanAllowedAreRefusedWithBothNumbers() {
        assertThatExceptionOfType(ShardCountException.class)
                .isThrownBy(() -> builder().shards((1 << 18) + 1))
                .withMessageContaining("262145")
                .withMessageContaining("262144")
                .withMessageContaining("maxShards")
                .satisfies(refused -> {
                    assertThat(refused.requested()).isEqualTo(262_145);
                    assertThat(refused.allowed()).isEqualTo(262_144);
                });
        assertThatExceptionOfType(ShardCountException.class)
                .isThrownBy(() -> builder().maxShards(8).shards(9))
                .satisfies(refused -> {
                    assertThat(refused.requested()).isEqualTo(9);
                    assertThat(refused.allowed()).isEqualTo(8);
                });
    }

    @Test
    void fewerShardsThanOneAreRefused() {
        for (int shards : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertThatExceptionOfType(ShardCountException.class)
                    .isThrownBy(() -> builder().shards(shards))
                    .withMessageContaining(Integer.toString(shards))
                    .satisfies(refused -> assertThat(refused.requested()).isEqualTo(shards));
        }
    }

    @Test
    void aConflictNamesBothSettings() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().shards(64).maxShards(32))
                .withMessageContaining("maxShards")
                .withMessageContaining("32")
                .withMessageContaining("shards is 64");
        assertThat(builder().shards(64).maxShards(64).build().shards().count()).isEqualTo(64);
    }

    @Test
    void illegalValuesAreRefusedWithTheValue() {
        for (int maxShards : new int[] {0, -5, (1 << 22) + 1, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().maxShards(maxShards))
                    .withMessageContaining("maxShards")
                    .withMessageContaining(Integer.toString(maxShards));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().initialCapacity(-1))
                .withMessageContaining("initialCapacity")
                .withMessageContaining("-1");
        assertThatNullPointerException().isThrownBy(() -> builder().hasher(Nulls.none()));
    }

    @Test
    void aRefusedSettingLeavesTheBuilderAsItWas() {
        HeapMapBuilder<Object, Object> builder = builder().shards(16).maxShards(32);
        assertThatExceptionOfType(ShardCountException.class).isThrownBy(() -> builder.shards(33));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxShards(8));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.initialCapacity(-1));
        ShardedMap<Object, Object> map = builder.build();
        assertThat(map.shards().count()).isEqualTo(16);
        assertThat(map.shards().max()).isEqualTo(32);
    }

    @Test
    void aBuilderBuildsMapsThatShareNothing() {
        HeapMapBuilder<Object, Object> builder = builder().shards(2);
        ShardedMap<String, Integer> one = builder.build();
        ShardedMap<String, Integer> other = builder.build();
        one.put("a", 1);
        assertThat(other.isEmpty()).isTrue();
        assertThat(builder.toString()).contains("shards=2");
    }

    @Test
    void neverMoreShardsThanAllowed() {
        ShardedMap<Integer, Integer> map = builder().shards(1).maxShards(4).build();
        for (int i = 0; i < 200_000; i++) {
            map.put(i, i);
        }
        assertThat(map.shards().count()).isBetween(1, 4);
        for (int i = 0; i < 200_000; i++) {
            assertThat(map.get(i)).isEqualTo(i);
        }
    }
}
