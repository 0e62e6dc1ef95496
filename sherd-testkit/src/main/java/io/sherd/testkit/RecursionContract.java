package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A function that writes the key which its own thread holds gets an {@link IllegalStateException} that names the key, and
 * the map is none the worse.
 *
 * <p>A call that finds nothing to write, such as a {@code replace} of an absent key, may throw or may answer as a read does.
 */
public abstract class RecursionContract extends MapContract {
    private static final int ENTRIES = 20;
    private static final int PRESENT = 1;
    private static final int ABSENT = 40;
    private static final int RESULT = 70;
    private static final int FORBIDDEN = 71;

    private final AtomicInteger innerRuns = new AtomicInteger();

    /** For implementations. */
    protected RecursionContract() {}

    /** One way to write. {@code present} and {@code absent} say whether it writes a key in that state. */
    private record Write(
            String name, boolean present, boolean absent, BiConsumer<ShardedMap<Object, Object>, Object> call) {
        @Override
        public String toString() {
            return name;
        }
    }

    private List<Write> writes() {
        Object forbidden = value(FORBIDDEN);
        return List.of(
                new Write("put", true, true, (map, key) -> map.put(key, forbidden)),
                new Write("putIfAbsent", false, true, (map, key) -> map.putIfAbsent(key, forbidden)),
                new Write("remove", true, false, (map, key) -> map.remove(key)),
                new Write("remove value", true, false, (map, key) -> map.remove(key, value(PRESENT))),
                new Write("replace", true, false, (map, key) -> map.replace(key, forbidden)),
                new Write("replace value", true, false, (map, key) -> map.replace(key, value(PRESENT), forbidden)),
                new Write("compute", true, true, (map, key) -> map.compute(key, (k, v) -> inner())),
                new Write("computeIfAbsent", false, true, (map, key) -> map.computeIfAbsent(key, k -> inner())),
                new Write("computeIfPresent", true, false, (map, key) -> map.computeIfPresent(key, (k, v) -> inner())),
                new Write("merge", true, true, (map, key) -> map.merge(key, forbidden, (v, given) -> inner())),
                new Write("lock", true, true, (map, key) -> map.lock(key).close()),
                new Write("tryLock", true, true, (map, key) -> close(map.tryLock(key))),
                new Write(
                        "lockAll",
                        true,
                        true,
                        (map, key) -> map.lockAll(List.of(key(3), key, key(4))).close()),
                new Write("putAll", true, true, (map, key) -> map.putAll(Map.of(key, forbidden))),
                new Write("removeAll", true, false, (map, key) -> map.removeAll(List.of(key))),
                new Write(
                        "compareAndExchange",
                        true,
                        false,
                        (map, key) -> map.compareAndExchange(key, value(PRESENT), forbidden)),
                new Write(
                        "compareAndExchange to absent",
                        true,
                        false,
                        (map, key) -> map.compareAndExchange(key, value(PRESENT), null)),
                new Write(
                        "compareAndExchange of absent",
                        false,
                        true,
                        (map, key) -> map.compareAndExchange(key, null, forbidden)),
                new Write(
                        "compareAndSet", true, false, (map, key) -> map.compareAndSet(key, value(PRESENT), forbidden)),
                new Write(
                        "keySet.remove", true, false, (map, key) -> map.keySet().remove(key)),
                new Write("values.remove", true, false, (map, key) -> {
                    if (map.containsKey(key)) {
                        map.values().remove(value(PRESENT));
                    }
                }),
                new Write(
                        "entrySet.remove",
                        true,
                        false,
                        (map, key) -> map.entrySet().remove(Map.entry(key, value(PRESENT)))),
                new Write("iterator.remove", true, false, (map, key) -> {
                    for (Iterator<Object> keys = map.keySet().iterator(); keys.hasNext(); ) {
                        if (keys.next().equals(key)) {
                            keys.remove();
                        }
                    }
                }),
                new Write("setValue", true, false, (map, key) -> {
                    for (Map.Entry<Object, Object> entry : map.entrySet()) {
                        if (entry.getKey().equals(key)) {
                            entry.setValue(forbidden);
                        }
                    }
                }),
                new Write("removeIf", true, false, (map, key) -> map.removeIf((k, v) -> k.equals(key))),
                new Write(
                        "keySet.removeIf",
                        true,
                        false,
                        (map, key) -> map.keySet().removeIf(key::equals)));
    }

