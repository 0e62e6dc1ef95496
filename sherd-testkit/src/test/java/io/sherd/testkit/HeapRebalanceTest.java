package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.Rebalance;
import io.sherd.RebalanceOptions;
import io.sherd.RebalanceReport;
import io.sherd.RebalanceStatus;
import io.sherd.RebalanceStatus.State;
import io.sherd.ShardCountException;
import io.sherd.ShardLoad;
import io.sherd.ShardedMap;
import io.sherd.Shards;
import io.sherd.Snapshot;
import io.sherd.SnapshotMode;
import io.sherd.testkit.soak.Instants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rebalances of the heap map: what they do, what they refuse, and what goes on meanwhile. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HeapRebalanceTest {
    private static final RebalanceOptions DEFAULTS = RebalanceOptions.defaults();

    private static ShardedMap<Object, Integer> filled(Samples keys, int entries) {
        ShardedMap<Object, Integer> map = ShardedMap.onHeap().build();
        for (int i = 0; i < entries; i++) {
            map.put(keys.at(i), i);
        }
        return map;
    }

    private static ShardedMap<Integer, Integer> numbers(int entries) {
        ShardedMap<Integer, Integer> map = ShardedMap.onHeap().build();
        for (int i = 0; i < entries; i++) {
            map.put(i, i);
        }
        return map;
    }

    private static void assertWhole(ShardedMap<Object, Integer> map, Samples keys, int entries) {
        for (int i = 0; i < entries; i++) {
            assertThat(map.get(keys.at(i))).isEqualTo(i);
        }
        assertThat(map.get(keys.at(entries))).isNull();
        assertThat(map.mappingCount()).isEqualTo(entries);
        assertThat(map.keySet().stream().distinct().count()).isEqualTo(entries);
        assertThat(map.shards().loads().stream().mapToLong(ShardLoad::entries).sum())
                .isEqualTo(entries);
    }

    /** The kinds of keys, which are kept in different ways. */
    enum Kind {
        INTEGERS(Samples.integers()),
        LONGS(Samples.longs()),
        STRINGS(Samples.strings()),
        MIXED(Samples.mixed(500)),
        COLLIDING(Samples.ordered(i -> i % 7));

        @SuppressWarnings("ImmutableEnumChecker") // they are in fact
        final Samples keys;

        Kind(Samples keys) {
            this.keys = keys;
        }
    }

    // ---- what it does

    @ParameterizedTest
    @EnumSource
    void givesTheMapTheNumberAskedForAndLosesNothing(Kind kind) {
        int entries = kind == Kind.COLLIDING ? 500 : 4_000; // so that one table may have them all
        givesTheMapTheNumberAskedForAndLosesNothing(kind, entries, true);
    }

    /** A shard that is too large for one table has several, so there is not always something to move. */
    @ParameterizedTest
    @EnumSource
    void thatGoesForShardsOfManyEntriesToo(Kind kind) {
        givesTheMapTheNumberAskedForAndLosesNothing(kind, kind == Kind.COLLIDING ? 2_000 : 20_000, false);
    }

    private static void givesTheMapTheNumberAskedForAndLosesNothing(Kind kind, int entries, boolean allMove) {
        ShardedMap<Object, Integer> map = filled(kind.keys, entries);
        int before = map.shards().count();
        for (int shards : new int[] {64, 1_024, 64, 1, 2, 512, 4, 1}) {
            RebalanceReport report = map.shards().rebalanceTo(shards);
            assertThat(report.from()).isEqualTo(before);
            assertThat(report.to()).isEqualTo(shards);
            assertThat(map.shards().count()).isEqualTo(shards);
            assertThat(map.shards().loads()).hasSizeBetween(1, shards);
            assertWhole(map, kind.keys, entries);
            if (allMove) {
                assertThat(report.movedEntries()).isEqualTo(entries);
                assertThat(report.movedShards()).isPositive();
                assertThat(report.longestPause()).isPositive();
            }
            assertThat(report.duration()).isPositive();
            assertThat(report.longestPause()).isLessThanOrEqualTo(report.duration());
            before = shards;
        }
        map.put("another class", entries);
        map.remove("another class");
        for (int i = 0; i < entries; i++) {
            assertThat(map.remove(kind.keys.at(i))).isEqualTo(i);
        }
        assertThat(map).isEmpty();
    }

    @Test
    void whatIsAsAskedAlreadyIsNotMoved() {
        ShardedMap<Integer, Integer> map = numbers(10_000);
        map.shards().rebalanceTo(64);
        RebalanceReport report = map.shards().rebalanceTo(64);
        assertThat(report.movedShards()).isZero();
        assertThat(report.movedEntries()).isZero();
        assertThat(report.longestPause()).isZero();
    }

    @Test
    void roundsUp() {
        Shards shards = numbers(1_000).shards();
        assertThat(shards.rebalanceTo(33).to()).isEqualTo(64);
        assertThat(shards.rebalanceTo(3).to()).isEqualTo(4);
        assertThat(shards.startRebalance(5, DEFAULTS).advance(64).state()).isEqualTo(State.DONE);
        assertThat(shards.count()).isEqualTo(8);
    }

    @Test
    void anEmptyMapAndShardsThatNobodyTouchesCostNothing() {
        ShardedMap<Integer, Integer> map = ShardedMap.onHeap().build();
        assertThat(map.shards().rebalanceTo(1 << 18).to()).isEqualTo(1 << 18);
        assertThat(map.shards().loads()).isEmpty();
        for (int i = 0; i < 10; i++) {
            map.put(i, i);
        }
        assertThat(map.shards().rebalanceTo(1).to()).isEqualTo(1);
        assertThat(map.shards().rebalanceTo(1 << 18).to()).isEqualTo(1 << 18);
        assertThat(map.shards().loads()).hasSize(10);
        assertThat(map.shards().rebalanceTo(2).to()).isEqualTo(2);
        assertThat(map).hasSize(10);
        assertThat(map.shards().bytes()).isLessThan(5_000);
    }

    @Test
    void theMapKeepsWhatWasAskedForUntilItHasGrownByMuch() {
        ShardedMap<Integer, Integer> map = numbers(200_000);
        assertThat(map.shards().count()).isGreaterThan(32);
        map.shards().rebalanceTo(2);
        for (int i = 200_000; i < 380_000; i++) {
            map.put(i, i);
        }
        assertThat(map.shards().count()).isEqualTo(2);
        for (int i = 380_000; i < 5_000_000; i++) {
            map.put(i, i);
        }
        assertThat(map.shards().count()).isBetween(4, 16);
        ShardedMap<Integer, Integer> small = numbers(100);
        small.shards().rebalanceTo(1);
        for (int i = 100; i < 1_000; i++) {
            small.put(i, i);
        }
        assertThat(small.shards().count()).isEqualTo(1);
    }

    @Test
    void aCapacityThatWasAskedForIsSharedOut() {
        ShardedMap<Integer, Integer> map = ShardedMap.onHeap()
                .shards(1)
                .maxShards(1 << 10)
                .initialCapacity(1_000)
                .build();
        map.shards().rebalanceTo(1 << 10);
        for (int i = 0; i < 5_000; i++) {
            map.put(i, i);
        }
        assertThat(map.shards().bytes()).isLessThan(1_000_000);
    }

    // ---- what it refuses

    @Test
    void refusesNumbersOutOfRange() {
        Shards shards = ShardedMap.onHeap().maxShards(128).build().shards();
        for (int illegal : new int[] {0, -1, Integer.MIN_VALUE, 129, Integer.MAX_VALUE}) {
            assertThatExceptionOfType(ShardCountException.class)
                    .isThrownBy(() -> shards.rebalanceTo(illegal))
                    .withMessageContaining(Integer.toString(illegal))
                    .satisfies(refused -> {
                        assertThat(refused.requested()).isEqualTo(illegal);
                        assertThat(refused.allowed()).isEqualTo(128);
                    });
            assertThatExceptionOfType(ShardCountException.class)
                    .isThrownBy(() -> shards.startRebalance(illegal, DEFAULTS));
        }
        assertThat(shards.rebalanceTo(128).to()).isEqualTo(128);
        assertThatNullPointerException().isThrownBy(() -> shards.startRebalance(1, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DEFAULTS.batchSize(0))
                .withMessageContaining("batchSize: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DEFAULTS.maxPause(Duration.ofNanos(-1)))
                .withMessageContaining("maxPause");
        assertThatNullPointerException().isThrownBy(() -> DEFAULTS.maxPause(null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> shards.startRebalance(1, DEFAULTS).advance(0))
                .withMessageContaining("advance: 0");
    }

    @Test
    void refusesASecondOneAndNamesTheFirst() {
        ShardedMap<Integer, Integer> map = numbers(10_000);
        map.shards().rebalanceTo(64);
        Rebalance first = map.shards().startRebalance(1_024, DEFAULTS);
        first.advance(7);
        assertThatIllegalStateException()
                .isThrownBy(() -> map.shards().rebalanceTo(2))
                .withMessageContaining("rebalance to 2 shards")
                .withMessageContaining("from 64 to 1024 shards")
                .withMessageContaining("7 of 64");
        assertThatIllegalStateException().isThrownBy(() -> map.shards().startRebalance(1_024, DEFAULTS));
        assertThat(first.cancel()).isTrue();
        assertThat(map.shards().rebalanceTo(2).to()).isEqualTo(2);
        assertThat(first.cancel()).isFalse();
        assertThat(map).hasSize(10_000);
    }

    @Test
    void oneThatNobodyRefersToIsForgotten() throws InterruptedException {
        Shards shards = numbers(10_000).shards();
        shards.startRebalance(1_024, DEFAULTS);
        for (; ; ) {
            System.gc();
            try {
                assertThat(shards.rebalanceTo(2).to()).isEqualTo(2);
                return;
            } catch (IllegalStateException notYet) {
                Thread.sleep(1);
            }
        }
    }

    // ---- by and by

    @Test
    void advancesByAsMuchAsItIsTold() throws InterruptedException {
        ShardedMap<Integer, Integer> map = numbers(10_000);
        map.shards().rebalanceTo(64);
        Rebalance up = map.shards().startRebalance(256, DEFAULTS);
        assertThat(up.status()).isEqualTo(new RebalanceStatus(State.RUNNING, 0, 0, 64));
        assertThat(up.advance(1)).isEqualTo(new RebalanceStatus(State.RUNNING, 1 / 64.0, 1, 64));
        assertThat(up.advance(15)).isEqualTo(new RebalanceStatus(State.RUNNING, 0.25, 16, 64));
        assertThat(map.shards().loads()).hasSize(48 + 4 * 16);
        assertThat(up.await(Duration.ZERO)).isFalse();
        assertThat(up.status().moved()).isEqualTo(16);
        assertThat(up.advance(1_000)).isEqualTo(new RebalanceStatus(State.DONE, 1, 64, 64));
        assertThat(up.advance(1)).isEqualTo(new RebalanceStatus(State.DONE, 1, 64, 64));
        assertThat(up.await().to()).isEqualTo(256);
        assertThat(up.cancel()).isFalse();

        Rebalance down = map.shards().startRebalance(4, DEFAULTS);
        assertThat(down.advance(1)).isEqualTo(new RebalanceStatus(State.RUNNING, 0.25, 1, 4));
        assertThat(map.shards().loads()).hasSize(193);
        assertThat(map.shards().count()).isEqualTo(256);
        assertThat(down.cancel()).isTrue();
        assertThat(down.status()).isEqualTo(new RebalanceStatus(State.CANCELLED, 0.25, 1, 4));
        assertThat(down.advance(5).moved()).isEqualTo(1);
        assertThat(map.shards().loads()).hasSize(193);
        RebalanceReport report = down.await();
        assertThat(report.to()).isEqualTo(256);
        assertThat(report.movedShards()).isEqualTo(64);
        assertThat(map).hasSize(10_000);
        map.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
    }

    @Test
    void awaitsForSomeTime() throws InterruptedException {
        ShardedMap<Integer, Integer> map = numbers(200_000);
        Rebalance rebalance = map.shards().startRebalance(2, DEFAULTS);
        assertThat(rebalance.await(Duration.ofNanos(1))).isFalse();
        assertThat(rebalance.status().progress())
                .as("a step that was begun is finished")
                .isPositive();
        assertThat(rebalance.await(Duration.ofDays(1_000_000))).isTrue();
        assertThat(rebalance.status().state()).isEqualTo(State.DONE);
        Rebalance other = map.shards().startRebalance(4, DEFAULTS);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(other::await);
        assertThat(other.status().state()).isEqualTo(State.RUNNING);
        other.cancel();
        Thread.currentThread().interrupt();
        assertThat(map.shards().rebalanceTo(8).to()).isEqualTo(8);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void worksInTheBackground() throws InterruptedException {
        ShardedMap<Integer, Integer> map = numbers(50_000);
        map.shards().rebalanceTo(64);
        Rebalance rebalance = map.shards().startRebalance(1_024, DEFAULTS.background(true));
        RebalanceReport report = rebalance.await();
        assertThat(report.to()).isEqualTo(1_024);
        assertThat(rebalance.status()).isEqualTo(new RebalanceStatus(State.DONE, 1, 64, 64));
        Rebalance down =
                map.shards().startRebalance(64, DEFAULTS.background(true).batchSize(Integer.MAX_VALUE));
        assertThat(down.await(Duration.ofSeconds(60))).isTrue();
        assertThat(map.shards().count()).isEqualTo(64);
        assertThat(map).hasSize(50_000);
        Rebalance cancelled = map.shards().startRebalance(4_096, DEFAULTS.background(true));
        boolean first = cancelled.cancel();
        RebalanceStatus status = cancelled.status();
        assertThat(status.state()).isEqualTo(first ? State.CANCELLED : State.DONE);
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("sherd-rebalance")) {
                thread.join();
            }
        }
        assertThat(cancelled.status()).isEqualTo(status);
        assertThat(map).hasSize(50_000);
    }

    @Test
    void aLongStepIsPreparedWhileOthersWrite() {
        ShardedMap<Integer, Integer> map = numbers(3_000);
        map.shards().rebalanceTo(1);
        long prepared = Long.MAX_VALUE;
        long whole = Long.MAX_VALUE;
        // the first ones, to be compiled; more, where others use the machine too
        for (int round = 0; round < 400 || (round < 4_000 && prepared >= whole / 2); round++) {
            Rebalance two = map.shards().startRebalance(2, DEFAULTS.maxPause(Duration.ZERO));
            two.advance(2);
            prepared = Math.min(prepared, pause(two));
            Rebalance one = map.shards().startRebalance(1, DEFAULTS.maxPause(Duration.ofDays(1)));
            one.advance(1);
            whole = Math.min(whole, pause(one));
        }
        assertThat(prepared).as("nanoseconds, of a step in one piece %d", whole).isLessThan(whole / 2);
    }

    /** Without a limit that would have a step prepared, by its size alone. */
    @Test
    void noStepTakesLong() {
        ShardedMap<Integer, Integer> map = numbers(500_000);
        Duration limit = Duration.ofMillis(3); // to copy all of it at once takes some ten
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 50 && best >= limit.toNanos(); round++) { // others use the machine too
            Rebalance many = map.shards().startRebalance(1 << 14, DEFAULTS.maxPause(Duration.ofDays(1)));
            many.advance(Integer.MAX_VALUE);
            Rebalance one = map.shards().startRebalance(1, DEFAULTS.maxPause(Duration.ofDays(1)));
            one.advance(1);
            assertThat(map.shards().count()).isEqualTo(1);
            best = Math.min(best, Math.max(pause(many), pause(one)));
        }
        assertThat(Duration.ofNanos(best)).isLessThan(limit);
    }

    private static long pause(Rebalance ended) {
        try {
            return ended.await().longestPause().toNanos();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatFailsSaysSoAndTheMapIsWhole(boolean background) throws InterruptedException {
        AtomicBoolean breaks = new AtomicBoolean();
        ShardedMap<Object, Integer> map = ShardedMap.onHeap().build();
        for (int i = 0; i < 1_000; i++) {
            map.put(i, i);
        }
        List<FragileKey> keys = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            keys.add(new FragileKey(7, breaks)); // some stand beside the table, and are compared when that is copied
            map.put(keys.get(i), i);
        }
        map.shards().rebalanceTo(64);
        breaks.set(true);
        try {
            Rebalance failing = map.shards().startRebalance(1_024, DEFAULTS.background(background));
            if (!background) {
                assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> failing.advance(64));
            }
            assertThatIllegalStateException()
                    .isThrownBy(failing::await)
                    .withMessageContaining("has failed")
                    .withCauseInstanceOf(UnsupportedOperationException.class);
            assertThat(failing.status().state()).isEqualTo(State.FAILED);
            assertThat(failing.cancel()).isFalse();
            assertThat(failing.advance(1).state()).isEqualTo(State.FAILED);
            assertThat(failing.await(Duration.ofSeconds(1))).isTrue();
        } finally {
            breaks.set(false);
        }
        for (int i = 0; i < 12; i++) {
            assertThat(map.get(keys.get(i))).isEqualTo(i);
        }
        assertThat(map).hasSize(1_012);
        assertThat(map.shards().rebalanceTo(2).to()).isEqualTo(2);
        for (int i = 0; i < 12; i++) {
            assertThat(map.remove(keys.get(i))).isEqualTo(i);
        }
        assertThat(map).hasSize(1_000);
    }

    @Test
    void saysInARecordingWhy() throws Exception {
        List<RecordedEvent> events = new ArrayList<>();
        try (Recording recording = new Recording()) {
            recording.enable("io.sherd.Rebalance").withoutThreshold();
            recording.start();
            ShardedMap<Integer, Integer> map = numbers(1_000);
            map.shards().rebalanceTo(64);
            Rebalance cancelled = map.shards().startRebalance(256, DEFAULTS);
            cancelled.advance(1);
            cancelled.cancel();
            recording.stop();
            Path file = Files.createTempFile("rebalance", ".jfr");
            recording.dump(file);
            events.addAll(RecordingFile.readAllEvents(file));
            Files.delete(file);
        }
        events.removeIf(event -> !event.getEventType().getName().equals("io.sherd.Rebalance"));
        assertThat(events).hasSize(2);
        assertThat(events.get(0).getInt("to")).isEqualTo(64);
        assertThat(events.get(0).getString("state")).isEqualTo("DONE");
        assertThat(events.get(0).getString("reason")).contains("64 shards were asked for");
        assertThat(events.get(0).getLong("movedEntries")).isEqualTo(1_000);
        assertThat(events.get(1).getString("state")).isEqualTo("CANCELLED");
    }

    // ---- what goes on meanwhile

    /** After each batch the thread rests, and where all is one batch it never does. */
    @Test
    void aThreadInTheBackgroundRestsBetweenBatches() throws InterruptedException {
        ShardedMap<Integer, Integer> map = numbers(200_000);
        map.shards().rebalanceTo(1 << 12);
        assertThat(rests(map, 1 << 15, 1)).isTrue();
        assertThat(rests(map, 1 << 12, Integer.MAX_VALUE)).isFalse();
        assertThat(rests(map, 1 << 15, Integer.MAX_VALUE)).isFalse();
        assertThat(rests(map, 1 << 12, 1)).isTrue();
    }

    /** Rebalances in the background, and answers whether the thread was seen to rest. */
    private static boolean rests(ShardedMap<?, ?> map, int shards, int batch) throws InterruptedException {
        Rebalance rebalance =
                map.shards().startRebalance(shards, DEFAULTS.background(true).batchSize(batch));
        Thread worker = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("sherd-rebalance"))
                .findAny()
                .orElse(null);
        boolean rested = false;
        while (worker != null && worker.isAlive()) {
            rested |= LockSupport.getBlocker(worker) != null;
            LockSupport.parkNanos(1_000);
        }
        rebalance.await();
        return rested;
    }

    private static void backAndForth(ShardedMap<?, ?> map, int times) {
        for (int i = 0; i < times; i++) {
            Duration pause = i % 2 == 0 ? Duration.ZERO : Duration.ofSeconds(1);
            map.shards()
                    .startRebalance(i % 3 == 0 ? 1 : 64, DEFAULTS.maxPause(pause))
                    .advance(64);
        }
    }

    @ParameterizedTest
    @EnumSource
    void holdsAndWaitersGoAlong(Kind kind) throws Exception {
        ShardedMap<Object, Integer> map = filled(kind.keys, 300);
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int round = 0; round < 20; round++) {
                LockedEntry<Object, Integer> present = map.lock(kind.keys.at(1));
                LockedEntry<Object, Integer> removed = map.lock(kind.keys.at(2));
                LockedEntry<Object, Integer> absent = map.lock(kind.keys.at(1_000));
                Crew.Job<Integer> adder = crew.start(() -> map.merge(kind.keys.at(1), 5, Integer::sum));
                Crew.Job<Integer> putter = crew.start(() -> map.put(kind.keys.at(1_000), 7));
                adder.awaitWaiting();
                putter.awaitWaiting();
                backAndForth(map, round % 4 + 1);
                assertThat(map.get(kind.keys.at(1))).isEqualTo(1);
                assertThat(crew.start(() -> map.tryLock(kind.keys.at(2)) == null)
                                .result())
                        .isTrue();
                present.setValue(100);
                removed.remove();
                absent.setValue(200);
                present.close();
                removed.close();
                backAndForth(map, 1);
                absent.close();
                assertThat(adder.result()).isEqualTo(105);
                assertThat(putter.result()).isEqualTo(200);
                assertThat(map.get(kind.keys.at(2))).isNull();
                map.put(kind.keys.at(1), 1);
                map.put(kind.keys.at(2), 2);
                assertThat(map.remove(kind.keys.at(1_000))).isEqualTo(7);
            }
        }
        assertThat(map).hasSize(300);
    }

    @Test
    void functionsRunOnceAndTheirResultIsKept() throws Exception {
        ShardedMap<Integer, Integer> map = numbers(300);
        for (int round = 0; round < 50; round++) {
            int rounds = round % 3 + 1;
            int[] calls = new int[1];
            Integer result = map.compute(7, (key, value) -> {
                calls[0]++;
                Thread rebalancer = Thread.ofPlatform().start(() -> backAndForth(map, rounds));
                try {
                    rebalancer.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                map.put(8, value);
                return value + 1;
            });
            assertThat(calls[0]).isEqualTo(1);
            assertThat(result).isEqualTo(8 + round);
            assertThat(map.get(7)).isEqualTo(8 + round);
            assertThat(map.get(8)).isEqualTo(7 + round);
        }
    }

    @Test
    void keysThatChangeTogetherDoSo() throws Exception {
        ShardedMap<Integer, Integer> map = numbers(300);
        CountDownLatch over = new CountDownLatch(1);
        List<Integer> keys = List.of(3, 77, 130, 211, 299);
        keys.forEach(key -> map.put(key, 0));
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.start(() -> {
                while (over.getCount() > 0) {
                    backAndForth(map, 6);
                }
                return null;
            });
            crew.start(() -> {
                while (over.getCount() > 0) {
                    List<Integer> seen = map.transact(
                            transaction -> keys.stream().map(transaction::get).toList());
                    assertThat(seen.stream().distinct()).hasSize(1);
                    int first = map.get(3);
                    assertThat(map.get(299)).isGreaterThanOrEqualTo(first);
                }
                return null;
            });
            for (int round = 1; round < 6_000; round++) {
                int value = round;
                if (round % 2 == 0) {
                    map.transact(transaction -> {
                        keys.forEach(key -> transaction.put(key, value));
                        return null;
                    });
                } else {
                    try (LockedEntries<Integer, Integer> entries = map.lockAll(keys)) {
                        keys.forEach(key -> entries.get(key).setValue(value));
                    }
                }
            }
            over.countDown();
        }
        // no announcement is left behind, which would hide what is written now
        backAndForth(map, 6);
        keys.forEach(key -> map.put(key, -key));
        backAndForth(map, 6);
        keys.forEach(key -> assertThat(map.get(key)).isEqualTo(-key));
    }

    @ParameterizedTest
    @EnumSource
    void everyKeyIsThereAtEveryMoment(Kind kind) throws Exception {
        int entries = kind == Kind.COLLIDING ? 400 : 4_000;
        int stay = entries / 2;
        ShardedMap<Object, Integer> map = filled(kind.keys, stay);
        CountDownLatch over = new CountDownLatch(1);
        long end = System.nanoTime() + 2_000_000_000L;
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.start(() -> {
                while (over.getCount() > 0) {
                    backAndForth(map, 6);
                }
                return null;
            });
            crew.start(() -> {
                for (int i = 0; over.getCount() > 0; i++) {
                    Object key = kind.keys.at(stay + i % (entries - stay));
                    if (i / (entries - stay) % 2 == 0) {
                        assertThat(map.put(key, stay + i % (entries - stay))).isNull();
                    } else {
                        assertThat(map.remove(key)).isNotNull();
                    }
                }
                return null;
            });
            while (System.nanoTime() < end) {
                for (int i = 0; i < stay; i++) {
                    assertThat(map.get(kind.keys.at(i))).isEqualTo(i);
                }
                int[] times = new int[entries];
                map.forEach((key, value) -> times[value]++);
                for (Integer value : map.values()) {
                    times[value]++;
                }
                for (Integer value : map.values().parallelStream().toList()) {
                    times[value]++;
                }
                for (int i = 0; i < stay; i++) {
                    assertThat(times[i]).as("key %d in three passes", i).isEqualTo(3);
                }
                assertThat(map.mappingCount()).isBetween((long) stay, (long) entries);
                try (Snapshot<Object, Integer> snapshot = map.snapshot()) {
                    for (int i = 0; i < stay; i++) {
                        assertThat(snapshot.get(kind.keys.at(i))).isEqualTo(i);
                    }
                    assertThat(snapshot.keySet().stream().distinct().count()).isEqualTo(snapshot.size());
                }
            }
            over.countDown();
        }
    }

    /** Most shards are empty, and a traversal that finds one so must not pass over what a larger one has that takes its place. */
    @Test
    void aTraversalOfFewKeysInManyShardsMissesNone() throws Exception {
        ShardedMap<Integer, Integer> map = numbers(12);
        CountDownLatch over = new CountDownLatch(1);
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.start(() -> {
                while (over.getCount() > 0) {
                    map.shards().rebalanceTo(256);
                    map.shards().rebalanceTo(2);
                }
                return null;
            });
            for (int i = 0; i < 50_000; i++) {
                int[] times = new int[12];
                map.forEach((key, value) -> times[value]++);
                assertThat(times).containsOnly(1);
            }
            over.countDown();
        }
    }

    @Test
    void sizesAreExactWhereNobodyWrites() throws Exception {
        ShardedMap<Integer, Integer> map = numbers(5_000);
        CountDownLatch over = new CountDownLatch(1);
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.start(() -> {
                while (over.getCount() > 0) {
                    backAndForth(map, 6);
                }
                return null;
            });
            for (int i = 0; i < 100_000; i++) {
                assertThat(map.mappingCount()).isEqualTo(5_000);
                if (i % 100 == 0) {
                    assertThat(map.shards().loads().stream()
                                    .mapToLong(ShardLoad::entries)
                                    .sum())
                            .isEqualTo(5_000);
                    assertThat(map.entrySet().parallelStream().count()).isEqualTo(5_000);
                }
            }
            over.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void snapshotsKeepWhatTheyHave(SnapshotMode mode) {
        ShardedMap<Integer, Integer> map =
                ShardedMap.onHeap().snapshotMode(mode).build();
        for (int i = 0; i < 5_000; i++) {
            map.put(i, i);
        }
        Snapshot<Integer, Integer> before = map.snapshot();
        map.shards().rebalanceTo(64);
        Snapshot<Integer, Integer> between = map.snapshot();
        assertThat(between.changesSince(before).size()).isZero();
        map.put(1, -1);
        map.remove(2);
        map.put(5_000, 5_000);
        map.shards().rebalanceTo(2);
        Snapshot<Integer, Integer> after = map.snapshot();
        assertThat(before).hasSize(5_000).isEqualTo(between);
        assertThat(before.get(1)).isEqualTo(1);
        assertThat(before.get(2)).isEqualTo(2);
        assertThat(after.get(1)).isEqualTo(-1);
        assertThat(after.changesSince(before).size()).isEqualTo(3);
        map.put(3, -3);
        assertThat(after.get(3)).isEqualTo(3);
        assertThat(map.snapshot().get(3)).isEqualTo(-3);
    }

    /** In the mode CACHED, a write to a shard that a rebalance has just made must be noticed. */
    @Test
    void aWriteAfterARebalanceIsInTheNextSnapshot() {
        ShardedMap<Integer, Integer> map =
                ShardedMap.onHeap().snapshotMode(SnapshotMode.CACHED).build();
        for (int i = 0; i < 1_000; i++) {
            map.put(i, i);
        }
        for (int shards : new int[] {64, 4, 128, 1}) {
            assertThat(map.snapshot().get(1)).isEqualTo(map.get(1));
            map.shards().rebalanceTo(shards);
            map.put(1, -shards);
            assertThat(map.snapshot().get(1)).isEqualTo(-shards);
        }
    }

    /** Were a commit announced for longer than it takes, it would hide what is written afterwards. */
    @Test
    void whatIsWrittenAfterKeysWereLockedTogetherIsSeen() throws InterruptedException {
        ShardedMap<Integer, Integer> map = ShardedMap.onHeap().shards(1).build();
        for (int i = 0; i < 3_000; i++) {
            map.put(i, 0);
        }
        AtomicBoolean over = new AtomicBoolean();
        Thread rebalancer = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                map.shards().rebalanceTo(64);
                map.shards().rebalanceTo(1);
            }
        });
        try {
            long end = System.nanoTime() + 3_000_000_000L;
            for (int round = 1; System.nanoTime() < end; round++) {
                int one = 2 * (round % 1_000);
                try (LockedEntries<Integer, Integer> entries = map.lockAll(List.of(one, one + 1))) {
                    for (LockedEntry<Integer, Integer> entry : entries) {
                        entry.setValue(round);
                    }
                }
                for (int key = one; key <= one + 1; key++) {
                    assertThat(map.put(key, -round)).isEqualTo(round);
                    assertThat(map.get(key)).isEqualTo(-round);
                }
            }
        } finally {
            over.set(true);
            rebalancer.join();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSnapshotIsOneInstant(boolean objects) throws InterruptedException {
        long seed = System.nanoTime();
        Instants.Result result = new Instants(SnapshotMode.COW, 1, objects, true, seed).run(300);
        assertThat(result.firstWrong()).as("seed %d", seed).isNull();
        assertThat(result.wrong()).isZero();
    }
}
