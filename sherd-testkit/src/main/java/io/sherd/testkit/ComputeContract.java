package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a function of {@code compute} and its kin gets, may do, and leaves, as seen by its own thread. */
public abstract class ComputeContract extends MapContract {
    private static final int DEPTH = 50;

    /** For implementations. */
    protected ComputeContract() {}

    @Test
    void functionsGetTheKeyAndTheValueBefore() {
        ShardedMap<Object, Object> map = filled(4);

        assertThat(map.compute(key(1), (key, value) -> {
                    assertThat(key).isEqualTo(key(1));
                    assertThat(value).isEqualTo(value(1));
                    return value(11);
                }))
                .isEqualTo(value(11));
        assertThat(map.compute(key(7), (key, value) -> {
                    assertThat(key).isEqualTo(key(7));
                    assertThat(value).isNull();
                    return value(17);
                }))
                .isEqualTo(value(17));
        assertThat(map.computeIfAbsent(key(8), key -> {
                    assertThat(key).isEqualTo(key(8));
                    return value(18);
                }))
                .isEqualTo(value(18));
        assertThat(map.computeIfPresent(key(2), (key, value) -> {
                    assertThat(key).isEqualTo(key(2));
                    assertThat(value).isEqualTo(value(2));
                    return value(12);
                }))
                .isEqualTo(value(12));
        assertThat(map.merge(key(3), value(5), (value, given) -> {
                    assertThat(value).isEqualTo(value(3));
                    assertThat(given).isEqualTo(value(5));
                    return value(13);
                }))
                .isEqualTo(value(13));
        assertThat(map)
                .isEqualTo(Map.of(
                        key(0), value(0), key(1), value(11), key(2), value(12), key(3), value(13), key(7), value(17),
                        key(8), value(18)));
    }

    @Test
    void functionsRunOnceOrNotAtAll() {
        ShardedMap<Object, Object> map = filled(4);
        AtomicInteger runs = new AtomicInteger();
        for (Means means : Means.forPresent()) {
            means.apply(map, key(1), () -> value(10 + runs.getAndIncrement()));
        }
        for (Means means : Means.forAbsent()) {
            means.apply(map, key(50 + runs.get()), () -> value(10 + runs.getAndIncrement()));
        }
        assertThat(runs.get())
                .isEqualTo(Means.forPresent().size() + Means.forAbsent().size());

        assertThat(map.computeIfAbsent(key(2), key -> value(runs.incrementAndGet())))
                .isEqualTo(value(2));
        assertThat(map.computeIfPresent(key(99), (key, value) -> value(runs.incrementAndGet())))
                .isNull();
        assertThat(map.merge(key(99), value(9), (value, given) -> value(runs.incrementAndGet())))
                .isEqualTo(value(9));
        assertThat(runs.get())
                .isEqualTo(Means.forPresent().size() + Means.forAbsent().size());
    }