    private static void close(@Nullable LockedEntry<Object, Object> entry) {
        if (entry != null) {
            entry.close();
        }
    }

    private Object inner() {
        innerRuns.incrementAndGet();
        return value(FORBIDDEN);
    }

    @Test
    void writingTheHeldKeyIsRefusedByName() {
        ShardedMap<Object, Object> map = open();
        for (Means means : Means.forPresent()) {
            for (Write write : writes()) {
                tryWithin(map, means, write, key(PRESENT), value(PRESENT), write.present);
            }
        }
        for (Means means : Means.forAbsent()) {
            for (Write write : writes()) {
                tryWithin(map, means, write, key(ABSENT), null, write.absent);
            }
        }
    }

    private void tryWithin(
            ShardedMap<Object, Object> map,
            Means means,
            Write write,
            Object key,
            @Nullable Object before,
            boolean writes) {
        refill(map, ENTRIES);
        int entries = ENTRIES;
        means.apply(map, key, () -> {
            refuse(map, means, write, key, writes);
            ComputeContract.assertShows(map, key, before, entries);
            return value(RESULT);
        });
        Map<Object, Object> expected = model(ENTRIES);
        expected.put(key, value(RESULT));
        assertThat(map.equals(expected)).as("%s within %s", write, means).isTrue();
        assertThat(innerRuns.get()).as("a refused function does not run").isZero();
        assertThat(map.put(key, value(3))).as("the key is free again").isEqualTo(value(RESULT));
    }

    private static void refuse(ShardedMap<Object, Object> map, Means means, Write write, Object key, boolean writes) {
        try {
            write.call.accept(map, key);
        } catch (IllegalStateException refused) {
            assertThat(refused).as("%s within %s", write, means).hasMessageContaining(key.toString());
            return;
        }
        assertThat(writes).as("%s within %s went through", write, means).isFalse();
    }

    @Test
    void anExceptionThatTheFunctionLetsThroughLeavesTheEntryAsItWas() {
        ShardedMap<Object, Object> map = open();
        for (Write write : writes()) {
            for (Means means : write.present ? Means.forPresent() : Means.forAbsent()) {
                Object key = key(write.present ? PRESENT : ABSENT);
                refill(map, ENTRIES);
                assertThatIllegalStateException()
                        .as("%s within %s", write, means)
                        .isThrownBy(() -> means.apply(map, key, () -> {
                            write.call.accept(map, key);
                            return value(RESULT);
                        }))
                        .withMessageContaining(key.toString());
                assertThat(map.equals(model(ENTRIES)))
                        .as("%s within %s", write, means)
                        .isTrue();
                assertThat(Objects.equals(map.put(key, value(3)), write.present ? value(PRESENT) : null))
                        .as("the key is free again after %s within %s", write, means)
                        .isTrue();
            }
        }
    }

