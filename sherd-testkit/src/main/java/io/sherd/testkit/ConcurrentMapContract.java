package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What {@link java.util.concurrent.ConcurrentMap} promises of each method, one thread at a time. */
public abstract class ConcurrentMapContract extends MapContract {

    /** For implementations. */
    protected ConcurrentMapContract() {}

    @Test
    void aNewMapIsEmpty() {
        ShardedMap<Object, Object> map = open();

        assertThat(map.isEmpty()).isTrue();
        assertThat(map.size()).isZero();
        assertThat(map.mappingCount()).isZero();
        assertThat(map.get(key(0))).isNull();
        assertThat(map.getOrDefault(key(0), value(3))).isEqualTo(value(3));
        assertThat(map.containsKey(key(0))).isFalse();
        assertThat(map.containsValue(value(0))).isFalse();
        assertThat(map.remove(key(0))).isNull();
        assertThat(map.remove(key(0), value(0))).isFalse();
        assertThat(map.replace(key(0), value(0))).isNull();
        assertThat(map.replace(key(0), value(0), value(1))).isFalse();
        assertThat(map.entrySet().iterator().hasNext()).isFalse();
        assertThat(map).isEqualTo(Map.of()).hasSameHashCodeAs(Map.of()).hasToString("{}");
        assertThat(map.drain()).isEmpty();
    }

