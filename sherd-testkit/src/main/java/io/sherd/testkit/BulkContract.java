package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.ShardedMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Bulk reading: {@code forEach}, {@code search} and {@code reduce} over all entries, and streams that need a few. */
public abstract class BulkContract extends MapContract {
    private static final long[] THRESHOLDS = {1, 50, Long.MAX_VALUE};

    /** For implementations. */
    protected BulkContract() {}

    private static long sum(int count) {
        return LongStream.range(0, count).sum();
    }

    @Test
    void forEachSeesEveryEntryOnce() {
        ShardedMap<Object, Object> map = filled(plenty());
        for (long threshold : THRESHOLDS) {
            Map<Integer, Integer> seen = new ConcurrentHashMap<>();
            map.forEach(threshold, (key, value) -> {
                assertThat(numberOfValue(value)).isEqualTo(numberOfKey(key));
                seen.merge(numberOfKey(key), 1, Integer::sum);
            });
            assertThat(seen).hasSize(plenty());
            assertThat(seen.values()).containsOnly(1);
        }
    }

    @Test
    void searchFindsTheOnlyOne() {
        ShardedMap<Object, Object> map = filled(plenty());
        for (long threshold : THRESHOLDS) {
            for (int sought : List.of(0, plenty() / 2, plenty() - 1)) {
                assertThat(map.<Object>search(
                                threshold, (key, value) -> numberOfKey(key) == sought ? numberOfValue(value) : null))
                        .isEqualTo(sought);
            }
            assertThat(map.<Object>search(threshold, (key, value) -> null)).isNull();
        }
    }

    @Test
    void searchStopsWhenItHasFound() {
        ShardedMap<Object, Object> map = filled(plenty());
        AtomicInteger asked = new AtomicInteger();
        assertThat(map.<Object>search(Long.MAX_VALUE, (key, value) -> asked.incrementAndGet() == 5 ? key : null))
                .isNotNull();
        assertThat(asked).hasValue(5);
    }

    @Test
    void streamWithALimitStopsWhenItHasEnough() {
        ShardedMap<Object, Object> map = filled(plenty());
        AtomicInteger asked = new AtomicInteger();
        List<Object> some = map.entrySet().stream()
                .filter(entry -> asked.incrementAndGet() % 2 == 0)
                .map(Map.Entry::getKey)
                .limit(10)
                .toList();
        assertThat(some).hasSize(10).doesNotHaveDuplicates();
        assertThat(asked).hasValue(20);
        asked.set(0);
        assertThat(map.keySet().stream()
                        .filter(key -> asked.incrementAndGet() > 3)
                        .findFirst())
                .isPresent();
        assertThat(asked).hasValue(4);
    }

    @Test
    void reduceJoinsAll() {
        int count = plenty();
        ShardedMap<Object, Object> map = filled(count);
        for (long threshold : THRESHOLDS) {
            assertThat(map.<Long>reduce(threshold, (key, value) -> (long) numberOfKey(key), Long::sum))
                    .isEqualTo(sum(count));
            assertThat(map.<Integer>reduce(
                            threshold, (key, value) -> numberOfKey(key) < 7 ? numberOfKey(key) : null, Math::max))
                    .isEqualTo(6);
            assertThat(map.reduceToLong(threshold, (key, value) -> numberOfValue(value), 0, Long::sum))
                    .isEqualTo(sum(count));
            assertThat(map.reduceToInt(threshold, (key, value) -> numberOfKey(key), Integer.MIN_VALUE, Math::max))
                    .isEqualTo(count - 1);
            assertThat(map.reduceToDouble(threshold, (key, value) -> numberOfKey(key), 0, Double::sum))
                    .isEqualTo((double) sum(count));
        }
    }

    @Test
    void anEmptyMapGivesTheBasis() {
        ShardedMap<Object, Object> map = open();
        map.forEach(1, (key, value) -> {
            throw new AssertionError(key);
        });
        assertThat(map.<Object>search(1, (key, value) -> key)).isNull();
        assertThat(map.<Object>reduce(1, (key, value) -> key, (a, b) -> a)).isNull();
        assertThat(map.reduceToLong(1, (key, value) -> 1, 7, Long::sum)).isEqualTo(7);
        assertThat(map.reduceToInt(1, (key, value) -> 1, 7, Integer::sum)).isEqualTo(7);
        assertThat(map.reduceToDouble(1, (key, value) -> 1, 7, Double::sum)).isEqualTo(7);
    }

    @Test
    void aFailureReachesTheCaller() {
        ShardedMap<Object, Object> map = filled(plenty());
        Object bad = key(plenty() / 2);
        for (long threshold : THRESHOLDS) {
            assertThatThrownBy(() -> map.forEach(threshold, (key, value) -> {
                        if (numberOfKey(key) == plenty() / 2) {
                            throw new ArithmeticException("on purpose");
                        }
                    }))
                    .as("key %s", bad)
                    .isInstanceOf(ArithmeticException.class);
            assertThatThrownBy(() -> map.reduceToLong(
                            threshold,
                            (key, value) -> {
                                throw new ArithmeticException("on purpose");
                            },
                            0,
                            Long::sum))
                    .isInstanceOf(ArithmeticException.class);
        }
    }

    @Test
    void functionsMayUseTheMap() {
        int count = plenty();
        ShardedMap<Object, Object> map = filled(count);
        map.forEach(1, (key, value) -> map.compute(key, (held, old) -> plus(value, 1)));
        Map<Object, Object> expected = new HashMap<>();
        for (int i = 0; i < count; i++) {
            expected.put(key(i), value(i + 1));
        }
        expected.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void nullFunctionsAreRefused() {
        ShardedMap<Object, Object> map = filled(1);
        assertThatThrownBy(() -> map.forEach(1, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.search(1, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.reduce(1, null, (a, b) -> a)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.reduce(1, (key, value) -> key, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.reduceToLong(1, null, 0, Long::sum)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.reduceToLong(1, (key, value) -> 1, 0, null))
                .isInstanceOf(NullPointerException.class);
    }
}