    @Test
    void aKeyHeldSomeFunctionsFurtherOutIsRefusedToo() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        map.compute(
                key(1),
                (k1, v1) -> map.compute(
                        key(2),
                        (k2, v2) -> map.computeIfAbsent(key(ABSENT), k3 -> {
                            for (Object key : List.of(key(1), key(2), key(ABSENT))) {
                                assertThatIllegalStateException()
                                        .isThrownBy(() -> map.put(key, value(FORBIDDEN)))
                                        .withMessageContaining(key.toString());
                                assertThatIllegalStateException()
                                        .isThrownBy(() -> map.compute(key, (k, v) -> value(FORBIDDEN)))
                                        .withMessageContaining(key.toString());
                            }
                            map.put(key(3), value(33));
                            return value(RESULT);
                        })));
        Map<Object, Object> expected = model(ENTRIES);
        Stream.of(1, 2, ABSENT).forEach(number -> expected.put(key(number), value(RESULT)));
        expected.put(key(3), value(33));
        assertThat(map).isEqualTo(expected);
    }

    @Test
    void anotherMapsEqualKeyIsAnotherKey() {
        ShardedMap<Object, Object> one = filled(3);
        ShardedMap<Object, Object> other = filled(3);
        one.compute(key(1), (k, v) -> {
            other.put(key(1), value(8));
            return other.compute(key(1), (k2, v2) -> value(9));
        });
        assertThat(one.get(key(1))).isEqualTo(value(9));
        assertThat(other.get(key(1))).isEqualTo(value(9));
    }

    @Test
    void clearWithinAFunctionIsRefused() {
        List<BiConsumer<ShardedMap<Object, Object>, Object>> clears = List.of(
                (map, key) -> map.clear(),
                (map, key) -> map.keySet().clear(),
                (map, key) -> map.removeIf((k, v) -> true),
                (map, key) -> map.values().removeIf(v -> true),
                (map, key) -> map.removeAll(model(ENTRIES).keySet()));
        ShardedMap<Object, Object> map = open();
        for (Means means : Means.forPresent()) {
            for (BiConsumer<ShardedMap<Object, Object>, Object> clear : clears) {
                refill(map, ENTRIES);
                means.apply(map, key(PRESENT), () -> {
                    assertThatIllegalStateException()
                            .isThrownBy(() -> clear.accept(map, key(PRESENT)))
                            .withMessageContaining(key(PRESENT).toString());
                    assertThat(map.get(key(PRESENT))).isEqualTo(value(PRESENT));
                    return value(RESULT);
                });
                assertThat(map.get(key(PRESENT))).isEqualTo(value(RESULT));
                Map<Object, Object> rest = new HashMap<>(map);
                rest.remove(key(PRESENT));
                assertThat(model(ENTRIES).entrySet().containsAll(rest.entrySet()))
                        .as("others are as they were, or gone")
                        .isTrue();
                map.clear();
                assertThat(map).isEmpty();
            }
        }
    }

    /** What a refused drain has taken it puts back. */
    @Test
    void drainWithinAFunctionIsRefusedAndTakesNothing() {
        ShardedMap<Object, Object> map = open();
        for (Means means : Means.forPresent()) {
            refill(map, atMostPlenty(1_000));
            means.apply(map, key(PRESENT), () -> {
                assertThatIllegalStateException()
                        .isThrownBy(map::drain)
                        .withMessageContaining(key(PRESENT).toString());
                assertThat(map.equals(model(atMostPlenty(1_000)))).isTrue();
                return value(RESULT);
            });
            Map<Object, Object> expected = model(atMostPlenty(1_000));
            expected.put(key(PRESENT), value(RESULT));
            assertThat(map.equals(expected)).isTrue();
            assertThat(map.drain()).hasSize(atMostPlenty(1_000));
        }
    }

    @Test
    void replaceAllWithinAFunctionIsRefused() {
        ShardedMap<Object, Object> map = open();
        for (Means means : Means.forPresent()) {
            refill(map, ENTRIES);
            means.apply(map, key(PRESENT), () -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> map.replaceAll((key, value) -> value(FORBIDDEN)))
                        .withMessageContaining(key(PRESENT).toString());
                return value(RESULT);
            });
            assertThat(map.get(key(PRESENT))).isEqualTo(value(RESULT));
            assertThat(map).hasSize(ENTRIES);
        }
    }

    /** The function of {@code replaceAll} holds each key as {@code compute} does. */
    @Test
    void theFunctionOfReplaceAllHoldsItsKey() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        map.replaceAll((key, value) -> {
            assertThatIllegalStateException()
                    .isThrownBy(() -> map.put(key, value(FORBIDDEN)))
                    .withMessageContaining(key.toString());
            assertThat(map.get(key)).isEqualTo(value);
            return plus(value, 1);
        });
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(map.get(key(i))).isEqualTo(value(i + 1));
        }
    }
}