    @Test
    void everyKeyAndValueComesBackAsItWentIn() {
        int count = atMostPlenty(400);
        ShardedMap<Object, Object> map = open();
        for (int i = 0; i < count; i++) {
            assertThat(map.put(key(i), value(i))).isNull();
            assertThat(map.get(key(i))).isEqualTo(value(i));
        }
        for (int i = 0; i < count; i++) {
            assertThat(map.get(key(i))).isEqualTo(value(i));
            assertThat(map.containsKey(key(i))).isTrue();
            assertThat(map.getOrDefault(key(i), value(i + 1))).isEqualTo(value(i));
        }
        for (int i = count; i < 2 * count; i++) {
            assertThat(map.get(key(i))).as("key %s was never put", i).isNull();
        }
        assertThat(map.mappingCount()).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            assertThat(map.put(key(i), value(i + 1))).isEqualTo(value(i));
        }
        assertThat(map.mappingCount()).isEqualTo(count);
        for (int i = 0; i < count; i += 2) {
            assertThat(map.remove(key(i))).isEqualTo(value(i + 1));
            assertThat(map.remove(key(i))).isNull();
        }
        for (int i = 0; i < count; i++) {
            assertThat(map.get(key(i))).isEqualTo(i % 2 == 0 ? null : value(i + 1));
        }
    }

    @Test
    void conditionalWritesWriteOnlyWhereTheirConditionHolds() {
        ShardedMap<Object, Object> map = open();

        assertThat(map.putIfAbsent(key(1), value(1))).isNull();
        assertThat(map.putIfAbsent(key(1), value(2))).isEqualTo(value(1));
        assertThat(map.get(key(1))).isEqualTo(value(1));

        assertThat(map.replace(key(1), value(3))).isEqualTo(value(1));
        assertThat(map.replace(key(1), value(1), value(4))).isFalse();
        assertThat(map.get(key(1))).isEqualTo(value(3));
        assertThat(map.replace(key(1), value(3), value(4))).isTrue();
        assertThat(map.get(key(1))).isEqualTo(value(4));

        assertThat(map.remove(key(1), value(3))).isFalse();
        assertThat(map.containsKey(key(1))).isTrue();
        assertThat(map.remove(key(1), value(4))).isTrue();
        assertThat(map.containsKey(key(1))).isFalse();
        assertThat(map.replace(key(1), value(5))).isNull();
        assertThat(map).isEmpty();
    }

    @Test
    void bulkMethodsReachEveryEntry() {
        int count = atMostPlenty(300);
        ShardedMap<Object, Object> map = open();
        map.putAll(model(count));

        assertThat(map.mappingCount()).isEqualTo(count);
        Map<Object, Object> seen = new HashMap<>();
        map.forEach((key, value) -> assertThat(seen.put(key, value)).isNull());
        assertThat(seen).isEqualTo(model(count));
        for (int i = 0; i < count; i++) {
            assertThat(map.containsValue(value(i))).isTrue();
        }
        assertThat(map.containsValue(value(count))).isFalse();

        map.replaceAll((key, value) -> plus(value, 1));
        for (int i = 0; i < count; i++) {
            assertThat(map.get(key(i))).isEqualTo(value(i + 1));
        }

        map.clear();
        assertThat(map).isEmpty();
        assertThat(map.get(key(0))).isNull();
        map.put(key(0), value(0));
        assertThat(map).hasSize(1);
        map.clear();
        map.clear();
        assertThat(map).isEmpty();
    }

    @Test
    void isEqualToAnyMapWithEqualEntries() {
        int count = atMostPlenty(200);
        ShardedMap<Object, Object> map = filled(count);
        Map<Object, Object> model = model(count);

        assertThat(map.equals(model)).isTrue();
        assertThat(model.equals(map)).isTrue();
        assertThat(map.equals(map)).isTrue();
        assertThat(map.equals(filled(count))).isTrue();
        assertThat(map).hasSameHashCodeAs(model);

        model.put(key(0), value(1));
        assertThat(map.equals(model)).isFalse();
        assertThat(model.equals(map)).isFalse();
        model.remove(key(0));
        assertThat(map.equals(model)).isFalse();
        assertThat(filled(count - 1).equals(map)).isFalse();
        assertThat(map.equals(null)).isFalse();
        assertThat(new Object().equals(map)).isFalse();
        assertThat(map.equals(new Object())).isFalse();
    }

    @Test
    void textListsEntriesAsOtherMapsDo() {
        ShardedMap<Object, Object> map = open();
        map.put(key(1), value(1));
        assertThat(map).hasToString("{" + key(1) + "=" + value(1) + "}");
        map.put(key(2), value(2));
        assertThat(map.toString())
                .isIn(
                        "{" + key(1) + "=" + value(1) + ", " + key(2) + "=" + value(2) + "}",
                        "{" + key(2) + "=" + value(2) + ", " + key(1) + "=" + value(1) + "}");
    }

    /** An object that can be no key is absent, or refused as the codec's or hasher's author chose. */
    @Test
    void objectsOfAnotherTypeAreAbsent() {
        ShardedMap<Object, Object> map = filled(8);
        Object foreign = new Foreign();

        assertAbsent(null, () -> map.get(foreign));
        assertAbsent(false, () -> map.containsKey(foreign));
        assertAbsent(value(5), () -> map.getOrDefault(foreign, value(5)));
        assertAbsent(null, () -> map.remove(foreign));
        assertAbsent(false, () -> map.remove(foreign, value(1)));
        assertAbsent(false, () -> map.keySet().contains(foreign));
        assertAbsent(false, () -> map.keySet().remove(foreign));
        assertAbsent(false, () -> map.containsValue(foreign));
        assertAbsent(false, () -> map.values().contains(foreign));
        assertAbsent(false, () -> map.values().remove(foreign));
        assertAbsent(false, () -> map.remove(key(1), foreign));
        assertAbsent(false, () -> map.entrySet().contains(foreign));
        assertAbsent(false, () -> map.entrySet().remove(foreign));
        assertAbsent(false, () -> map.entrySet().contains(Map.entry(foreign, value(1))));
        assertAbsent(false, () -> map.entrySet().remove(Map.entry(key(1), foreign)));
        assertAbsent(false, () -> map.equals(Map.of(foreign, foreign)));
        assertThat(map).isEqualTo(model(8));
    }

    private static void assertAbsent(@Nullable Object expected, Supplier<? extends @Nullable Object> lookUp) {
        Object answer;
        try {
            answer = lookUp.get();
        } catch (ClassCastException refused) {
            return;
        }
        assertThat(answer).isEqualTo(expected);
    }

    @Test
    void answersAsAHashMapDoesInRandomUse() {
        for (int keys : new int[] {3, 40, atMostPlenty(2_000)}) {
            randomUse(keys, Math.min(4_000, 10 * plenty()), new Random(keys));
        }
    }

    private void randomUse(int keys, int operations, Random random) {
        int values = atMostPlenty(500);
        ShardedMap<Object, Object> map = open();
        Map<Object, Object> model = new LinkedHashMap<>();
        for (int i = 0; i < operations; i++) {
            Object key = key(random.nextInt(keys));
            Object value = value(random.nextInt(values));
            Object other = random.nextBoolean() ? model.getOrDefault(key, value(7)) : value(random.nextInt(values));
            int choice = random.nextInt(random.nextInt(50) == 0 ? 18 : 16);
            Object expected = apply(choice, model, key, value, other);
            Object answer = apply(choice, map, key, value, other);
            assertThat(answer)
                    .as("operation %s, kind %s, key %s", i, choice, key)
                    .isEqualTo(expected);
            assertThat(map.get(key))
                    .as("after operation %s, kind %s", i, choice)
                    .isEqualTo(model.get(key));
            assertThat(map.mappingCount()).isEqualTo(model.size());
        }
        assertThat(map.equals(model)).isTrue();
        assertThat(model.equals(map)).isTrue();
    }

    private @Nullable Object apply(int choice, Map<Object, Object> map, Object key, Object value, Object other) {
        return switch (choice) {
            case 0, 1, 2 -> map.put(key, value);
            case 3 -> map.remove(key);
            case 4 -> map.putIfAbsent(key, value);
            case 5 -> map.remove(key, other);
            case 6 -> map.replace(key, value);
            case 7 -> map.replace(key, other, value);
            case 8 -> map.compute(key, (k, old) -> old == null ? value : plus(old, 1));
            case 9 -> map.compute(key, (k, old) -> Objects.equals(old, other) ? null : value);
            case 10 -> map.computeIfAbsent(key, k -> value);
            case 11 -> map.computeIfAbsent(key, k -> null);
            case 12 -> map.computeIfPresent(key, (k, old) -> numberOfValue(old) % 2 == 0 ? null : value);
            case 13 -> map.merge(key, value, (old, given) -> given);
            case 14 -> map.merge(key, value, (old, given) -> numberOfValue(old) % 3 == 0 ? null : plus(old, 1));
            case 15 -> map.getOrDefault(key, value);
            case 16 -> map.keySet().removeIf(k -> numberOfKey(k) % 3 == 0);
            case 17 -> {
                map.replaceAll((k, old) -> value);
                yield map.size();
            }
            default -> throw new IllegalArgumentException("choice " + choice);
        };
    }

    /** Neither a key nor a value of any map here. */
    private static final class Foreign {}
}
