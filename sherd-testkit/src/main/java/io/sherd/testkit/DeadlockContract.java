package io.sherd.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.KeyDeadlockException;
import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Of holders that would wait for one another for ever, the one that comes last is told so, and the others finish. */
public abstract class DeadlockContract extends MapContract {
    private static final int ENTRIES = 20;
    private static final int NEW = 70;

    /** For implementations. */
    protected DeadlockContract() {}

    /** A key of a map. */
    record Place(ShardedMap<Object, Object> map, Object key) {}

    /** A thread that holds one key by some means, and then wants another. */
    private static final class Wanting {
        private final CountDownLatch go = new CountDownLatch(1);
        private final CountDownLatch asks = new CountDownLatch(1);
        private final Crew.Job<@Nullable KeyDeadlockException> job;

        Wanting(Crew crew, Means means, Place held, Place wanted, Means how, @Nullable Object result)
                throws InterruptedException {
            CountDownLatch holds = new CountDownLatch(1);
            job = crew.start(() -> {
                KeyDeadlockException[] caught = new KeyDeadlockException[1];
                means.apply(held.map, held.key, () -> {
                    holds.countDown();
                    try {
                        go.await();
                        asks.countDown();
                        how.apply(wanted.map, wanted.key, () -> result);
                    } catch (KeyDeadlockException deadlock) {
                        caught[0] = deadlock;
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return result;
                });
                return caught[0];
            });
            holds.await();
        }

        /** Returns when it waits for the key that it wants. */
        void goAndWait() throws InterruptedException {
            go.countDown();
            asks.await(); // else it could still be seen to wait for the word to go
            job.awaitWaitingForKey();
        }
    }

    /**
     * Holds each place by a thread of its own that then wants the next one, in a circle; all but the last wait already when that
     * begins to. Sees that the last is told, and what it is told.
     */
    private void circle(Crew crew, List<Means> holding, List<Means> wanting, List<Place> places)
            throws InterruptedException {
        int size = places.size();
        List<Wanting> all = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            all.add(new Wanting(
                    crew,
                    holding.get(i % holding.size()),
                    places.get(i),
                    places.get((i + 1) % size),
                    wanting.get(i % wanting.size()),
                    value(NEW)));
        }
        for (Wanting waiter : all.subList(0, size - 1)) {
            waiter.goAndWait();
        }
        Wanting last = all.getLast();
        last.go.countDown();
        KeyDeadlockException deadlock = requireNonNull(last.job.result(), "the last is told");
        assertThat(deadlock.keys()).isEqualTo(places.stream().map(Place::key).toList());
        assertThat(deadlock.owners()).hasSize(size);
        for (int i = 0; i < size; i++) {
            assertThat(deadlock)
                    .hasMessageContaining(places.get(i).key().toString())
                    .hasMessageContaining(deadlock.owners().get(i));
            assertThat(deadlock.owners().get(i))
                    .contains(all.get(i).job.thread.getName())
                    .contains(Long.toString(all.get(i).job.thread.threadId()));
        }
        for (Wanting waiter : all.subList(0, size - 1)) {
            assertThat(waiter.job.result()).as("the others finish").isNull();
        }
        for (Place place : places) {
            LockedEntry<Object, Object> entry = place.map.tryLock(place.key);
            requireNonNull(entry, "the keys are free").close();
            assertThat(place.map.get(place.key)).isEqualTo(value(NEW));
        }
    }

