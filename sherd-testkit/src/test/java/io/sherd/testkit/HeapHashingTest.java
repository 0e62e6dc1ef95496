package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** How often the heap map asks keys for hash codes, equality and order. Calls are counted; no clock is read. */
final class HeapHashingTest {
    private static final int MANY = 200_000;
    private static final int HOSTILE = 50_000;

    private final AtomicLong hashed = new AtomicLong();
    private final AtomicLong compared = new AtomicLong();

    /** A key that counts what it is asked. */
    private final class Counted {
        final int number;

        Counted(int number) {
            this.number = number;
        }

        @Override
        public int hashCode() {
            hashed.incrementAndGet();
            return number;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Counted that && number == that.number;
        }
    }

    /** A key chosen to collide with all others. */
    private final class Hostile implements Comparable<Hostile> {
        final int number;

        Hostile(int number) {
            this.number = number;
        }

        @Override
        public int hashCode() {
            return 42;
        }

        @Override
        public boolean equals(Object other) {
            compared.incrementAndGet();
            return other instanceof Hostile that && number == that.number;
        }

        @Override
        public int compareTo(Hostile other) {
            compared.incrementAndGet();
            return Integer.compare(number, other.number);
        }
    }

    private void costs(long calls, Runnable operation) {
        hashed.set(0);
        operation.run();
        assertThat(hashed.get()).as("calls of hashCode").isEqualTo(calls);
    }

    @Test
    void growthAsksNoKeyForItsHashCodeAgain() {
        ShardedMap<Counted, Integer> map = ShardedMap.onHeap().shards(1).build();
        costs(MANY, () -> {
            for (int i = 0; i < MANY; i++) {
                map.put(new Counted(i), i);
            }
        });
        assertThat(map.shards().count()).as("the map has grown").isGreaterThan(1);
        costs(0, () -> {
            long sum = 0;
            for (Map.Entry<Counted, Integer> entry : map.entrySet()) {
                sum += entry.getValue();
            }
            assertThat(sum).isEqualTo((long) MANY * (MANY - 1) / 2);
            assertThat(map.values().parallelStream().count()).isEqualTo(MANY);
        });
        costs(MANY, () -> {
            for (int i = 0; i < MANY; i++) {
                assertThat(map.remove(new Counted(i))).isEqualTo(i);
            }
        });
        costs(MANY, () -> {
            for (int i = 0; i < MANY; i++) {
                map.computeIfAbsent(new Counted(i), key -> key.number);
            }
        });
        costs(0, map::clear);
        assertThat(map.isEmpty()).isTrue();
    }

    @Test
    void everyOperationOnAKeyAsksItForItsHashCodeOnce() {
        ShardedMap<Counted, Integer> map = ShardedMap.onHeap().build();
        for (int i = 0; i < 1_000; i++) {
            map.put(new Counted(i), i);
        }
        for (int number : new int[] {1, 5_000}) { // present and absent
            Counted key = new Counted(number);
            List<Consumer<ShardedMap<Counted, Integer>>> operations = List.of(
                    m -> m.get(key),
                    m -> assertThat(m.containsKey(key)).isEqualTo(number == 1),
                    m -> m.getOrDefault(key, 7),
                    m -> m.remove(key, -1),
                    m -> m.replace(key, -1, 5),
                    m -> m.compareAndExchange(key, -1, 5),
                    m -> m.computeIfPresent(key, (k, v) -> v),
                    m -> m.compute(key, (k, v) -> v),
                    m -> m.replace(key, 1),
                    m -> m.computeIfAbsent(key, k -> 1),
                    m -> m.putIfAbsent(key, 1),
                    m -> m.merge(key, 1, (v, given) -> v),
                    m -> m.compareAndSet(key, 1, 2),
                    m -> m.put(key, 3),
                    m -> m.removeAll(List.of(key)),
                    m -> m.putAll(Collections.singletonMap(key, 4)),
                    m -> m.keySet().remove(key));
            for (int i = 0; i < operations.size(); i++) {
                hashed.set(0);
                operations.get(i).accept(map);
                assertThat(hashed.get()).as("operation %s on key %s", i, number).isEqualTo(1);
            }
            map.put(new Counted(1), 1);
        }
    }

