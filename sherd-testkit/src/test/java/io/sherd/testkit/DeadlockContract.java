package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.KeyDeadlockException;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Threads that hold keys and wait for one another's: the one that would close the cycle is told, and the others go on.
 *
 * <p>Heap maps only so far; it becomes a suite of the testkit when every map finds such cycles.
 */
abstract class DeadlockContract extends MapContract {
    private static final int ENTRIES = 20;

    /** A write of another thread's key, inside a function. */
    private record Asking(String name, Write write) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    private interface Write {
        void to(ShardedMap<Object, Object> map, Object key);
    }

    private static Asking asking(String name, Write write) {
        return new Asking(name, write);
    }

    /** One that changes nothing, so that the outcome does not depend on who is told. */
    private List<Asking> askings() {
        return List.of(
                asking("put", (map, key) -> {
                    Object old = map.get(key);
                    map.put(key, Objects.requireNonNull(old));
                }),
                asking("replace", (map, key) -> map.replace(key, Objects.requireNonNull(map.get(key)))),
                asking("remove and put back", (map, key) -> map.put(key, Objects.requireNonNull(map.remove(key)))),
                asking("compareAndExchange", (map, key) -> {
                    Object old = map.get(key);
                    map.compareAndExchange(key, old, old);
                }),
                asking("compute", (map, key) -> map.compute(key, (k, old) -> old)),
                asking("computeIfPresent", (map, key) -> map.computeIfPresent(key, (k, old) -> old)),
                asking("merge", (map, key) -> map.merge(key, value(0), (old, given) -> old)),
                asking(
                        "putAll",
                        (map, key) -> map.putAll(Collections.singletonMap(key, Objects.requireNonNull(map.get(key))))));
    }

    /** What a thread of a ring got: the exception, or null. */
    private record Outcome(Thread thread, int key, @Nullable KeyDeadlockException told) {}

    /**
     * Thread number i holds key i of map i, and then asks for the key of the next; the last asks for that of the first. Returns when
     * all are done.
     */
    private List<Outcome> ring(
            Crew crew, List<ShardedMap<Object, Object>> maps, List<Integer> keys, Means means, Asking asking)
            throws InterruptedException {
        int count = maps.size();
        CyclicBarrier allHold = new CyclicBarrier(count);
        List<Crew.Job<Outcome>> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int mine = i;
            int next = (i + 1) % count;
            jobs.add(crew.start(() -> {
                KeyDeadlockException told = null;
                try {
                    means.apply(maps.get(mine), key(keys.get(mine)), () -> {
                        await(allHold);
                        asking.write.to(maps.get(next), key(keys.get(next)));
                        return value(50 + mine);
                    });
                } catch (KeyDeadlockException e) {
                    told = e;
                }
                return new Outcome(Thread.currentThread(), mine, told);
            }));
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Crew.Job<Outcome> job : jobs) {
            outcomes.add(job.result());
        }
        return outcomes;
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** One was told, who holds what; the others have written. No key is held any more. */
    private void check(
            List<Outcome> outcomes,
            List<ShardedMap<Object, Object>> maps,
            List<Integer> keys,
            Function<Integer, @Nullable Object> before) {
        int count = outcomes.size();
        assertThat(outcomes.stream().filter(outcome -> outcome.told != null).count())
                .as("threads that were told")
                .isEqualTo(1);
        for (Outcome outcome : outcomes) {
            Object now = maps.get(outcome.key).get(key(keys.get(outcome.key)));
            if (outcome.told == null) {
                assertThat(now).as("written by thread %s", outcome.key).isEqualTo(value(50 + outcome.key));
                continue;
            }
            assertThat(now)
                    .as("left by thread %s, which was told", outcome.key)
                    .isEqualTo(before.apply(keys.get(outcome.key)));
            List<Object> expectedKeys = new ArrayList<>();
            List<String> expectedOwners = new ArrayList<>();
            for (int step = 1; step <= count; step++) {
                int at = (outcome.key + step) % count;
                expectedKeys.add(key(keys.get(at)));
                expectedOwners.add(outcomes.get(at).thread.getName());
            }
            assertTells(outcome.told, expectedKeys, expectedOwners);
        }
        for (int i = 0; i < count; i++) {
            Object key = key(keys.get(i));
            maps.get(i).put(key, value(1)); // if it was held still, this would wait for ever
            assertThat(maps.get(i).compute(key, (k, old) -> plus(Objects.requireNonNull(old), 1)))
                    .isEqualTo(value(2));
        }
    }