    @Test
    void twoHolders() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        for (Means means : Means.forPresent()) {
            try (Crew crew = Crew.ofPlatformThreads()) {
                circle(crew, List.of(means), Means.forPresent(), List.of(at(map, 1), at(map, 2)));
            }
        }
    }

    @Test
    void whoIsToldGoesOnAndABystanderGetsItsTurn() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        Object one = key(1);
        Object other = key(2);
        try (Crew crew = Crew.ofPlatformThreads()) {
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch asks = new CountDownLatch(1);
            Crew.Job<@Nullable Object> first = crew.start(() -> {
                try (LockedEntry<Object, Object> entry = map.lock(one)) {
                    held.countDown();
                    go.await();
                    asks.countDown();
                    map.put(other, value(NEW));
                    entry.setValue(value(NEW));
                    return null;
                }
            });
            held.await();
            Crew.Job<@Nullable Object> bystander;
            try (LockedEntry<Object, Object> mine = map.lock(other)) {
                go.countDown();
                asks.await(); // else it could still be seen to wait for the word to go
                first.awaitWaiting();
                bystander = crew.start(() -> {
                    try (LockedEntry<Object, Object> entry = map.lock(one)) {
                        return entry.value();
                    }
                });
                bystander.awaitWaiting();
                assertThatExceptionOfType(KeyDeadlockException.class).isThrownBy(() -> map.lock(one));
                // whoever is told holds what it held, may take other keys, and may ask for the same one in another way
                assertThat(map.tryLock(one)).isNull();
                map.put(key(3), value(NEW));
                mine.setValue(value(NEW + 1));
            }
            first.result();
            assertThat(bystander.result()).isEqualTo(value(NEW));
        }
        assertThat(map.get(one)).isEqualTo(value(NEW));
        assertThat(map.get(other)).as("written after the one who was told").isEqualTo(value(NEW));
        assertThat(map.get(key(3))).isEqualTo(value(NEW));
        requireNonNull(map.tryLock(one), "free").close();
        requireNonNull(map.tryLock(other), "free").close();
    }

    @Test
    void ofAbsentKeys() throws InterruptedException {
        for (Means means : List.of(Means.LOCK, Means.COMPUTE)) {
            ShardedMap<Object, Object> map = open();
            try (Crew crew = Crew.ofPlatformThreads()) {
                circle(crew, List.of(means), List.of(Means.LOCK, Means.COMPUTE), List.of(at(map, 1), at(map, 2)));
            }
        }
    }

    @Test
    void aRing() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        List<Place> places = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            places.add(at(map, i));
            if (i >= 3) {
                try (Crew crew = Crew.ofPlatformThreads()) {
                    circle(crew, List.of(Means.LOCK), List.of(Means.LOCK), places);
                }
            }
        }
    }

    @Test
    void lockAndFunctionsMixed() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads()) {
            circle(
                    crew,
                    List.of(Means.LOCK, Means.COMPUTE, Means.MERGE, Means.LOCK, Means.COMPUTE_IF_PRESENT),
                    List.of(Means.COMPUTE, Means.LOCK, Means.LOCK, Means.MERGE),
                    List.of(at(map, 5), at(map, 3), at(map, 4), at(map, 1), at(map, 2)));
        }
    }

    @Test
    void acrossMaps() throws InterruptedException {
        ShardedMap<Object, Object> one = filled(ENTRIES);
        ShardedMap<Object, Object> other = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads()) {
            circle(crew, List.of(Means.LOCK), List.of(Means.LOCK), List.of(at(one, 1), at(other, 1)));
            circle(
                    crew,
                    List.of(Means.LOCK, Means.COMPUTE),
                    List.of(Means.COMPUTE, Means.LOCK),
                    List.of(at(one, 1), at(other, 2), at(one, 3)));
        }
    }

    @Test
    void virtualThreads() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofVirtualThreads()) {
            circle(
                    crew,
                    List.of(Means.LOCK, Means.COMPUTE),
                    List.of(Means.LOCK),
                    List.of(at(map, 4), at(map, 2), at(map, 3)));
        }
    }

    /** The writes that are no functions wait for keys too. */
    @Test
    void aWriteThatWouldWaitForEver() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        List<Runnable> writes = List.of(
                () -> map.put(key(1), value(3)),
                () -> map.remove(key(1)),
                () -> map.replace(key(1), value(3)),
                () -> map.removeAll(List.of(key(1))),
                () -> map.removeIf((k, v) -> k.equals(key(1))),
                () -> map.lockAll(List.of(key(4), key(1), key(5))).close());
        for (Runnable write : writes) {
            try (Crew crew = Crew.ofPlatformThreads()) {
                Wanting other;
                try (LockedEntry<Object, Object> mine = map.lock(key(2))) {
                    other = new Wanting(crew, Means.LOCK, at(map, 1), at(map, 2), Means.LOCK, value(NEW));
                    other.goAndWait();
                    KeyDeadlockException deadlock = null;
                    try {
                        write.run();
                    } catch (KeyDeadlockException e) {
                        deadlock = e;
                    }
                    assertThat(requireNonNull(deadlock).keys()).containsExactly(key(1), key(2));
                    assertThat(map.get(key(1))).as("nothing was written").isEqualTo(value(1));
                    for (int free : new int[] {4, 5}) {
                        requireNonNull(map.tryLock(key(free))).close();
                    }
                    assertThat(mine.value()).as("what it held it holds still").isEqualTo(value(2));
                }
                assertThat(other.job.result()).isNull();
            }
            refill(map, ENTRIES);
        }
    }

    /** A wait that ends by itself is no deadlock. */
    @Test
    void aTimedWaitIsNoPartOfADeadlock() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads()) {
            Wanting other;
            try (LockedEntry<Object, Object> mine = map.lock(key(2))) {
                other = new Wanting(crew, Means.LOCK, at(map, 1), at(map, 2), Means.LOCK, value(NEW));
                other.goAndWait();
                assertThat(map.tryLock(key(1), Duration.ofMillis(2))).isNull();
                assertThat(map.tryLock(key(1))).isNull();
                assertThat(mine.value()).isEqualTo(value(2));
            }
            assertThat(other.job.result()).isNull();
        }
    }

    /** Waiting in a row is no deadlock. */
    @Test
    void aChainWithoutACircleIsNone() throws InterruptedException {
        int length = 6;
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads()) {
            LockedEntry<Object, Object> end = map.lock(key(0));
            List<Wanting> chain = new ArrayList<>();
            for (int i = 1; i < length; i++) {
                chain.add(new Wanting(crew, Means.LOCK, at(map, i), at(map, i - 1), Means.LOCK, value(NEW)));
            }
            for (Wanting waiter : chain) {
                waiter.goAndWait();
            }
            end.close();
            for (Wanting waiter : chain) {
                assertThat(waiter.job.result()).isNull();
            }
        }
    }

    /** Whoever is told gives back what it holds, and tries again: all come to an end, whoever is last each time. */
    @Test
    void racingThreadsThatTryAgain() throws InterruptedException {
        int threads = 3;
        int rounds = 10;
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AtomicInteger told = new AtomicInteger();
        CyclicBarrier both = new CyclicBarrier(threads);
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                for (int round = 0; round < rounds; round++) {
                    boolean first = true;
                    for (boolean done = false; !done; ) {
                        try (LockedEntry<Object, Object> one = map.lock(key(index))) {
                            if (first) {
                                first = false;
                                both.await();
                            }
                            try (LockedEntry<Object, Object> next = map.lock(key((index + 1) % threads))) {
                                next.setValue(plus(requireNonNull(next.value()), 1));
                                one.setValue(plus(requireNonNull(one.value()), 1));
                                done = true;
                            } catch (KeyDeadlockException deadlock) {
                                told.incrementAndGet();
                            }
                        }
                    }
                    both.await();
                }
            });
        }
        assertThat(told.get()).isGreaterThanOrEqualTo(rounds);
        for (int i = 0; i < threads; i++) {
            assertThat(map.get(key(i))).isEqualTo(value(i + 2 * rounds));
        }
    }

    /** Several keys by one call never make a circle, only keys that were held before do. */
    @Test
    void lockAllMakesNoCircleByItself() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(4, index -> {
                for (int round = 0; round < 100; round++) {
                    Object one = key((index + round) % 4);
                    Object other = key((index + 2 * round + 1) % 4);
                    try (LockedEntries<Object, Object> entries = map.lockAll(List.of(one, other))) {
                        entries.get(other).setValue(value(round % 50));
                    }
                }
            });
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> {
                try (LockedEntry<Object, Object> entry = map.lock(key(1))) {
                    map.lockAll(List.of(key(0), entry.key()));
                }
            });
        }
    }

    private Place at(ShardedMap<Object, Object> map, int number) {
        return new Place(map, key(number));
    }
}