    @Test
    void aHasherIsAskedInsteadOfTheKey() {
        AtomicLong asked = new AtomicLong();
        ShardedMap<Counted, Integer> map = ShardedMap.onHeap()
                .hasher((Counted key) -> {
                    asked.incrementAndGet();
                    return key.number;
                })
                .build();
        List<Counted> keys = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            keys.add(new Counted(i));
        }
        costs(0, () -> keys.forEach(key -> map.put(key, key.number)));
        assertThat(asked.get()).isEqualTo(10_000);
        asked.set(0);
        map.getAll(keys);
        assertThat(asked.get()).isEqualTo(10_000);
        asked.set(0);
        costs(0, () -> assertThat(map.removeAll(keys)).isEqualTo(10_000));
        assertThat(asked.get()).isEqualTo(10_000);
    }

    /** A tree of 50,000 keys is some 20 levels deep; a list would cost 25,000 comparisons for each operation. */
    @Test
    void keysChosenToCollideCostALogarithm() {
        ShardedMap<Hostile, Integer> map = ShardedMap.onHeap().build();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < HOSTILE; i++) {
            numbers.add(2 * i);
        }
        Collections.shuffle(numbers, new Random(5));

        cheap(
                "put",
                () -> numbers.forEach(
                        n -> assertThat(map.put(new Hostile(n), n)).isNull()));
        assertThat(map.mappingCount()).isEqualTo(HOSTILE);
        cheap(
                "get",
                () -> numbers.forEach(n -> assertThat(map.get(new Hostile(n))).isEqualTo(n)));
        cheap(
                "miss",
                () -> numbers.forEach(
                        n -> assertThat(map.get(new Hostile(n + 1))).isNull()));
        cheap("update", () -> numbers.forEach(n -> map.merge(new Hostile(n), 1, Integer::sum)));
        cheap("compute", () -> numbers.forEach(n -> map.compute(new Hostile(n), (key, value) -> value)));
        cheap("insert by computeIfAbsent", () -> numbers.forEach(n -> map.computeIfAbsent(new Hostile(n + 1), k -> 0)));
        cheap("iterate", () -> assertThat(map.entrySet().stream().count()).isEqualTo(2 * HOSTILE));
        cheap(
                "remove",
                () -> numbers.forEach(
                        n -> assertThat(map.remove(new Hostile(n))).isEqualTo(n + 1)));
        cheap(
                "remove by filter",
                () -> assertThat(map.removeIf((key, value) -> true)).isEqualTo(HOSTILE));
        assertThat(map.isEmpty()).isTrue();
    }

    private void cheap(String what, Runnable operations) {
        compared.set(0);
        operations.run();
        assertThat(compared.get() / HOSTILE).as("comparisons for each %s", what).isLessThan(HOSTILE / 100);
    }

    /** Equal hash codes, and no order among the keys: strings, numbers, and keys that are not comparable at all. */
    @Test
    void collidingKeysOfSeveralClassesLiveTogether() {
        ShardedMap<Object, Object> map = ShardedMap.onHeap().hasher(key -> 1).build();
        List<Object> keys = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            keys.add(i);
            keys.add("é" + i);
            keys.add((long) i);
            keys.add(List.of(i));
            keys.add(new Hostile(i));
            keys.add(new Partial(i, i % 3));
        }
        keys.forEach(key -> assertThat(map.put(key, key)).isNull());
        assertThat(map.mappingCount()).isEqualTo(keys.size());
        keys.forEach(key -> assertThat(map.get(key)).isEqualTo(key));
        keys.forEach(key -> assertThat(map.compute(key, (k, v) -> v)).isEqualTo(key));
        keys.forEach(key -> assertThat(map.remove(key)).isEqualTo(key));
        assertThat(map.isEmpty()).isTrue();
    }

    /** A key whose order calls keys the same that are not equal. */
    private record Partial(int number, int rank) implements Comparable<Partial> {
        @Override
        public int compareTo(Partial other) {
            return Integer.compare(rank, other.rank);
        }
    }
}
