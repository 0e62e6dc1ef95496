package io.sherd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What rebalances do to segments, and who waits for one that is stuck. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RebalancingTest {
    private static final RebalanceOptions DEFAULTS = RebalanceOptions.defaults();

    private static HeapMap<Integer, Integer> map(int shards, int entries) {
        HeapMap<Integer, Integer> map = new HeapMap<>(shards, 1, 1 << 18, 0, true, SnapshotMode.COW, 0);
        for (int i = 0; i < entries; i++) {
            map.put(i, i);
        }
        return map;
    }

    private static void assertWhole(HeapMap<Integer, Integer> map, Map<Integer, Integer> model) {
        assertThat(map.mappingCount()).isEqualTo(model.size());
        model.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
        long last = 0;
        for (Segment segment : map.segments()) {
            assertThat(segment.firstHash()).isGreaterThanOrEqualTo(last);
            last = segment.lastHash();
            assertThat(segment.depth).isGreaterThanOrEqualTo(map.shardDepth());
            assertThat(segment.slots).isLessThanOrEqualTo(SegmentDirectory.LARGEST_UNITED);
            assertThat(map.segment((int) segment.firstHash())).isSameAs(segment);
            assertThat(map.segment((int) (last - 1))).isSameAs(segment);
        }
    }

    private static Map<Integer, Integer> model(int entries) {
        Map<Integer, Integer> model = new HashMap<>();
        for (int i = 0; i < entries; i++) {
            model.put(i, i);
        }
        return model;
    }

    @Test
    void aShardOfManyEntriesKeepsItsSegments() {
        HeapMap<Integer, Integer> map = map(1, 200_000);
        int segments = map.segments().size();
        assertThat(segments).isGreaterThan(50);
        for (int shards : new int[] {1, 8, 2, 1}) {
            RebalanceReport report = map.shards().rebalanceTo(shards);
            assertThat(report.movedEntries()).isZero();
            assertThat(report.longestPause()).isZero();
            assertThat(map.shards().count()).isEqualTo(shards);
            assertThat(map.shards().loads()).hasSize(shards);
            assertThat(map.shards().loads().getFirst().entries()).isBetween(180_000L / shards, 220_000L / shards);
            assertThat(map.segments()).hasSize(segments);
            assertWhole(map, model(200_000));
        }
    }

    @Test
    void segmentsThatAreTooManyForAFewEntriesUnite() {
        HeapMap<Integer, Integer> map = map(1, 200_000);
        int segments = map.segments().size();
        map.shards().rebalanceTo(1 << 16);
        assertThat(map.segments()).hasSizeGreaterThan(50_000);
        map.shards().rebalanceTo(1);
        assertThat(map.segments()).hasSizeBetween(segments / 2, 4 * segments);
        assertWhole(map, model(200_000));
        Map<Integer, Integer> model = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            if (i % 1_000 == 0) {
                model.put(i, i);
            } else {
                map.remove(i);
            }
        }
        assertThat(map.shards().rebalanceTo(1).movedEntries()).isGreaterThanOrEqualTo(200);
        assertThat(map.segments()).hasSize(1);
        assertWhole(map, model);
        map.shards().rebalanceTo(1 << 18);
        assertWhole(map, model);
        assertThat(map.shards().rebalanceTo(1).to()).isEqualTo(1);
        assertThat(map.segments()).hasSize(1);
        assertWhole(map, model);
    }

    @Test
    void aContendedSegmentOfALargeShardMakesNoMoreShards() {
        HeapMap<Integer, Integer> map = map(1, 200_000);
        map.shards().rebalanceTo(4);
        int segments = map.segments().size();
        splitForWaits(map);
        assertThat(map.segments()).hasSize(segments + 1);
        assertThat(map.shards().count()).isEqualTo(4);
        assertWhole(map, model(200_000));
    }

    @Test
    void aContendedSegmentThatIsAShardMakesTwiceAsMany() {
        HeapMap<Integer, Integer> map = map(1, 100);
        map.shards().rebalanceTo(4);
        splitForWaits(map);
        assertThat(map.segments()).hasSize(5);
        assertThat(map.shards().count()).isEqualTo(8);
    }

    private static void splitForWaits(HeapMap<Integer, Integer> map) {
        Segment segment = map.segments().getFirst();
        assertThat(segment.lock()).isTrue();
        assertThat(new Adaptivity(map, 1 << 12).split(segment, Adaptivity.WAITS))
                .isTrue();
        assertThat(segment.isDead()).isTrue();
    }

    @Test
    void aTraversalOfUnitedSegmentsHasNoNegativeSize() {
        HeapMap<Integer, Integer> map = map(64, 1_000);
        Spliterator<Map.Entry<Integer, Integer>> all = map.entrySet().spliterator();
        Spliterator<Map.Entry<Integer, Integer>> half = all.trySplit();
        map.shards().rebalanceTo(1);
        Map<Integer, Integer> seen = new HashMap<>();
        for (Spliterator<Map.Entry<Integer, Integer>> part : List.of(all, Objects.requireNonNull(half))) {
            while (part.tryAdvance(entry ->
                    assertThat(seen.put(entry.getKey(), entry.getValue())).isNull())) {
                assertThat(part.estimateSize()).isBetween(0L, 1_000L);
            }
        }
        assertThat(seen).isEqualTo(model(1_000));
    }

    /** Many segments with nothing in them, of more slots together than one step may look at. */
    @Test
    void segmentsWithNothingInThemGo() {
        HeapMap<Integer, Integer> map = map(1 << 12, 60_000);
        assertThat(map.segments()).hasSize(1 << 12);
        for (int i = 0; i < 60_000; i++) {
            map.remove(i);
        }
        map.shards().rebalanceTo(2);
        assertThat(map.segments()).isEmpty();
        assertThat(map.shards().bytes()).isLessThan(1_000);
        assertWhole(map, Map.of());
    }

    @Test
    void oneThatIsCancelledLeavesGrowthAsItWas() {
        HeapMap<Integer, Integer> other = map(1, 5_000);
        HeapMap<Integer, Integer> map = map(1, 5_000);
        assertThat(map.shards().startRebalance(1, DEFAULTS).cancel()).isTrue();
        for (int i = 5_000; i < 100_000; i++) {
            map.put(i, i);
            other.put(i, i);
        }
        assertThat(map.shards().count()).isEqualTo(other.shards().count());
        assertThat(map.shards().bytes()).isEqualTo(other.shards().bytes());
    }

    /** A cell was empty when a step began, and it is not when that ends. */
    @Test
    void aSegmentThatComesDuringAStepIsNotLost() {
        HeapMap<Integer, Integer> map = map(4, 0);
        int first = keyIn(map, 0);
        int second = keyIn(map, 1);
        map.put(first, 1);
        Reshaping reshaping = new Reshaping(map, 0, true, 0);
        AtomicBoolean came = new AtomicBoolean();
        reshaping.setPace(() -> {
            if (came.compareAndSet(false, true)) {
                assertThat(map.put(second, 2)).isNull();
            }
        });
        while (!reshaping.isThrough()) {
            reshaping.step();
        }
        map.settleDepth(0);
        assertThat(came).isTrue();
        assertThat(reshaping.movedShards()).isEqualTo(2);
        assertThat(map.segments()).hasSize(1);
        assertWhole(map, Map.of(first, 1, second, 2));
    }

    /** What keys and values a table may have, which it keeps in different ways. */
    enum Kept {
        SMALL_NUMBERS {
            @Override
            Object key(int i) {
                return i;
            }

            @Override
            Object value(int i) {
                return i;
            }
        },
        LARGE_NUMBERS {
            @Override
            Object key(int i) {
                return (long) i << 40;
            }

            @Override
            Object value(int i) {
                return (long) i << 40;
            }
        },
        NUMBERS_AND_OBJECTS {
            @Override
            Object key(int i) {
                return (long) i;
            }

            @Override
            Object value(int i) {
                return "value " + i;
            }
        },
        OBJECTS {
            @Override
            Object key(int i) {
                return "key " + i;
            }

            @Override
            Object value(int i) {
                return "value " + i;
            }
        };

        abstract Object key(int i);

        abstract Object value(int i);
    }

    /** One thread plays all of them: a lock that the step has would keep it for ever. What they write is not lost. */
    @ParameterizedTest
    @EnumSource
    void othersWriteWhileAStepIsPrepared(Kept kept) {
        HeapMap<Object, Object> map = new HeapMap<>(1, 1, 1 << 18, 0, true, SnapshotMode.COW, 0);
        Map<Object, Object> model = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            map.put(kept.key(i), kept.value(i));
            model.put(kept.key(i), kept.value(i));
        }
        map.shards().rebalanceTo(1);
        assertThat(map.segments()).hasSize(1);
        Reshaping reshaping = new Reshaping(map, 1, false, 0);
        AtomicInteger times = new AtomicInteger();
        reshaping.setPace(() -> {
            int at = 100 * times.getAndIncrement();
            for (int i = at; i < at + 10; i++) {
                assertThat(map.remove(kept.key(i))).isEqualTo(model.remove(kept.key(i)));
                assertThat(map.put(kept.key(i + 20), kept.value(-i)))
                        .isEqualTo(model.put(kept.key(i + 20), kept.value(-i)));
                assertThat(map.put(kept.key(10_000 + i), kept.value(i))).isNull();
                model.put(kept.key(10_000 + i), kept.value(i));
                Object again = kept.key(i + 40);
                assertThat(map.remove(again)).isNotNull();
                assertThat(map.put(again, kept.value(i))).isNull();
                model.put(again, kept.value(i));
            }
        });
        while (!reshaping.isThrough()) {
            reshaping.step();
        }
        map.settleDepth(1);
        assertThat(times.get()).as("moments to write").isBetween(2, 25);
        assertThat(map.segments()).hasSize(2);
        assertThat(map).isEqualTo(model);
    }

    /** A key takes the slot of another, with the same tag and the very same value, while a step is prepared. */
    @ParameterizedTest
    @EnumSource
    void aKeyThatTakesTheSlotOfAnotherDuringAStepIsNotLost(Kept kept) {
        HeapMap<Object, Object> map = new HeapMap<>(1, 1, 1 << 18, 0, true, SnapshotMode.COW, 0);
        Object old = kept.key(0);
        Object value = kept.value(0);
        int taken = 0;
        for (int i = 1; i < 100_000 && taken < 5; i++) {
            Object key = kept.key(i);
            if (Tags.of(map.hash(key)) != Tags.of(map.hash(old))) {
                continue;
            }
            map.clear();
            map.put(old, value);
            map.shards().rebalanceTo(1);
            Segment segment = map.segments().getFirst();
            int slot = segment.slotOf(map.hash(old), old);
            AtomicInteger slotTaken = new AtomicInteger(-1);
            AtomicInteger times = new AtomicInteger();
            Reshaping reshaping = new Reshaping(map, 1, false, 0);
            reshaping.setPace(() -> {
                if (times.incrementAndGet() == 2) { // the first time nothing is copied yet
                    map.remove(old);
                    map.put(key, value);
                    slotTaken.set(segment.slotOf(map.hash(key), key));
                }
            });
            reshaping.step();
            assertThat(times.get()).isGreaterThan(1);
            assertThat(segment.isDead()).isTrue();
            assertThat(map).isEqualTo(Map.of(key, value));
            if (slotTaken.get() == slot) {
                taken++;
            }
        }
        assertThat(taken).as("same slots").isEqualTo(5);
    }

    private static int keyIn(HeapMap<Integer, Integer> map, int quarter) {
        int key = 0;
        while (map.hash(key) >>> 29 != quarter) {
            key++;
        }
        return key;
    }

    @Test
    void whoWaitsForAStepOfAnotherThreadMayGiveUp() throws InterruptedException {
        HeapMap<Integer, Integer> map = map(1, 100);
        Rebalance rebalance = map.shards().startRebalance(64, DEFAULTS);
        Segment stuck = map.segments().getFirst();
        assertThat(stuck.seize()).isTrue();
        Thread worker = Thread.ofPlatform().start(() -> rebalance.advance(1));
        try {
            while (worker.getState() == Thread.State.RUNNABLE || worker.getState() == Thread.State.NEW) {
                Thread.onSpinWait(); // until it naps, waiting for the lock
            }
            assertThat(rebalance.await(Duration.ofMillis(1))).isFalse();
            AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
            Thread waiter = Thread.ofPlatform().start(() -> {
                try {
                    rebalance.await();
                } catch (InterruptedException expected) {
                    thrown.set(expected);
                }
            });
            while (waiter.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            waiter.interrupt();
            waiter.join();
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            assertThat(rebalance.status().state()).isEqualTo(RebalanceStatus.State.RUNNING);
        } finally {
            stuck.unlock();
            worker.join();
        }
        assertThat(rebalance.await().to()).isEqualTo(64);
        assertWhole(map, model(100));
    }

    /** The interrupt comes while the first step of all runs, from a function that it calls. */
    @Test
    void anInterruptEndsALongBatch() throws InterruptedException {
        AtomicBoolean interrupts = new AtomicBoolean();
        class Interrupting {
            @Override
            @SuppressWarnings("EqualsHashCode")
            public boolean equals(@Nullable Object other) {
                if (interrupts.get()) {
                    Thread.currentThread().interrupt();
                }
                return this == other;
            }

            @Override
            public int hashCode() {
                return 7;
            }
        }
        HeapMap<Object, Integer> map = new HeapMap<>(64, 1, 1 << 18, 0, true, SnapshotMode.COW, 0);
        for (int i = 0; i < 100; i++) {
            map.put(i, i);
        }
        for (int i = 0; i < 12; i++) {
            map.put(new Interrupting(), i); // some of them beside the table, where a copy compares them
        }
        Rebalance rebalance = map.shards().startRebalance(1 << 12, DEFAULTS.batchSize(Integer.MAX_VALUE));
        interrupts.set(true);
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(rebalance::await);
        interrupts.set(false);
        RebalanceStatus status = rebalance.status();
        assertThat(status.state()).isEqualTo(RebalanceStatus.State.RUNNING);
        assertThat(status.moved()).isLessThan(status.total());
        assertThat(rebalance.await().to()).isEqualTo(1 << 12);
        assertThat(map).hasSize(112);
    }

    @Test
    void awaitsForAnyTime() throws InterruptedException {
        HeapMap<Integer, Integer> map = map(1, 10_000);
        for (boolean background : new boolean[] {false, true}) {
            Rebalance rebalance = map.shards().startRebalance(background ? 2 : 64, DEFAULTS.background(background));
            for (Duration limit : new Duration[] {
                Duration.ZERO,
                Duration.ofNanos(-1),
                Duration.ofSeconds(Long.MIN_VALUE),
                Duration.ofNanos(Long.MIN_VALUE).minusNanos(1)
            }) {
                if (!background) {
                    assertThat(rebalance.await(limit)).as("%s", limit).isFalse();
                } else {
                    rebalance.await(limit);
                }
            }
            assertThat(rebalance.await(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)))
                    .isTrue();
        }
        Rebalance ended = map.shards().startRebalance(64, DEFAULTS);
        assertThat(ended.await(Duration.ofNanos(Long.MAX_VALUE))).isTrue();
    }
}