    private static void assertTells(KeyDeadlockException told, List<Object> keys, List<String> owners) {
        assertThat(told.keys()).isEqualTo(keys);
        assertThat(told.owners()).hasSameSizeAs(owners);
        for (int i = 0; i < owners.size(); i++) {
            assertThat(told.owners().get(i)).as("owner of key %s", keys.get(i)).contains(owners.get(i));
        }
        for (Object key : keys) {
            assertThat(told).hasMessageContaining("key " + key);
        }
        for (String owner : told.owners().subList(0, owners.size() - 1)) {
            assertThat(told).hasMessageContaining(owner);
        }
        assertThat(told).hasMessageContaining("held by the caller");
    }

    private @Nullable Object valueBefore(int key) {
        return key < ENTRIES ? value(key) : null;
    }

    @Test
    void ofTwoThreadsThatAskCrosswiseOneIsTold() throws InterruptedException {
        for (Asking asking : askings()) {
            for (Means means : Means.forPresent()) {
                ShardedMap<Object, Object> map = filled(ENTRIES);
                List<ShardedMap<Object, Object>> maps = List.of(map, map);
                List<Integer> keys = List.of(1, 2);
                try (Crew crew = Crew.ofPlatformThreads()) {
                    check(ring(crew, maps, keys, means, asking), maps, keys, this::valueBefore);
                }
                assertThat(map).hasSize(ENTRIES);
            }
        }
    }

    @Test
    void absentKeysAreHeldLikeOthers() throws InterruptedException {
        Asking merge = asking("merge", (map, key) -> map.merge(key, value(0), (old, given) -> old));
        for (Means means : Means.forAbsent()) {
            ShardedMap<Object, Object> map = filled(ENTRIES);
            List<ShardedMap<Object, Object>> maps = List.of(map, map);
            List<Integer> keys = List.of(40, 41);
            try (Crew crew = Crew.ofPlatformThreads()) {
                List<Outcome> outcomes = ring(crew, maps, keys, means, merge);
                // the thread that went on asked for the key of the one that was told, and found it absent
                check(outcomes, maps, keys, key -> value(0));
            }
        }
    }

    @Test
    void aRingOfAnyLengthIsFound() throws InterruptedException {
        Asking compute = asking("compute", (map, key) -> map.compute(key, (k, old) -> old));
        for (int length : new int[] {3, 4, 9}) {
            for (int round = 0; round < 5; round++) {
                ShardedMap<Object, Object> map = filled(ENTRIES);
                List<ShardedMap<Object, Object>> maps = Collections.nCopies(length, map);
                List<Integer> keys = new ArrayList<>();
                for (int i = 0; i < length; i++) {
                    keys.add(i);
                }
                try (Crew crew = Crew.ofPlatformThreads()) {
                    check(ring(crew, maps, keys, Means.MERGE, compute), maps, keys, this::valueBefore);
                }
            }
        }
    }

