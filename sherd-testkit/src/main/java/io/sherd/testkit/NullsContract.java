package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.sherd.ShardedMap;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Nulls are refused with {@link NullPointerException}, and a call that refused one has changed nothing. */
public abstract class NullsContract extends MapContract {

    /** Tried with one call after another. */
    private @Nullable ShardedMap<Object, Object> map;

    /** For implementations. */
    protected NullsContract() {}

    @Test
    void nullKeysAreRefused() {
        refused(map -> map.get(Nulls.none()));
        refused(map -> map.getOrDefault(Nulls.none(), value(1)));
        refused(map -> assertThat(map.containsKey(Nulls.none())).isFalse());
        refused(map -> map.put(Nulls.none(), value(1)));
        refused(map -> map.putIfAbsent(Nulls.none(), value(1)));
        refused(map -> map.remove(Nulls.none()));
        refused(map -> map.remove(Nulls.none(), value(1)));
        refused(map -> map.replace(Nulls.none(), value(1)));
        refused(map -> map.replace(Nulls.none(), value(1), value(2)));
        refused(map -> map.compute(Nulls.none(), (key, value) -> value(1)));
        refused(map -> map.computeIfAbsent(Nulls.none(), key -> value(1)));
        refused(map -> map.computeIfPresent(Nulls.none(), (key, value) -> value(1)));
        refused(map -> map.merge(Nulls.none(), value(1), (value, given) -> given));
        refused(map -> map.compareAndExchange(Nulls.none(), value(1), value(2)));
        refused(map -> map.compareAndExchange(Nulls.none(), null, null));
        refused(map -> map.compareAndSet(Nulls.none(), null, value(2)));
    }

    @Test
    void nullValuesAreRefused() {
        for (int number : new int[] {1, 99}) { // present and absent
            Object key = key(number);
            refused(map -> map.put(key, Nulls.none()));
            refused(map -> map.putIfAbsent(key, Nulls.none()));
            refused(map -> map.replace(key, Nulls.none()));
            refused(map -> map.replace(key, value(1), Nulls.none()));
            refused(map -> map.replace(key, Nulls.none(), value(1)));
            refused(map -> map.merge(key, Nulls.none(), (value, given) -> given));
        }
        refused(map -> assertThat(map.containsValue(Nulls.none())).isFalse());
    }

    @Test
    void nullFunctionsAreRefused() {
        for (int number : new int[] {1, 99}) {
            Object key = key(number);
            refused(map -> map.compute(key, Nulls.none()));
            refused(map -> map.computeIfAbsent(key, Nulls.none()));
            refused(map -> map.computeIfPresent(key, Nulls.none()));
            refused(map -> map.merge(key, value(1), Nulls.none()));
        }
        refused(map -> map.forEach(Nulls.none()));
        refused(map -> map.replaceAll(Nulls.none()));
        refused(map -> map.removeIf(Nulls.none()));
    }

    @Test
    void nullsInBatchesAreRefused() {
        refused(map -> map.getAll(Nulls.none()));
        refused(map -> map.getAll(Collections.singletonList(Nulls.none())));
        refused(map -> map.getAll(Arrays.asList(key(1), Nulls.none())));
        refused(map -> map.putAll(Nulls.none()));
        refused(map -> map.putAll(Collections.singletonMap(Nulls.none(), value(1))));
        refused(map -> map.putAll(Collections.singletonMap(key(99), Nulls.none())));
        refused(map -> map.putAll(Collections.singletonMap(key(1), Nulls.none())));
        refused(map -> map.removeAll(Nulls.none()));
        refused(map -> map.removeAll(Collections.singletonList(Nulls.none())));
    }

    @Test
    void aBatchWithANullHasWrittenNoMoreThanTheEntriesBeforeIt() {
        ShardedMap<Object, Object> map = filled(4);
        Map<Object, Object> entries = new LinkedHashMap<>();
        entries.put(key(10), value(10));
        entries.put(key(11), Nulls.none());
        entries.put(key(12), value(12));

        assertThatNullPointerException().isThrownBy(() -> map.putAll(entries));
        assertThat(map.containsKey(key(11))).isFalse();
        assertThat(map.containsKey(key(12))).isFalse();
        assertThat(map.get(key(10))).isIn(null, value(10));

        assertThatNullPointerException().isThrownBy(() -> map.removeAll(Arrays.asList(key(0), Nulls.none(), key(2))));
        assertThat(map.get(key(1))).isEqualTo(value(1));
        assertThat(map.get(key(2))).isEqualTo(value(2));
    }

    @Test
    void nullsInViewsAreRefused() {
        refused(map -> map.entrySet().iterator().next().setValue(Nulls.none()));
        refused(map -> map.entrySet().forEach(entry -> entry.setValue(Nulls.none())));
        refused(map -> map.keySet().forEach(Nulls.none()));
        refused(map -> map.values().forEach(Nulls.none()));
        refused(map -> map.entrySet().forEach(Nulls.none()));
        refused(map -> map.keySet().removeIf(Nulls.none()));
        refused(map -> map.values().removeIf(Nulls.none()));
        refused(map -> map.entrySet().removeIf(Nulls.none()));
        refused(map -> map.keySet().spliterator().tryAdvance(Nulls.none()));
        refused(map -> map.values().spliterator().tryAdvance(Nulls.none()));
        refused(map -> map.entrySet().spliterator().tryAdvance(Nulls.none()));
        refused(map -> map.entrySet().spliterator().forEachRemaining(Nulls.none()));
        refused(map -> map.entrySet().iterator().forEachRemaining(Nulls.none()));
    }

    @Test
    void aReplacementThatIsNullIsRefused() {
        refused(map -> map.replaceAll((key, value) -> Nulls.none()));
    }

    private void refused(Consumer<ShardedMap<Object, Object>> call) {
        ShardedMap<Object, Object> map = this.map;
        if (map == null) {
            map = filled(4);
            this.map = map;
        }
        ShardedMap<Object, Object> tried = map;
        assertThatNullPointerException().isThrownBy(() -> call.accept(tried));
        assertThat(map.equals(model(4))).as("the call changed nothing").isTrue();
        assertThat(map.put(key(1), value(2))).as("the key is free again").isEqualTo(value(1));
        assertThat(map.put(key(99), value(2))).as("the key is free again").isNull();
        map.put(key(1), value(1));
        map.remove(key(99));
    }
}
