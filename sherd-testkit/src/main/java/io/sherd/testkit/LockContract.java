package io.sherd.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Keys held across statements, by {@code lock}, {@code tryLock} and {@code lockAll}.
 *
 * <p>What these have in common with functions stands in {@link HoldContract} and {@link RecursionContract}, which hold keys by
 * {@link Means#LOCK} as well.
 */
public abstract class LockContract extends MapContract {
    private static final int ENTRIES = 20;
    private static final int PRESENT = 1;
    private static final int ABSENT = 40;
    private static final int NEW = 70;
    private static final Duration LONG = Duration.ofSeconds(30);

    /** For implementations. */
    protected LockContract() {}

    // ---- one entry

    @Test
    void aPresentKey() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        LockedEntry<Object, Object> entry = map.lock(key(PRESENT));
        assertThat(entry.key()).isEqualTo(key(PRESENT));
        assertThat(entry.value()).isEqualTo(value(PRESENT));
        assertThat(entry.isPresent()).isTrue();
        assertThat(entry.setValue(value(NEW))).isEqualTo(value(PRESENT));
        assertThat(entry.value()).isEqualTo(value(NEW));
        assertThat(entry.setValue(value(NEW + 1))).isEqualTo(value(NEW));
        ComputeContract.assertShows(map, key(PRESENT), value(PRESENT), ENTRIES);
        assertThat(map.equals(model(ENTRIES))).isTrue();
        entry.close();
        ComputeContract.assertShows(map, key(PRESENT), value(NEW + 1), ENTRIES);
    }

    @Test
    void anAbsentKey() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        LockedEntry<Object, Object> entry = map.lock(key(ABSENT));
        assertThat(entry.key()).isEqualTo(key(ABSENT));
        assertThat(entry.value()).isNull();
        assertThat(entry.isPresent()).isFalse();
        assertThat(entry.setValue(value(NEW))).isNull();
        assertThat(entry.isPresent()).isTrue();
        ComputeContract.assertShows(map, key(ABSENT), null, ENTRIES);
        entry.close();
        ComputeContract.assertShows(map, key(ABSENT), value(NEW), ENTRIES + 1);
    }

    @Test
    void removal() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (LockedEntry<Object, Object> entry = map.lock(key(PRESENT))) {
            assertThat(entry.remove()).isEqualTo(value(PRESENT));
            assertThat(entry.remove()).isNull();
            assertThat(entry.isPresent()).isFalse();
            assertThat(map.get(key(PRESENT))).isEqualTo(value(PRESENT));
        }
        ComputeContract.assertShows(map, key(PRESENT), null, ENTRIES - 1);
        try (LockedEntry<Object, Object> entry = map.lock(key(ABSENT))) {
            assertThat(entry.remove()).isNull();
            entry.setValue(value(NEW));
            assertThat(entry.remove()).isEqualTo(value(NEW));
        }
        ComputeContract.assertShows(map, key(ABSENT), null, ENTRIES - 1);
        try (LockedEntry<Object, Object> entry = map.lock(key(2))) {
            entry.remove();
            assertThat(entry.setValue(value(NEW))).isNull();
        }
        ComputeContract.assertShows(map, key(2), value(NEW), ENTRIES - 1);
    }

    @Test
    void anEntryThatNothingIsDoneToStays() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (int number : new int[] {PRESENT, ABSENT}) {
            map.lock(key(number)).close();
            try (LockedEntry<Object, Object> entry = map.lock(key(number))) {
                assertThat(entry.isPresent()).isEqualTo(number == PRESENT);
            }
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
    }

    @Test
    void setValueIfAbsent() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (LockedEntry<Object, Object> entry = map.lock(key(PRESENT))) {
            assertThat(entry.setValueIfAbsent(() -> {
                        throw new AssertionError("there is a value");
                    }))
                    .isEqualTo(value(PRESENT));
            entry.remove();
            assertThat(entry.setValueIfAbsent(() -> value(NEW))).isEqualTo(value(NEW));
        }
        assertThat(map.get(key(PRESENT))).isEqualTo(value(NEW));
        try (LockedEntry<Object, Object> entry = map.lock(key(ABSENT))) {
            assertThat(entry.setValueIfAbsent(() -> value(NEW))).isEqualTo(value(NEW));
            assertThat(entry.setValueIfAbsent(() -> value(NEW + 1))).isEqualTo(value(NEW));
            assertThat(map.containsKey(key(ABSENT))).isFalse();
        }
        assertThat(map.get(key(ABSENT))).isEqualTo(value(NEW));
    }

    @Test
    void aSupplierThatFailsChangesNothing() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        RuntimeException mine = new ArithmeticException("mine");
        try (LockedEntry<Object, Object> entry = map.lock(key(ABSENT))) {
            assertThatExceptionOfType(ArithmeticException.class)
                    .isThrownBy(() -> entry.setValueIfAbsent(() -> {
                        throw mine;
                    }))
                    .isSameAs(mine);
            assertThatIllegalStateException()
                    .isThrownBy(() -> entry.setValueIfAbsent(() -> requireNonNull(map.put(key(ABSENT), value(NEW)))))
                    .withMessageContaining(key(ABSENT).toString());
            assertThat(entry.isPresent()).isFalse();
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
        assertThat(map.put(key(ABSENT), value(NEW))).isNull();
    }

    @Test
    void aSupplierMayUseTheMap() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (LockedEntry<Object, Object> entry = map.lock(key(ABSENT))) {
            entry.setValueIfAbsent(() -> {
                map.put(key(ABSENT + 1), value(NEW));
                try (LockedEntry<Object, Object> inner = map.lock(key(ABSENT + 2))) {
                    return inner.setValueIfAbsent(() -> requireNonNull(map.get(key(ABSENT + 1))));
                }
            });
        }
        for (int i = 0; i < 3; i++) {
            assertThat(map.get(key(ABSENT + i))).isEqualTo(value(NEW));
        }
    }

    @Test
    @SuppressWarnings({"DataFlowIssue", "NullAway"}) // nulls on purpose
    void nullsAreRefused() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        Object none = Nulls.none();
        assertThatNullPointerException().isThrownBy(() -> map.lock(none));
        assertThatNullPointerException().isThrownBy(() -> map.tryLock(none));
        assertThatNullPointerException().isThrownBy(() -> map.tryLock(none, LONG));
        assertThatNullPointerException().isThrownBy(() -> map.tryLock(key(PRESENT), Nulls.none()));
        assertThatNullPointerException().isThrownBy(() -> map.lockAll(Nulls.none()));
        assertThatNullPointerException().isThrownBy(() -> map.lockAll(Arrays.asList(key(PRESENT), none, key(ABSENT))));
        try (LockedEntry<Object, Object> entry = map.lock(key(PRESENT))) {
            assertThatNullPointerException().isThrownBy(() -> entry.setValue(none));
            assertThatNullPointerException().isThrownBy(() -> entry.setValueIfAbsent(Nulls.none()));
            assertThat(entry.value()).isEqualTo(value(PRESENT));
            entry.remove();
            assertThatNullPointerException().isThrownBy(() -> entry.setValueIfAbsent(Nulls::none));
            assertThat(entry.isPresent()).isFalse();
            entry.discard();
        }
        try (LockedEntries<Object, Object> entries = map.lockAll(List.of(key(PRESENT), key(ABSENT)))) {
            assertThatNullPointerException().isThrownBy(() -> entries.get(none));
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
        assertFree(map, key(PRESENT), key(ABSENT));
    }

    @Test
    void discardLeavesTheEntryAsItWasAndTheKeyHeld() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (int number : new int[] {PRESENT, ABSENT}) {
            Object before = map.get(key(number));
            try (LockedEntry<Object, Object> entry = map.lock(key(number))) {
                entry.setValue(value(NEW));
                entry.discard();
                assertThat(entry.value()).isEqualTo(before);
                entry.remove();
                entry.discard();
                assertThat(entry.value()).isEqualTo(before);
                assertHeldByAnother(map, key(number));
                entry.discard();
            }
            assertThat(map.equals(model(ENTRIES))).isTrue();
            try (LockedEntry<Object, Object> entry = map.lock(key(number))) {
                entry.remove();
                entry.discard();
                entry.setValue(value(NEW));
            }
            assertThat(map.get(key(number))).isEqualTo(value(NEW));
            refill(map, ENTRIES);
        }
    }

    @Test
    void closingTwiceGivesNothingBackTwice() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (int number : new int[] {PRESENT, ABSENT}) {
            LockedEntry<Object, Object> entry = map.lock(key(number));
            entry.setValue(value(NEW));
            entry.close();
            map.put(key(number), value(NEW + 1));
            entry.close();
            assertThat(map.get(key(number))).isEqualTo(value(NEW + 1));
            try (LockedEntry<Object, Object> other = map.lock(key(number))) {
                entry.close();
                assertHeldByAnother(map, key(number));
                other.remove();
            }
        }
    }

    @Test
    void afterClosingTheEntryIsOfNoUse() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        LockedEntry<Object, Object> entry = map.lock(key(PRESENT));
        entry.close();
        assertThat(entry.key()).isEqualTo(key(PRESENT));
        assertThat(entry.toString()).contains(key(PRESENT).toString());
        List<ThrowingCallable> uses = List.of(
                entry::value,
                entry::isPresent,
                () -> entry.setValue(value(NEW)),
                () -> entry.setValueIfAbsent(() -> value(NEW)),
                entry::remove,
                entry::discard);
        for (ThrowingCallable use : uses) {
            assertThatIllegalStateException()
                    .isThrownBy(use)
                    .withMessageContaining(key(PRESENT).toString());
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
    }

    @Test
    void anExceptionOutOfTheTryGivesTheKeyBack() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (int number : new int[] {PRESENT, ABSENT}) {
            assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> {
                try (LockedEntry<Object, Object> entry = map.lock(key(number))) {
                    assertThat(entry.key()).isEqualTo(key(number));
                    throw new ArithmeticException("mine");
                }
            });
            assertFree(map, key(number));
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
    }

    /** Not even a reader that looks all the time sees one of the values in between. */
    @Test
    void othersSeeTheLastValueOnlyAndOnlyAfterClosing() throws InterruptedException {
        int rounds = 20;
        ShardedMap<Object, Object> map = open();
        map.put(key(PRESENT), value(0));
        try (Crew crew = Crew.ofPlatformThreads()) {
            CountDownLatch reading = new CountDownLatch(1);
            Crew.Job<Integer> reader = crew.start(() -> {
                int last = 0;
                while (last < rounds) {
                    int now = numberOfValue(requireNonNull(map.get(key(PRESENT))));
                    assertThat(now).isBetween(last, rounds);
                    last = now;
                    reading.countDown();
                }
                return last;
            });
            reading.await();
            for (int round = 1; round <= rounds; round++) {
                try (LockedEntry<Object, Object> entry = map.lock(key(PRESENT))) {
                    entry.setValue(value(rounds + 7));
                    assertThat(map.get(key(PRESENT))).isEqualTo(value(round - 1));
                    entry.remove();
                    assertThat(map.get(key(PRESENT))).isEqualTo(value(round - 1));
                    entry.setValue(value(round));
                }
                assertThat(map.get(key(PRESENT))).isEqualTo(value(round));
            }
            assertThat(reader.result()).isEqualTo(rounds);
        }
    }

    @Test
    void nestedHoldsOfDifferentKeysEndInAnyOrder() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        List<LockedEntry<Object, Object>> entries = new ArrayList<>();
        for (int i = 0; i < 2 * ENTRIES; i++) {
            entries.add(map.lock(key(i)));
        }
        for (LockedEntry<Object, Object> entry : entries) {
            int number = numberOfKey(entry.key());
            assertThat(entry.value()).isEqualTo(number < ENTRIES ? value(number) : null);
            if (number % 3 == 0) {
                entry.setValue(value(NEW + number));
            } else if (number % 3 == 1) {
                entry.remove();
            }
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
        Map<Object, Object> expected = model(ENTRIES);
        for (int i = 0; i < entries.size(); i++) {
            int at = i * 7 % entries.size();
            if (at % 3 == 0) {
                expected.put(key(at), value(NEW + at));
            } else if (at % 3 == 1) {
                expected.remove(key(at));
            }
            entries.get(at).close();
            assertThat(map.equals(expected)).as("after closing %s", at).isTrue();
        }
    }

    @Test
    void anEntryMayBeClosedByAnotherThread() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (int number : new int[] {PRESENT, ABSENT}) {
            try (Crew crew = Crew.ofPlatformThreads()) {
                LockedEntry<Object, Object> entry =
                        crew.start(() -> map.lock(key(number))).result();
                assertHeldByAnother(map, key(number));
                entry.setValue(value(NEW));
                Crew.Job<@Nullable Object> put = crew.start(() -> map.put(key(number), value(NEW + 1)));
                put.awaitWaiting();
                entry.close();
                assertThat(put.result()).isEqualTo(value(NEW));
            }
            assertThat(map.get(key(number))).isEqualTo(value(NEW + 1));
        }
    }

    @Test
    void theHolderMayDoAnythingToOtherKeys() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (LockedEntry<Object, Object> entry = map.lock(key(PRESENT))) {
            for (int i = 2; i < ENTRIES; i++) {
                map.put(key(i), value(NEW));
                map.compute(key(i), (key, value) -> value(NEW + 1));
                assertThat(map.remove(key(i))).isEqualTo(value(NEW + 1));
            }
            assertThat(map.get(key(PRESENT))).isEqualTo(value(PRESENT));
            entry.setValue(value(NEW));
        }
        assertThat(map.equals(Map.of(key(0), value(0), key(PRESENT), value(NEW))))
                .isTrue();
    }

    // ---- trying

    @Test
    void tryLockTakesAFreeKey() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (int number : new int[] {PRESENT, ABSENT}) {
            try (LockedEntry<Object, Object> entry = requireNonNull(map.tryLock(key(number)))) {
                assertHeldByAnother(map, key(number));
                assertThat(entry.setValue(value(NEW))).isEqualTo(number == PRESENT ? value(PRESENT) : null);
            }
            try (LockedEntry<Object, Object> entry = requireNonNull(map.tryLock(key(number), Duration.ZERO))) {
                assertThat(entry.setValue(value(NEW + 1))).isEqualTo(value(NEW));
            }
            try (LockedEntry<Object, Object> entry = requireNonNull(map.tryLock(key(number), LONG))) {
                assertThat(entry.setValue(value(NEW + 2))).isEqualTo(value(NEW + 1));
            }
            assertThat(map.get(key(number))).isEqualTo(value(NEW + 2));
        }
    }

    @Test
    void tryLockDoesNotWaitForAnother() throws InterruptedException {
        for (Means means : Means.forAbsent()) {
            ShardedMap<Object, Object> map = filled(ENTRIES);
            try (Crew crew = Crew.ofPlatformThreads();
                    Hold hold = new Hold(crew, map, means, key(ABSENT), value(NEW))) {
                assertThat(map.tryLock(key(ABSENT))).isNull();
                for (Duration none : List.of(
                        Duration.ZERO,
                        Duration.ofMillis(-1),
                        Duration.ofSeconds(Long.MIN_VALUE),
                        Duration.ofNanos(1),
                        Duration.ofMillis(3))) {
                    assertThat(map.tryLock(key(ABSENT), none)).as("%s", none).isNull();
                }
                hold.release();
            }
            assertFree(map, key(ABSENT));
            assertThat(map.get(key(ABSENT))).isEqualTo(value(NEW));
        }
    }

    @Test
    void tryLockOfAKeyOfOnesOwnIsRefused() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (int number : new int[] {PRESENT, ABSENT}) {
            try (LockedEntry<Object, Object> entry = map.lock(key(number))) {
                for (ThrowingCallable attempt : List.<ThrowingCallable>of(
                        () -> map.lock(key(number)),
                        () -> map.tryLock(key(number)),
                        () -> map.tryLock(key(number), Duration.ZERO),
                        () -> map.tryLock(key(number), LONG))) {
                    assertThatIllegalStateException()
                            .isThrownBy(attempt)
                            .withMessageContaining(key(number).toString());
                }
                entry.setValue(value(NEW));
            }
            assertThat(map.get(key(number))).isEqualTo(value(NEW));
        }
    }

    @Test
    void aTimedWaiterGetsTheKeyInTime() throws InterruptedException {
        for (Duration wait : List.of(LONG, Duration.ofSeconds(Long.MAX_VALUE))) {
            ShardedMap<Object, Object> map = filled(ENTRIES);
            try (Crew crew = Crew.ofPlatformThreads();
                    Hold hold = new Hold(crew, map, Means.LOCK, key(ABSENT), value(NEW))) {
                Crew.Job<@Nullable Object> waiter = crew.start(() -> {
                    try (LockedEntry<Object, Object> entry = requireNonNull(map.tryLock(key(ABSENT), wait))) {
                        return entry.setValue(value(NEW + 1));
                    }
                });
                waiter.awaitWaiting();
                hold.release();
                assertThat(waiter.result()).isEqualTo(value(NEW));
            }
            assertThat(map.get(key(ABSENT))).isEqualTo(value(NEW + 1));
        }
    }

    @Test
    void anInterruptedThreadIsRefusedAtOnce() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (Duration wait : List.of(LONG, Duration.ZERO)) {
                crew.start(() -> {
                            Thread.currentThread().interrupt();
                            assertThatExceptionOfType(InterruptedException.class)
                                    .isThrownBy(() -> map.tryLock(key(PRESENT), wait))
                                    .withMessageContaining(key(PRESENT).toString());
                            assertThat(Thread.interrupted()).isFalse();
                            return null;
                        })
                        .result();
                assertFree(map, key(PRESENT));
            }
        }
    }

    @Test
    void anInterruptEndsATimedWaitAndThoseBehindComeToTheirTurn() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads();
                Hold hold = new Hold(crew, map, Means.LOCK, key(PRESENT), value(NEW))) {
            Crew.Job<@Nullable Object> first = crew.start(() -> map.put(key(PRESENT), value(NEW + 1)));
            first.awaitWaiting();
            Crew.Job<@Nullable Object> interrupted = crew.start(() -> {
                assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> map.tryLock(key(PRESENT), LONG));
                assertThat(Thread.interrupted()).isFalse();
                return map.get(key(PRESENT));
            });
            interrupted.awaitWaiting();
            Crew.Job<@Nullable Object> timed = crew.start(() -> map.tryLock(key(PRESENT), Duration.ofMillis(1)));
            Crew.Job<@Nullable Object> last = crew.start(() -> map.merge(key(PRESENT), value(0), (v, w) -> v));
            last.awaitWaiting();
            interrupted.thread.interrupt();
            assertThat(interrupted.result()).isEqualTo(value(PRESENT));
            assertThat(timed.result()).isNull();
            hold.release();
            assertThat(first.result()).isEqualTo(value(NEW));
            last.result();
        }
        assertFree(map, key(PRESENT));
        assertThat(map.get(key(PRESENT))).isEqualTo(value(NEW + 1));
    }

    /** Waits end while the key is given back, so that some waiters are woken as they leave: the key is never lost. */
    @Test
    void waitersThatGiveUpLoseNoKey() throws InterruptedException {
        int threads = 4;
        int rounds = 200;
        ShardedMap<Object, Object> map = open();
        AtomicInteger taken = new AtomicInteger();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                for (int round = 0; round < rounds; round++) {
                    try (LockedEntry<Object, Object> entry = map.tryLock(key(1), Duration.ofNanos(round * 500L))) {
                        if (entry != null) {
                            Object value = entry.value();
                            Thread.onSpinWait();
                            entry.setValue(value == null ? value(1) : plus(value, 1));
                            taken.incrementAndGet();
                        }
                    }
                }
            });
        }
        assertFree(map, key(1));
        assertThat(map.get(key(1))).isEqualTo(value(taken.get()));
    }

    @Test
    void interruptedWaitersLoseNoKey() throws InterruptedException {
        int rounds = 50;
        ShardedMap<Object, Object> map = open();
        for (int round = 0; round < rounds; round++) {
            try (Crew crew = Crew.ofPlatformThreads()) {
                LockedEntry<Object, Object> entry = map.lock(key(1));
                Crew.Job<Boolean> waiter = crew.start(() -> {
                    try (LockedEntry<Object, Object> mine = map.tryLock(key(1), LONG)) {
                        return mine != null;
                    } catch (InterruptedException e) {
                        return false;
                    }
                });
                Crew.Job<@Nullable Object> behind = crew.start(() -> map.put(key(1), value(1)));
                waiter.awaitWaiting();
                waiter.thread.interrupt();
                entry.close();
                waiter.result();
                behind.result();
            }
        }
        assertFree(map, key(1));
    }

    // ---- what is left

    @Test
    void anAbsentKeyThatWasLockedLeavesNothing() throws InterruptedException {
        int count = atMostPlenty(1_000);
        ShardedMap<Object, Object> map = filled(ENTRIES);
        long bytes = 0;
        for (int round = 0; round < 3; round++) {
            for (int i = ENTRIES; i < ENTRIES + count; i++) {
                map.lock(key(i)).close();
                requireNonNull(map.tryLock(key(i))).close();
                requireNonNull(map.tryLock(key(i), LONG)).close();
            }
            map.lockAll(IntStream.range(ENTRIES, ENTRIES + Math.min(count, 128))
                            .mapToObj(this::key)
                            .toList())
                    .close();
            assertThat(map.mappingCount()).isEqualTo(ENTRIES);
            if (round > 0) { // the first may have touched shards that did not exist
                assertThat(map.shards().bytes()).isEqualTo(bytes);
            }
            bytes = map.shards().bytes();
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
    }

    @Test
    void whatWasSetSurvivesTheGrowthOfTheShard() throws InterruptedException {
        int count = plenty();
        ShardedMap<Object, Object> map = filled(10);
        List<LockedEntry<Object, Object>> entries = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            entries.add(map.lock(key(i)));
            entries.add(map.lock(key(10 + i)));
        }
        for (LockedEntry<Object, Object> entry : entries.subList(0, 10)) {
            change(entry);
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 20; i < count; i++) {
                map.put(key(i), value(i));
            }
            for (int i = 0; i < 10; i++) {
                assertThat(map.get(key(i))).isEqualTo(value(i));
                assertThat(map.get(key(10 + i))).isNull();
            }
            assertThat(map.mappingCount()).isEqualTo(count - 10);
            for (int i = 20; i < count && round == 0; i++) {
                map.remove(key(i));
            }
        }
        for (LockedEntry<Object, Object> entry : entries.subList(10, 20)) {
            change(entry);
        }
        for (LockedEntry<Object, Object> entry : entries) {
            entry.close();
        }
        for (int i = 0; i < 20; i++) {
            assertThat(map.get(key(i))).isEqualTo(i % 2 == 0 ? value(NEW + i) : null);
        }
        assertThat(map.mappingCount()).isEqualTo(count - 10);
        assertFree(map, IntStream.range(0, 20).mapToObj(this::key).toArray());
    }

    private void change(LockedEntry<Object, Object> entry) {
        int number = numberOfKey(entry.key());
        if (number % 2 == 0) {
            entry.setValue(value(NEW + number));
        } else {
            entry.remove();
        }
    }

    // ---- order

    /** Of threads that want one key all the time, each comes to its turn again and again. */
    @Test
    void nobodyStarves() throws InterruptedException {
        int threads = 8;
        int share = 60;
        ShardedMap<Object, Object> map = open();
        AtomicIntegerArray turns = new AtomicIntegerArray(threads);
        AtomicInteger satisfied = new AtomicInteger();
        int all = 0;
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                while (satisfied.get() < threads) {
                    try (LockedEntry<Object, Object> entry = map.lock(key(1))) {
                        int turn = turns.get(index) + 1;
                        turns.set(index, turn);
                        if (turn % 10 == 1) {
                            entry.setValue(value(index));
                        }
                        if (turn == share) {
                            satisfied.incrementAndGet();
                        }
                    }
                }
            });
            for (int i = 0; i < threads; i++) {
                assertThat(turns.get(i)).isGreaterThanOrEqualTo(share);
                all += turns.get(i);
            }
        }
        assertThat(all).isGreaterThanOrEqualTo(threads * share);
    }

    /** Somebody who takes a key again and again lets a waiter have it after a while. */
    @Test
    void aWaiterIsOvertakenSomeTimesOnly() throws InterruptedException {
        int bound = 1_000_000; // as many as fit into some milliseconds, many times over
        for (int round = 0; round < 3; round++) {
            ShardedMap<Object, Object> map = open();
            try (Crew crew = Crew.ofPlatformThreads()) {
                LockedEntry<Object, Object> entry = map.lock(key(1));
                Crew.Job<@Nullable Object> waiter = crew.start(() -> map.put(key(1), value(1)));
                waiter.awaitWaiting();
                int turns = 0;
                while (!map.containsKey(key(1))) {
                    entry.close();
                    entry = map.lock(key(1));
                    assertThat(++turns).isLessThan(bound);
                }
                entry.close();
                assertThat(waiter.result()).isNull();
            }
        }
    }

    // ---- several keys

    @Test
    void severalKeysShowWhatIsSetInThem() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        List<Object> keys = List.of(key(7), key(ABSENT), key(3), key(7), key(5), key(3), key(ABSENT + 1));
        List<Object> distinct = List.of(key(7), key(ABSENT), key(3), key(5), key(ABSENT + 1));
        try (LockedEntries<Object, Object> entries = map.lockAll(keys)) {
            assertThat(entries.size()).isEqualTo(5);
            List<Object> seen = new ArrayList<>();
            entries.forEach(entry -> seen.add(entry.key()));
            assertThat(seen).isEqualTo(distinct);
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> entries.iterator().remove());
            assertThat(entries.get(key(3))).isSameAs(entries.get(key(3)));
            assertThat(entries.value(key(3))).isEqualTo(value(3));
            assertThat(entries.value(key(ABSENT))).isNull();
            for (Object key : distinct) {
                assertHeldByAnother(map, key);
            }
            entries.get(key(3)).setValue(value(NEW));
            entries.get(key(5)).remove();
            entries.get(key(ABSENT)).setValue(value(NEW + 1));
            entries.get(key(ABSENT + 1)).remove();
            assertThat(entries.value(key(3))).isEqualTo(value(NEW));
            entries.get(key(7)).close(); // the group's matter
            assertThat(entries.value(key(7))).isEqualTo(value(7));
            assertHeldByAnother(map, key(7));
            assertThat(map.equals(model(ENTRIES))).isTrue();
        }
        Map<Object, Object> expected = model(ENTRIES);
        expected.put(key(3), value(NEW));
        expected.remove(key(5));
        expected.put(key(ABSENT), value(NEW + 1));
        assertThat(map.equals(expected)).isTrue();
        assertFree(map, distinct.toArray());
    }

    @Test
    void aKeyThatIsNoneOfThemIsRefusedByName() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (LockedEntries<Object, Object> entries = map.lockAll(List.of(key(1), key(2)))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> entries.get(key(3)))
                    .withMessageContaining(key(3).toString());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> entries.value(key(ABSENT)))
                    .withMessageContaining(key(ABSENT).toString());
        }
    }

    @Test
    void noKeysAtAll() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (LockedEntries<Object, Object> entries = map.lockAll(List.of())) {
            assertThat(entries.size()).isZero();
            assertThat(entries.iterator().hasNext()).isFalse();
            entries.discard();
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
    }

    @Test
    void discardOfAllLeavesEveryEntryAndHoldsTheKeys() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        List<Object> keys = List.of(key(ABSENT), key(2), key(1));
        try (LockedEntries<Object, Object> entries = map.lockAll(keys)) {
            entries.forEach(entry -> entry.setValue(value(NEW)));
            entries.discard();
            assertThat(entries.value(key(1))).isEqualTo(value(1));
            assertThat(entries.value(key(ABSENT))).isNull();
            for (Object key : keys) {
                assertHeldByAnother(map, key);
            }
            entries.get(key(2)).setValue(value(NEW));
            entries.get(key(1)).setValue(value(NEW));
            entries.get(key(1)).discard();
        }
        Map<Object, Object> expected = model(ENTRIES);
        expected.put(key(2), value(NEW));
        assertThat(map.equals(expected)).isTrue();
    }

    @Test
    void closingAllTwiceAndUseAfterwards() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        LockedEntries<Object, Object> entries = map.lockAll(List.of(key(1), key(ABSENT)));
        LockedEntry<Object, Object> one = entries.get(key(1));
        one.setValue(value(NEW));
        entries.close();
        try (LockedEntries<Object, Object> others = map.lockAll(List.of(key(ABSENT), key(1)))) {
            others.get(key(1)).setValue(value(1));
            entries.close();
            one.close();
            assertHeldByAnother(map, key(1));
        }
        assertThat(one.key()).isEqualTo(key(1));
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                one::value, () -> one.setValue(value(NEW)), one::remove, one::discard, () -> entries.value(key(1)))) {
            assertThatIllegalStateException().isThrownBy(use).withMessageContaining(key(1).toString());
        }
        assertThatIllegalStateException().isThrownBy(entries::discard);
        assertThat(entries.size()).isEqualTo(2);
        assertThat(map.equals(model(ENTRIES))).isTrue();
    }

    @Test
    void whereOneKeyIsOnesOwnNoneIsTaken() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (int own : new int[] {3, ABSENT}) {
            try (LockedEntry<Object, Object> entry = map.lock(key(own))) {
                List<Object> keys = List.of(key(1), key(2), key(own), key(4), key(5), key(ABSENT + 1));
                assertThatIllegalStateException()
                        .isThrownBy(() -> map.lockAll(keys))
                        .withMessageContaining(key(own).toString());
                assertFree(map, key(1), key(2), key(4), key(5), key(ABSENT + 1));
                assertHeldByAnother(map, key(own));
                assertThat(entry.isPresent()).isEqualTo(own == 3);
            }
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
    }

    @Test
    void lockAllWaitsForTheKeysThatAreHeld() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads();
                Hold one = new Hold(crew, map, Means.LOCK, key(2), value(NEW));
                Hold other = new Hold(crew, map, Means.COMPUTE, key(ABSENT), value(NEW))) {
            Crew.Job<@Nullable Object> all = crew.start(() -> {
                try (LockedEntries<Object, Object> entries =
                        map.lockAll(List.of(key(1), key(2), key(3), key(ABSENT), key(4)))) {
                    for (LockedEntry<Object, Object> entry : entries) {
                        entry.setValue(plus(requireNonNull(entry.value()), 1));
                    }
                    return entries.value(key(ABSENT));
                }
            });
            all.awaitWaiting();
            one.release();
            other.release();
            assertThat(all.result()).isEqualTo(value(NEW + 1));
        }
        assertThat(map.get(key(2))).isEqualTo(value(NEW + 1));
        assertThat(map.get(key(4))).isEqualTo(value(5));
    }

    /** However the keys are ordered, and however their hashes collide, nobody waits in a circle and no change is lost. */
    @Test
    void threadsThatLockTheSameKeysInAnyOrder() throws InterruptedException {
        int threads = 4;
        int rounds = 30;
        int count = 24;
        ShardedMap<Object, Object> map = open();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                List<Object> keys = new ArrayList<>(
                        IntStream.range(0, count).mapToObj(this::key).toList());
                for (int round = 0; round < rounds; round++) {
                    Collections.rotate(keys, index * 5 + 1);
                    if (round % 2 == index % 2) {
                        Collections.reverse(keys);
                    }
                    List<Object> some = keys.subList(0, count - index);
                    try (LockedEntries<Object, Object> entries = map.lockAll(some)) {
                        for (LockedEntry<Object, Object> entry : entries) {
                            Object value = entry.value();
                            entry.setValue(value == null ? value(1) : plus(value, 1));
                        }
                    }
                    map.computeIfPresent(some.getFirst(), (key, value) -> value);
                }
            });
        }
        int sum = map.values().stream().mapToInt(this::numberOfValue).sum();
        assertThat(sum)
                .isEqualTo(IntStream.range(0, threads)
                        .map(i -> rounds * (count - i))
                        .sum());
    }

    @Test
    void manyKeysAtOnce() throws InterruptedException {
        int count = atMostPlenty(5_000);
        ShardedMap<Object, Object> map = filled(count / 2);
        List<Object> keys =
                new ArrayList<>(IntStream.range(0, count).mapToObj(this::key).toList());
        Collections.reverse(keys);
        try (LockedEntries<Object, Object> entries = map.lockAll(keys)) {
            assertThat(entries.size()).isEqualTo(count);
            for (LockedEntry<Object, Object> entry : entries) {
                int number = numberOfKey(entry.key());
                assertThat(entry.isPresent()).isEqualTo(number < count / 2);
                if (number < count / 2) {
                    entry.remove();
                } else {
                    entry.setValue(value(number));
                }
            }
            assertHeldByAnother(map, key(count - 1));
            assertThat(map.mappingCount()).isEqualTo(count / 2);
        }
        Map<Object, Object> expected = new HashMap<>();
        for (int i = count / 2; i < count; i++) {
            expected.put(key(i), value(i));
        }
        assertThat(map.equals(expected)).isTrue();
        assertFree(map, key(0), key(count - 1));
    }

    // ---- looking from outside

    /** Another thread than the test's does something, and has done it on return. */
    private static void elsewhere(Consumer<Crew> body) throws InterruptedException {
        try (Crew crew = Crew.ofPlatformThreads()) {
            body.accept(crew);
        }
    }

    private static void assertHeldByAnother(ShardedMap<Object, Object> map, Object key) throws InterruptedException {
        elsewhere(crew -> crew.start(() -> {
            assertThat(map.tryLock(key)).as("%s is held", key).isNull();
            return null;
        }));
    }

    private static void assertFree(ShardedMap<Object, Object> map, Object... keys) throws InterruptedException {
        elsewhere(crew -> crew.start(() -> {
            for (Object key : keys) {
                LockedEntry<Object, Object> entry = map.tryLock(key);
                assertThat(entry).as("%s is free", key).isNotNull();
                requireNonNull(entry).close();
            }
            return null;
        }));
    }
}