    /** Growth must not run a function a second time. */
    @Test
    void functionsRunOnceWhileTheMapGrows() {
        ShardedMap<Object, Object> map = open();
        int count = plenty();
        AtomicInteger runs = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            Object value = value(i);
            switch (i % 3) {
                case 0 ->
                    map.compute(key(i), (key, old) -> {
                        runs.incrementAndGet();
                        return old == null ? value : null;
                    });
                case 1 ->
                    map.computeIfAbsent(key(i), key -> {
                        runs.incrementAndGet();
                        return value;
                    });
                default -> map.merge(key(i), value, (old, given) -> null);
            }
            assertThat(map.mappingCount()).isEqualTo(i + 1);
        }
        assertThat(runs.get()).isEqualTo(count - count / 3);
        assertThat(map.equals(model(count))).isTrue();
    }

    @Test
    void nullRemovesOrLeavesAbsent() {
        ShardedMap<Object, Object> map = open();
        for (Means means : Means.forPresent()) {
            refill(map, 4);
            assertThat(means.apply(map, key(1), () -> null)).isNull();
            assertThat(map.containsKey(key(1))).as("after %s", means).isFalse();
            assertThat(map.mappingCount()).isEqualTo(3);
            assertThat(map.keySet()).isEqualTo(Set.of(key(0), key(2), key(3)));
            assertThat(map.put(key(1), value(1))).isNull();
        }
        for (Means means : Means.forAbsent()) {
            refill(map, 4);
            assertThat(means.apply(map, key(9), () -> null)).isNull();
            assertThat(map.containsKey(key(9))).as("after %s", means).isFalse();
            assertThat(map.equals(model(4))).isTrue();
            assertThat(map.putIfAbsent(key(9), value(9))).isNull();
        }
    }

    @Test
    void aFunctionThatThrowsLeavesTheEntryAsItWas() throws InterruptedException {
        List<Throwable> failures =
                List.of(new IllegalArgumentException("mine"), new AssertionError("mine"), new Exception("mine"));
        ShardedMap<Object, Object> map = open();
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (Throwable failure : failures) {
                for (Means means : Means.forPresent()) {
                    refill(map, 4);
                    assertThatThrownBy(() -> means.apply(map, key(1), () -> sneakyThrow(failure)))
                            .isSameAs(failure);
                    assertThat(map.equals(model(4))).as("after %s", means).isTrue();
                    assertThat(map.put(key(1), value(2))).isEqualTo(value(1));
                    assertThat(crew.start(() -> map.remove(key(1))).result()).isEqualTo(value(2));
                }
                for (Means means : Means.forAbsent()) {
                    refill(map, 4);
                    assertThatThrownBy(() -> means.apply(map, key(9), () -> sneakyThrow(failure)))
                            .isSameAs(failure);
                    assertThat(map.equals(model(4))).as("after %s", means).isTrue();
                    assertThat(map.put(key(9), value(2))).isNull();
                    assertThat(crew.start(() -> map.remove(key(9))).result()).isEqualTo(value(2));
                }
            }
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> @Nullable Object sneakyThrow(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    void whatAFunctionThatThrowsDidToOtherKeysStays() {
        ShardedMap<Object, Object> map = filled(4);
        IllegalArgumentException mine = new IllegalArgumentException("mine");
        assertThatThrownBy(() -> map.compute(key(1), (key, value) -> {
                    map.put(key(7), value(7));
                    map.remove(key(2));
                    throw mine;
                }))
                .isSameAs(mine);
        assertThat(map).isEqualTo(Map.of(key(0), value(0), key(1), value(1), key(3), value(3), key(7), value(7)));
    }

    @Test
    void aFunctionSeesItsOwnKeyAsItWas() {
        ShardedMap<Object, Object> map = open();
        for (Means means : Means.forPresent()) {
            refill(map, 4);
            means.apply(map, key(1), () -> {
                assertShows(map, key(1), value(1), 4);
                return value(9);
            });
            assertShows(map, key(1), value(9), 4);
        }
        for (Means means : Means.forAbsent()) {
            refill(map, 4);
            means.apply(map, key(9), () -> {
                assertShows(map, key(9), null, 4);
                return value(9);
            });
            assertShows(map, key(9), value(9), 5);
        }
    }

    static void assertShows(ShardedMap<Object, Object> map, Object key, @Nullable Object value, int entries) {
        Object none = new Object();
        assertThat(map.get(key)).isEqualTo(value);
        assertThat(map.containsKey(key)).isEqualTo(value != null);
        assertThat(map.getOrDefault(key, none)).isEqualTo(value == null ? none : value);
        assertThat(map.getAll(List.of(key)).get(key)).isEqualTo(value);
        assertThat(map.keySet().contains(key)).isEqualTo(value != null);
        assertThat(map.mappingCount()).isEqualTo(entries);
        assertThat(map.size()).isEqualTo(entries);
        Map<Object, Object> byIterator = new HashMap<>();
        map.entrySet()
                .iterator()
                .forEachRemaining(entry -> assertThat(byIterator.put(entry.getKey(), entry.getValue()))
                        .isNull());
        assertThat(byIterator).hasSize(entries);
        assertThat(byIterator.get(key)).isEqualTo(value);
        Map<Object, Object> byForEach = new HashMap<>();
        map.forEach(byForEach::put);
        assertThat(byForEach).isEqualTo(byIterator);
        assertThat(new HashSet<>(map.keySet()).contains(key)).isEqualTo(value != null);
        if (value != null) {
            assertThat(map.containsValue(value)).isTrue();
        }
    }

    @Test
    void aFunctionMayWriteOtherKeys() {
        ShardedMap<Object, Object> map = open();
        for (Means means : Means.forPresent()) {
            refill(map, 20);
            means.apply(map, key(1), () -> writeOthers(map));
            assertOthersWritten(map);
        }
        for (Means means : Means.forAbsent()) {
            refill(map, 20);
            map.remove(key(1));
            means.apply(map, key(1), () -> writeOthers(map));
            assertOthersWritten(map);
        }
    }

    private Object writeOthers(ShardedMap<Object, Object> map) {
        map.put(key(20), value(20));
        map.put(key(2), value(52));
        assertThat(map.putIfAbsent(key(21), value(21))).isNull();
        assertThat(map.remove(key(3))).isEqualTo(value(3));
        assertThat(map.remove(key(4), value(4))).isTrue();
        assertThat(map.replace(key(5), value(55))).isEqualTo(value(5));
        assertThat(map.replace(key(6), value(6), value(56))).isTrue();
        assertThat(map.compute(key(7), (key, value) -> value(57))).isEqualTo(value(57));
        assertThat(map.computeIfAbsent(key(22), key -> value(22))).isEqualTo(value(22));
        assertThat(map.computeIfPresent(key(8), (key, value) -> null)).isNull();
        assertThat(map.merge(key(9), value(1), (value, given) -> value(59))).isEqualTo(value(59));
        assertThat(map.compareAndSet(key(10), value(10), value(60))).isTrue();
        assertThat(map.compareAndExchange(key(23), null, value(23))).isNull();
        assertThat(map.removeAll(List.of(key(11), key(12)))).isEqualTo(2);
        map.putAll(Map.of(key(13), value(63), key(24), value(24)));
        assertThat(map.removeIf((key, value) -> key.equals(key(14)))).isEqualTo(1);
        assertThat(map.keySet().remove(key(15))).isTrue();
        map.entrySet().forEach(entry -> {
            if (entry.getKey().equals(key(16))) {
                entry.setValue(value(66));
            }
        });
        return value(51);
    }

    private void assertOthersWritten(ShardedMap<Object, Object> map) {
        Map<Object, Object> expected = model(25);
        for (int i : new int[] {1, 2, 5, 6, 7, 9, 10, 13, 16}) {
            expected.put(key(i), value(50 + i));
        }
        for (int i : new int[] {3, 4, 8, 11, 12, 14, 15}) {
            expected.remove(key(i));
        }
        assertThat(map).isEqualTo(expected);
    }

    @Test
    void functionsNest() {
        for (Means means : Means.forAbsent()) {
            ShardedMap<Object, Object> map = open();
            AtomicInteger runs = new AtomicInteger();
            assertThat(descend(map, means, 0, runs)).isEqualTo(value(DEPTH));
            assertThat(runs.get()).isEqualTo(DEPTH);
            for (int i = 0; i < DEPTH; i++) {
                assertThat(map.get(key(i))).isEqualTo(value(DEPTH - i));
                assertThat(map.get(key(DEPTH + i))).isEqualTo(value(i));
            }
            assertThat(map.mappingCount()).isEqualTo(2 * DEPTH);
        }
        for (Means means : Means.forPresent()) {
            ShardedMap<Object, Object> map = filled(DEPTH);
            AtomicInteger runs = new AtomicInteger();
            assertThat(descend(map, means, 0, runs)).isEqualTo(value(DEPTH));
            assertThat(runs.get()).isEqualTo(DEPTH);
            for (int i = 0; i < DEPTH; i++) {
                assertThat(map.get(key(i))).isEqualTo(value(DEPTH - i));
            }
        }
    }

    /** Key number {@code level} gets one more than the key below; each level writes a neighbour, too. */
    private Object descend(ShardedMap<Object, Object> map, Means means, int level, AtomicInteger runs) {
        if (level == DEPTH) {
            return value(0);
        }
        Supplier<Object> function = () -> {
            runs.incrementAndGet();
            map.put(key(DEPTH + level), value(level));
            return plus(descend(map, means, level + 1, runs), 1);
        };
        return Objects.requireNonNull(means.apply(map, key(level), function));
    }

    @Test
    void aMemoOfItselfWorks() {
        ShardedMap<Object, Object> map = open();
        assertThat(fibonacci(map, 20)).isEqualTo(value(6765));
        assertThat(map).hasSize(21);
    }

    private Object fibonacci(ShardedMap<Object, Object> map, int n) {
        return Objects.requireNonNull(map.computeIfAbsent(
                key(n), key -> n < 2 ? value(n) : plus(fibonacci(map, n - 1), numberOfValue(fibonacci(map, n - 2)))));
    }

    @Test
    void aFunctionMayGrowTheMapAndShrinkIt() {
        for (int number : new int[] {1, 9}) { // present and absent
            ShardedMap<Object, Object> map = filled(4);
            int count = plenty();
            map.compute(key(number), (key, value) -> {
                for (int i = 10; i < count; i++) {
                    map.put(key(i), value(i));
                }
                assertThat(map.get(key(number))).isEqualTo(value);
                assertThat(map.mappingCount()).isEqualTo(count - 10 + 4);
                for (int i = 10; i < count; i++) {
                    assertThat(map.remove(key(i))).isEqualTo(value(i));
                }
                assertThat(map.get(key(number))).isEqualTo(value);
                for (int i = 10; i < count; i++) {
                    map.put(key(i), value(i));
                }
                return value(77);
            });
            assertThat(map.get(key(number))).isEqualTo(value(77));
            assertThat(map.mappingCount()).isEqualTo(count - 10 + (number == 1 ? 4 : 5));
            List<Object> keys = new ArrayList<>(map.keySet());
            assertThat(new HashSet<>(keys)).hasSize(keys.size()).contains(key(number));
        }
    }

    @Test
    void aFunctionMayReturnTheValueItGot() {
        ShardedMap<Object, Object> map = filled(4);
        assertThat(map.compute(key(1), (key, value) -> value)).isEqualTo(value(1));
        assertThat(map.computeIfPresent(key(1), (key, value) -> value)).isEqualTo(value(1));
        assertThat(map.merge(key(1), value(2), (value, given) -> value)).isEqualTo(value(1));
        map.replaceAll((key, value) -> value);
        assertThat(map.equals(model(4))).isTrue();
    }

    @Test
    void aReplaceAllThatThrowsLeavesTheRest() {
        ShardedMap<Object, Object> map = filled(20);
        IllegalArgumentException mine = new IllegalArgumentException("mine");
        AtomicInteger runs = new AtomicInteger();
        assertThatThrownBy(() -> map.replaceAll((key, value) -> {
                    if (runs.incrementAndGet() == 10) {
                        throw mine;
                    }
                    return value(99);
                }))
                .isSameAs(mine);
        assertThat(map).hasSize(20);
        assertThat(map.values().stream().filter(value(99)::equals).count()).isEqualTo(9);
    }
}
