package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.sherd.HeapMapBuilder;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import io.sherd.Snapshot;
import io.sherd.SnapshotMode;
import io.sherd.testkit.soak.Instants;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Snapshots of the heap map in all modes. */
final class HeapSnapshotTest {

    abstract static class Fixtures implements MapFixtures {
        private final SnapshotMode mode;

        Fixtures(SnapshotMode mode) {
            this.mode = mode;
        }

        @Override
        public Stream<MapFixture> fixtures() {
            return Stream.of(
                    fixture("default", builder(), Samples.integers(), 20_000),
                    fixture("1 shard, longs", builder().shards(1), Samples.longs(), 5_000),
                    fixture("64 shards, strings", builder().shards(64), Samples.strings(), 5_000),
                    fixture("1 shard, several classes", builder().shards(1), Samples.mixed(30), 5_000),
                    fixture("equal hash codes, ordered", builder(), Samples.ordered(i -> 42), 500),
                    fixture("equal hash codes, unordered", builder().shards(64), Samples.unordered(i -> -1), 200));
        }

        private HeapMapBuilder<Object, Object> builder() {
            return ShardedMap.onHeap().snapshotMode(mode);
        }

        private MapFixture fixture(String name, HeapMapBuilder<Object, Object> builder, Samples keys, int plenty) {
            return new MapFixture(
                    mode + ", " + name, builder::build, map -> {}, keys, Samples.integers(), plenty, false);
        }
    }

    static final class Clone extends Fixtures {
        Clone() {
            super(SnapshotMode.CLONE);
        }
    }

    static final class Cached extends Fixtures {
        Cached() {
            super(SnapshotMode.CACHED);
        }
    }

    static final class Cow extends Fixtures {
        Cow() {
            super(SnapshotMode.COW);
        }
    }

    @Nested
    @RunsOver(Clone.class)
    final class ByClone extends SnapshotContract {
        @Override
        protected boolean closes() {
            return true;
        }
    }

    @Nested
    @RunsOver(Cached.class)
    final class ByCached extends SnapshotContract {
        @Override
        protected boolean closes() {
            return false;
        }
    }

    @Nested
    @RunsOver(Cow.class)
    final class ByCow extends SnapshotContract {
        @Override
        protected boolean closes() {
            return true;
        }
    }

    private static ShardedMap<Integer, Integer> map(SnapshotMode mode, int keep) {
        ShardedMap<Integer, Integer> map =
                ShardedMap.onHeap().snapshotMode(mode).keepVersions(keep).build();
        for (int i = 0; i < 1_000; i++) {
            map.put(i, i);
        }
        return map;
    }

    @Test
    void cachedIsTheSameWhileNothingIsWritten() {
        ShardedMap<Integer, Integer> map = map(SnapshotMode.CACHED, 0);
        Snapshot<Integer, Integer> first = map.snapshot();
        assertThat(first.get(1)).isEqualTo(1);
        assertThat(map.get(1)).isEqualTo(1);
        map.forEach((key, value) -> assertThat(value).isEqualTo(key));
        map.putIfAbsent(1, 2);
        map.remove(5_000);
        map.compareAndSet(1, 7, 8);
        try (LockedEntry<Integer, Integer> entry = map.lock(1)) {
            assertThat(entry.value()).isEqualTo(1);
        }
        first.close();
        assertThat(map.snapshot()).isSameAs(first);
        map.put(1, 2);
        Snapshot<Integer, Integer> second = map.snapshot();
        assertThat(second).isNotSameAs(first);
        assertThat(second.get(1)).isEqualTo(2);
        assertThat(first.get(1)).isEqualTo(1);
        map.merge(2_000, 1, Integer::sum);
        assertThat(map.snapshot().get(2_000)).isEqualTo(1);
        map.transact(transaction -> transaction.put(3, 4));
        assertThat(map.snapshot().get(3)).isEqualTo(4);
        map.clear();
        assertThat(map.snapshot()).isEmpty();
    }

    @Test
    void cowIsAnotherEachTime() {
        ShardedMap<Integer, Integer> map = map(SnapshotMode.COW, 0);
        Snapshot<Integer, Integer> first = map.snapshot();
        Snapshot<Integer, Integer> second = map.snapshot();
        assertThat(second).isNotSameAs(first).isEqualTo(first);
        first.close();
        map.put(1, 2);
        assertThat(second.get(1)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheLastVersions(SnapshotMode mode) {
        ShardedMap<Integer, Integer> map = map(mode, 2);
        long[] versions = new long[4];
        for (int i = 0; i < versions.length; i++) {
            map.put(1, -i);
            try (Snapshot<Integer, Integer> snapshot = map.snapshot()) {
                versions[i] = snapshot.version();
            }
        }
        map.put(1, 99);
        assertThat(map.snapshotAt(versions[0])).isEmpty();
        assertThat(map.snapshotAt(versions[1])).isEmpty();
        for (int i = 2; i < versions.length; i++) {
            Optional<Snapshot<Integer, Integer>> kept = map.snapshotAt(versions[i]);
            assertThat(kept).isPresent();
            assertThat(kept.orElseThrow().version()).isEqualTo(versions[i]);
            assertThat(kept.orElseThrow().get(1)).isEqualTo(-i);
            kept.orElseThrow().close();
            assertThat(map.snapshotAt(versions[i]).orElseThrow()).hasSize(1_000);
        }
        assertThat(map.snapshotAt(versions[3] + 1)).isEmpty();
        assertThat(map.snapshotAt(-1)).isEmpty();
    }

    @Test
    void theBuilderRefuses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShardedMap.onHeap().keepVersions(-1))
                .withMessageContaining("keepVersions")
                .withMessageContaining("-1");
        assertThatNullPointerException().isThrownBy(() -> ShardedMap.onHeap().snapshotMode(null));
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(60)
    void oneThatIsDroppedIsCollected(SnapshotMode mode) throws InterruptedException {
        ShardedMap<Integer, Integer> map = map(mode, 0);
        WeakReference<Map<Integer, Integer>> dropped = new WeakReference<>(map.snapshot());
        for (int i = 0; i < 1_000; i++) {
            map.put(i, -i);
        }
        while (!dropped.refersTo(null)) {
            System.gc();
            Thread.sleep(1);
        }
        try (Snapshot<Integer, Integer> snapshot = map.snapshot()) {
            assertThat(snapshot.get(7)).isEqualTo(-7);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"COW", "CACHED"})
    @Timeout(120)
    void isOneInstant(SnapshotMode mode) throws InterruptedException {
        for (int shards : new int[] {1, 64}) {
            long seed = System.nanoTime();
            Instants.Result result = new Instants(mode, shards, shards == 1, seed).run(300);
            assertThat(result.firstWrong()).as("seed %d", seed).isNull();
            assertThat(result.wrong()).isZero();
        }
    }

    @Test
    @Timeout(60)
    void cloneIsNotWhichTheProofFindsOut() throws InterruptedException {
        assertThat(new Instants(SnapshotMode.CLONE, 64, false, 1).run(300).wrong())
                .isPositive();
    }
}
