package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** {@code getAll}, {@code putAll}, {@code removeAll} and {@code removeIf}. */
public abstract class BatchContract extends MapContract {

    /** For implementations. */
    protected BatchContract() {}

    @Test
    void getAllAnswersWithThePresentKeysInTheOrderAskedFor() {
        int count = atMostPlenty(1_000);
        ShardedMap<Object, Object> map = filled(count);
        List<Object> keys = new ArrayList<>();
        for (int i = 0; i < 2 * count; i++) {
            keys.add(key(i));
        }
        Collections.shuffle(keys, new Random(1));
        List<Object> expected =
                keys.stream().filter(key -> numberOfKey(key) < count).toList();
        keys.addAll(keys.subList(0, count));

        Map<Object, Object> found = map.getAll(keys);

        assertThat(new ArrayList<>(found.keySet())).isEqualTo(expected);
        found.forEach((key, value) -> assertThat(value).isEqualTo(value(numberOfKey(key))));
        assertThat(map.getAll(List.of())).isEmpty();
        assertThat(map.getAll(Set.of(key(count)))).isEmpty();
    }

    @Test
    void theAnswerOfGetAllIsTheCallersOwn() {
        ShardedMap<Object, Object> map = filled(3);
        Map<Object, Object> found = map.getAll(List.of(key(0), key(1)));
        found.put(key(9), value(9));
        found.remove(key(0));
        assertThat(map).isEqualTo(model(3));
        map.clear();
        assertThat(found.keySet()).isEqualTo(Set.of(key(1), key(9)));
    }

    @Test
    void putAllPutsNewEntriesAndReplacesOldOnes() {
        int count = atMostPlenty(2_000);
        ShardedMap<Object, Object> map = open();
        for (int i = 0; i < count / 2; i++) {
            map.put(key(i), value(i + 3));
        }
        map.putAll(model(count));
        assertThat(map.equals(model(count))).isTrue();
        map.putAll(Map.of());
        map.putAll(map);
        assertThat(map.equals(model(count))).isTrue();
    }

    @Test
    void removeAllCountsWhatItRemoved() {
        int count = atMostPlenty(1_000);
        ShardedMap<Object, Object> map = filled(count);
        List<Object> keys = new ArrayList<>();
        for (int i = count / 2; i < count + 10; i++) {
            keys.add(key(i));
            keys.add(key(i));
        }
        assertThat(map.removeAll(keys)).isEqualTo(count - count / 2);
        assertThat(map.removeAll(keys)).isZero();
        assertThat(map.removeAll(List.of())).isZero();
        assertThat(map.equals(model(count / 2))).isTrue();
        assertThat(map.removeAll(map.keySet())).isEqualTo(count / 2);
        assertThat(map).isEmpty();
    }

    @Test
    void removeIfCountsWhatItRemoved() {
        int count = atMostPlenty(1_000);
        ShardedMap<Object, Object> map = filled(count);
        assertThat(map.removeIf((key, value) -> false)).isZero();
        assertThat(map.removeIf((key, value) -> {
                    assertThat(numberOfValue(value)).isEqualTo(numberOfKey(key));
                    return numberOfKey(key) >= 100;
                }))
                .isEqualTo(count - 100);
        assertThat(map.equals(model(100))).isTrue();
        assertThat(map.removeIf((key, value) -> true)).isEqualTo(100);
        assertThat(map.removeIf((key, value) -> true)).isZero();
    }

    @Test
    void theFilterOfRemoveIfMayReadTheMap() {
        ShardedMap<Object, Object> map = filled(20);
        int removed = map.removeIf((key, value) -> {
            assertThat(map.get(key)).isEqualTo(value);
            assertThat(map.containsKey(key(19))).isEqualTo(true);
            return numberOfKey(key) < 19 && map.getAll(List.of(key)).size() == 1;
        });
        assertThat(removed).isEqualTo(19);
    }

    @Test
    void aFilterThatThrowsLeavesTheRest() {
        ShardedMap<Object, Object> map = filled(50);
        IllegalArgumentException mine = new IllegalArgumentException("mine");
        AtomicInteger asked = new AtomicInteger();
        assertThatThrownBy(() -> map.removeIf((key, value) -> {
                    if (asked.incrementAndGet() == 10) {
                        throw mine;
                    }
                    return true;
                }))
                .isSameAs(mine);
        assertThat(map.mappingCount()).isBetween(41L, 50L);
        map.putAll(model(50));
        assertThat(map.equals(model(50))).isTrue();
    }

    /** The filter runs outside of all locks, so it may wait for another thread that writes the very key. */
    @Test
    void theFilterIsAskedAgainWhenTheValueChangedMeanwhile() throws InterruptedException {
        try (Crew crew = Crew.ofPlatformThreads()) {
            ShardedMap<Object, Object> map = filled(1);
            List<Object> seen = new ArrayList<>();
            int removed = map.removeIf((key, value) -> {
                if (seen.isEmpty()) {
                    await(crew.start(() -> map.put(key, value(5))));
                }
                seen.add(value);
                return value.equals(value(0));
            });
            assertThat(removed).isZero();
            assertThat(seen).isEqualTo(List.of(value(0), value(5)));
            assertThat(map.get(key(0))).isEqualTo(value(5));
        }
    }

    private static void await(Crew.Job<?> job) {
        try {
            job.result();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
