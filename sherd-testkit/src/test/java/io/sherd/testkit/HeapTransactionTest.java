package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions of the heap map under load; what every map promises is in {@link TransactionContract}. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class HeapTransactionTest {
    private static final int ACCOUNTS = 64;
    private static final long EACH = 1_000;

    /** After some conflicts it holds what it knew then; what it learns later it may find in the hands of who waits for that. */
    @Test
    void isNotToldOfADeadlockByKeysThatItHoldsItself() throws Exception {
        ShardedMap<String, Integer> map = ShardedMap.onHeap().shards(64).build();
        int conflicts = 8;
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch holds = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<Integer> other = crew.start(() -> {
                try (LockedEntry<String, Integer> entry = map.lock("b")) {
                    holds.countDown();
                    while (go.getCount() > 0) {
                        Thread.onSpinWait(); // so that it is seen to wait for the key only
                    }
                    entry.setValue(100);
                    return map.put("a", 100);
                }
            });
            holds.await();
            map.transact(tx -> {
                tx.get("a");
                if (runs.incrementAndGet() <= conflicts) {
                    map.put("a", runs.get()); // as another would
                    return tx.get("c"); // sees the conflict
                }
                if (go.getCount() > 0) {
                    go.countDown();
                    other.awaitWaiting();
                }
                return tx.put("b", 1);
            });
            assertThat(other.result()).isEqualTo(conflicts);
        }
        assertThat(map).containsOnly(Map.entry("a", 100), Map.entry("b", 1));
    }

    @Test
    void aLargeOneCommitsAndGrowsTheMap() {
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        map.transact(tx -> {
            for (long i = 0; i < 3_000; i++) {
                tx.put(i, i);
            }
            return null;
        });
        assertThat(map.mappingCount()).isEqualTo(3_000);
        for (long i = 0; i < 3_000; i++) {
            assertThat(map.get(i)).isEqualTo(i);
        }
    }

    /** Transfers keep the sum; transactions that read all, and pairs of plain reads in the order of writing, always see it kept. */
    @ParameterizedTest
    @ValueSource(strings = {"numbers", "objects", "colliding", "growing"})
    void transfersAreSeenWhole(String kind) throws Exception {
        ShardedMap<Object, Long> map = kind.equals("colliding")
                ? ShardedMap.onHeap().shards(1).hasher(key -> 7).build()
                : ShardedMap.onHeap().build();
        Object[] accounts = new Object[ACCOUNTS];
        for (int i = 0; i < ACCOUNTS; i++) {
            accounts[i] = kind.equals("numbers") ? (Object) (long) i : "account " + i;
            map.put(accounts[i], EACH);
        }
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<Integer> reader = threads.submit(() -> {
                int seen = 0;
                do {
                    long sum = map.transact(tx -> {
                        long all = 0;
                        for (Object account : accounts) {
                            all += tx.get(account);
                        }
                        return all;
                    });
                    assertThat(sum).isEqualTo(ACCOUNTS * EACH);
                    seen++;
                    begun.countDown();
                } while (!stop.get());
                return seen;
            });
            awaitBegun(begun, reader);
            List<Future<?>> work = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                Random random = new Random(t);
                work.add(threads.submit((Callable<?>) () -> {
                    for (int i = 0; i < 20_000; i++) {
                        Object from = accounts[random.nextInt(ACCOUNTS)];
                        Object to = accounts[random.nextInt(ACCOUNTS)];
                        long amount = random.nextInt(10);
                        map.transact(tx -> {
                            tx.put(from, tx.get(from) - amount);
                            tx.put(to, tx.get(to) + amount);
                            return null;
                        });
                        if (kind.equals("growing") && i % 4 == 0) {
                            map.put("filler " + random.nextInt(), 0L);
                        }
                    }
                    return null;
                }));
            }
            try {
                for (Future<?> each : work) {
                    each.get();
                }
            } finally {
                stop.set(true);
            }
            assertThat(reader.get()).isPositive();
        }
        long sum = 0;
        for (Object account : accounts) {
            sum += map.get(account);
        }
        assertThat(sum).isEqualTo(ACCOUNTS * EACH);
    }

    /** Two keys always change together; plain reads, which take no lock, never find the second behind the first. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bothKeysChangeAtOneInstantForPlainReads(boolean byTransaction) throws Exception {
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        for (long i = 0; i < 1_000; i++) {
            map.put(i, 0L);
        }
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<Long> reader = threads.submit(() -> {
                long reads = 0;
                do {
                    long first = map.get(1L);
                    long second = map.get(2L);
                    assertThat(second).isGreaterThanOrEqualTo(first);
                    second = map.get(2L);
                    first = map.get(1L);
                    assertThat(first).isGreaterThanOrEqualTo(second);
                    reads++;
                    begun.countDown();
                } while (!stop.get());
                return reads;
            });
            awaitBegun(begun, reader);
            for (long i = 1; i < 200_000 && !reader.isDone(); i++) {
                long value = i;
                if (byTransaction) {
                    map.transact(tx -> {
                        tx.put(1L, value);
                        return tx.put(2L, value);
                    });
                } else {
                    try (var pair = map.lockAll(List.of(2L, 1L))) {
                        pair.get(1L).setValue(value);
                        pair.get(2L).setValue(value);
                    }
                }
            }
            stop.set(true);
            assertThat(reader.get()).isPositive();
        }
    }

    /** Returns once the reader reads, so that what is written from now on is written beside it; throws what made it fail before. */
    private static void awaitBegun(CountDownLatch begun, Future<?> reader) throws Exception {
        while (!begun.await(10, TimeUnit.MILLISECONDS)) {
            if (reader.isDone()) {
                reader.get();
            }
        }
    }

    /** Each of two transactions reads what the other writes: if both could commit on the old state, both keys would be set. */
    @Test
    void writeSkewCannotHappen() throws Exception {
        ShardedMap<String, Integer> map = ShardedMap.onHeap().build();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 20_000; round++) {
                Future<?> one = threads.submit(() -> map.transact(tx -> tx.get("b") == null ? tx.put("a", 1) : null));
                Future<?> two = threads.submit(() -> map.transact(tx -> tx.get("a") == null ? tx.put("b", 1) : null));
                one.get();
                two.get();
                assertThat(map).hasSize(1);
                map.clear();
            }
        }
    }

    /** Many on one pair of keys: all get done, none is lost. */
    @Test
    void oneHotPairEndsInNoLivelock() throws Exception {
        ShardedMap<String, Long> map = ShardedMap.onHeap().build();
        int threadCount = 8;
        try (ExecutorService threads = Executors.newFixedThreadPool(threadCount)) {
            List<Future<?>> work = new ArrayList<>();
            for (int t = 0; t < threadCount; t++) {
                work.add(threads.submit(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        map.transact(tx -> {
                            tx.compute("a", (key, old) -> old == null ? 1L : old + 1);
                            return tx.compute("b", (key, old) -> old == null ? 1L : old + 1);
                        });
                    }
                }));
            }
            for (Future<?> each : work) {
                each.get();
            }
        }
        assertThat(map).containsOnly(Map.entry("a", 40_000L), Map.entry("b", 40_000L));
    }

    @Test
    void mixesWithFunctionsAndHolds() throws Exception {
        ShardedMap<Long, Long> map = ShardedMap.onHeap().build();
        int keys = 4;
        int threadCount = 4;
        int rounds = 20_000;
        try (ExecutorService threads = Executors.newFixedThreadPool(threadCount)) {
            List<Future<?>> work = new ArrayList<>();
            for (int t = 0; t < threadCount; t++) {
                int number = t;
                work.add(threads.submit(() -> {
                    Random random = new Random(number);
                    for (int i = 0; i < rounds; i++) {
                        long a = random.nextInt(keys);
                        long b = (a + 1) % keys;
                        switch (random.nextInt(4)) {
                            case 0 -> {
                                map.merge(a, 1L, Long::sum);
                                map.merge(b, 1L, Long::sum);
                            }
                            case 1 -> {
                                try (var both = map.lockAll(List.of(a, b))) {
                                    both.forEach(entry -> entry.setValue(entry.isPresent() ? entry.value() + 1 : 1));
                                }
                            }
                            case 2 -> {
                                for (long key : new long[] {a, b}) {
                                    try (var entry = map.lock(key)) {
                                        entry.setValue(entry.setValueIfAbsent(() -> 0L) + 1);
                                    }
                                }
                            }
                            default ->
                                map.transact(tx -> {
                                    tx.compute(a, (key, old) -> old == null ? 1 : old + 1);
                                    return tx.compute(b, (key, old) -> old == null ? 1 : old + 1);
                                });
                        }
                    }
                }));
            }
            for (Future<?> each : work) {
                each.get();
            }
        }
        assertThat(map.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(2L * threadCount * rounds);
    }
}
