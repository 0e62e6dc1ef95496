package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import io.sherd.Snapshot;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arrays of a snapshot that are so large that several threads fill them, in parts: every element once, at no place none. */
final class HeapSnapshotArrayTest {
    private static final int ENTRIES = 150_000;

    /** A quarter of these have one hash code, so that most of them stand outside the tables, and one part is larger than others. */
    private record Crowded(int number) implements Comparable<Crowded> {
        @Override
        public int hashCode() {
            return number % 4 == 0 ? 0 : number;
        }

        @Override
        public int compareTo(Crowded other) {
            return Integer.compare(number, other.number);
        }
    }

    enum Keys {
        LONGS,
        STRINGS,
        CROWDED;

        Object key(int number) {
            return switch (this) {
                case LONGS -> (long) number;
                case STRINGS -> "key " + number;
                case CROWDED -> new Crowded(number);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void haveEveryElementOnce(Keys keys) {
        Map<Object, Integer> expected = new HashMap<>();
        ShardedMap<Object, Integer> map = ShardedMap.onHeap().build();
        for (int i = 0; i < ENTRIES; i++) {
            expected.put(keys.key(i), i);
        }
        map.putAll(expected);
        try (Snapshot<Object, Integer> snapshot = map.snapshot()) {
            map.clear();

            Map<Object, Object> found = new HashMap<>();
            for (Object element : snapshot.entrySet().toArray()) {
                Map.Entry<?, ?> entry = new SimpleImmutableEntry<>((Map.Entry<?, ?>) element);
                found.put(entry.getKey(), entry.getValue());
            }
            assertThat(found.equals(expected)).isTrue();
            assertThat(new ArrayList<>(snapshot.entrySet())).hasSize(ENTRIES).doesNotContainNull();

            Object[] ofKeys = snapshot.keySet().toArray();
            assertThat(ofKeys).hasSize(ENTRIES);
            assertThat(expected.keySet().containsAll(Arrays.asList(ofKeys))).isTrue();
            assertThat(Arrays.stream(ofKeys).distinct().count()).isEqualTo(ENTRIES);

            assertThat(Arrays.stream(snapshot.values().toArray())
                            .mapToInt(Integer.class::cast)
                            .sorted())
                    .hasSize(ENTRIES)
                    .startsWith(0, 1)
                    .endsWith(ENTRIES - 1);
        }
    }
}