    @Test
    void aRingThroughSeveralMapsIsFound() throws InterruptedException {
        Asking merge = asking("merge", (map, key) -> map.merge(key, value(0), (old, given) -> old));
        for (int length : new int[] {2, 3}) {
            List<ShardedMap<Object, Object>> maps = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                maps.add(filled(ENTRIES));
            }
            List<Integer> keys = Collections.nCopies(length, 1);
            try (Crew crew = Crew.ofPlatformThreads()) {
                check(ring(crew, maps, keys, Means.COMPUTE, merge), maps, keys, this::valueBefore);
            }
        }
    }

    @Test
    void virtualThreadsAreFoundToo() throws InterruptedException {
        Asking merge = asking("merge", (map, key) -> map.merge(key, value(0), (old, given) -> old));
        ShardedMap<Object, Object> map = filled(ENTRIES);
        List<ShardedMap<Object, Object>> maps = List.of(map, map, map);
        List<Integer> keys = List.of(1, 2, 3);
        try (Crew crew = Crew.ofVirtualThreads()) {
            check(ring(crew, maps, keys, Means.COMPUTE_IF_PRESENT, merge), maps, keys, this::valueBefore);
        }
    }

    /** The function that is told may go on: what it holds, it holds still, and its result is written. */
    @Test
    void whoIsToldMayGoOn() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AtomicInteger told = new AtomicInteger();
        CyclicBarrier bothHold = new CyclicBarrier(2);
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(
                    2,
                    mine -> map.compute(key(mine), (key, old) -> {
                        await(bothHold);
                        try {
                            map.put(key(1 - mine), value(90));
                        } catch (KeyDeadlockException e) {
                            told.incrementAndGet();
                            map.put(key(10), value(91)); // other keys can be written as before
                            assertThatThrownBy(() -> map.put(key(mine), value(92)))
                                    .isInstanceOf(IllegalStateException.class)
                                    .isNotInstanceOf(KeyDeadlockException.class);
                        }
                        return value(50 + mine);
                    }));
        }
        assertThat(told.get()).isEqualTo(1);
        assertThat(map.get(key(10))).isEqualTo(value(91));
        // one function wrote the other's key after that had returned
        assertThat(List.of(map.get(key(0)), map.get(key(1))))
                .isIn(List.of(value(50), value(90)), List.of(value(90), value(51)));
    }

    /** Who waits for a key of a ring, but holds none, is not told. */
    @Test
    void aBystanderGetsItsTurn() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        CountDownLatch bystandersWait = new CountDownLatch(1);
        CyclicBarrier bothHold = new CyclicBarrier(3);
        AtomicInteger told = new AtomicInteger();
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int i = 0; i < 2; i++) {
                int mine = i;
                crew.start(() -> {
                    try {
                        return map.compute(key(mine), (key, old) -> {
                            await(bothHold);
                            await(bystandersWait);
                            map.merge(key(1 - mine), value(0), (value, given) -> plus(value, 1));
                            return plus(Objects.requireNonNull(old), 1);
                        });
                    } catch (KeyDeadlockException e) {
                        told.incrementAndGet();
                        return null;
                    }
                });
            }
            await(bothHold);
            List<Crew.Job<@Nullable Object>> bystanders = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int key = i % 2;
                bystanders.add(crew.start(() -> map.merge(key(key), value(0), (value, given) -> plus(value, 1))));
            }
            bystanders.forEach(Crew.Job::awaitWaiting);
            bystandersWait.countDown();
            for (Crew.Job<@Nullable Object> bystander : bystanders) {
                assertThat(bystander.result()).isNotNull();
            }
        }
        assertThat(told.get()).isEqualTo(1);
        // two bystanders each; the thread that was not told has added one to both
        assertThat(map.get(key(0))).isEqualTo(value(3));
        assertThat(map.get(key(1))).isEqualTo(value(4));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A chain of threads each of which waits for the next is no ring: nobody is told. */
    @Test
    void aChainIsNoRing() throws InterruptedException {
        int length = 6;
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads();
                Hold end = new Hold(crew, map, Means.COMPUTE, key(length), value(0))) {
            List<Crew.Job<@Nullable Object>> chain = new ArrayList<>();
            for (int i = length - 1; i >= 0; i--) {
                int mine = i;
                Crew.Job<@Nullable Object> job = crew.start(() ->
                        map.compute(key(mine), (key, old) -> map.compute(key(mine + 1), (k, value) -> plus(value, 1))));
                job.awaitWaiting();
                chain.add(job);
            }
            end.release();
            for (int i = 0; i < length; i++) {
                assertThat(chain.get(i).result()).isNotNull();
            }
        }
        // each takes the next one's value, one more; the order in which they come is theirs
        assertThat(map.get(key(length))).isEqualTo(value(1));
        assertThat(map.get(key(0))).isEqualTo(map.get(key(1)));
    }

    /** Functions that take pairs of keys in any order, and again when they are told, lose nothing and hang nowhere. */
    @Test
    void transfersInAnyOrderComeToAnEnd() throws InterruptedException {
        int threads = 4;
        int accounts = 4;
        int transfers = atMostPlenty(500);
        ShardedMap<Object, Object> map = open();
        for (int i = 0; i < accounts; i++) {
            map.put(key(i), value(10_000));
        }
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                Random random = new Random(index);
                for (int done = 0; done < transfers; ) {
                    Object from = key(random.nextInt(accounts));
                    Object to = key(random.nextInt(accounts));
                    if (from.equals(to)) {
                        continue;
                    }
                    try {
                        map.computeIfPresent(from, (key, old) -> {
                            map.computeIfPresent(to, (k, value) -> plus(value, 1));
                            return plus(old, -1);
                        });
                        done++;
                    } catch (KeyDeadlockException again) {
                        Thread.onSpinWait();
                    }
                }
            });
        }
        assertThat(map.values().stream().mapToInt(this::numberOfValue).sum()).isEqualTo(10_000 * accounts);
        assertThat(map).hasSize(accounts);
    }
}
