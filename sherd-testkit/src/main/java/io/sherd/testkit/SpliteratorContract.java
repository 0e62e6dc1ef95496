package io.sherd.testkit;

import static java.util.Spliterator.CONCURRENT;
import static java.util.Spliterator.DISTINCT;
import static java.util.Spliterator.IMMUTABLE;
import static java.util.Spliterator.NONNULL;
import static java.util.Spliterator.SIZED;
import static java.util.Spliterator.SORTED;
import static java.util.Spliterator.SUBSIZED;
import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Spliterator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Traversals that can be split, and the streams made of them. */
public abstract class SpliteratorContract extends MapContract {

    /** For implementations. */
    protected SpliteratorContract() {}

    @Test
    void saysWhatItIs() {
        ShardedMap<Object, Object> map = filled(10);
        assertThat(map.entrySet().spliterator().characteristics() & ALL).isEqualTo(CONCURRENT | DISTINCT | NONNULL);
        assertThat(map.keySet().spliterator().characteristics() & ALL).isEqualTo(CONCURRENT | DISTINCT | NONNULL);
        assertThat(map.values().spliterator().characteristics() & ALL).isEqualTo(CONCURRENT | NONNULL);
        assertThat(map.entrySet().spliterator().estimateSize()).isNotNegative();
        assertThat(map.keySet().spliterator().getExactSizeIfKnown()).isEqualTo(-1);
    }

    private static final int ALL = CONCURRENT | DISTINCT | NONNULL | SIZED | SUBSIZED | IMMUTABLE | SORTED;

    @Test
    void anEmptyMapHasNothingToSplit() {
        ShardedMap<Object, Object> map = open();
        Spliterator<Object> keys = map.keySet().spliterator();
        List<Object> seen = new ArrayList<>();
        takeInParts(map, keys, seen::add);
        assertThat(seen).isEmpty();
        assertThat(keys.tryAdvance(seen::add)).isFalse();
        keys.forEachRemaining(seen::add);
        assertThat(seen).isEmpty();
    }

    @Test
    void splitToTheEndThePartsCoverEveryEntryOnce() {
        ShardedMap<Object, Object> map = filled(plenty());

        Map<Object, Object> entries = new HashMap<>();
        int splits = takeInParts(
                map,
                map.entrySet().spliterator(),
                entry -> assertThat(entries.put(entry.getKey(), entry.getValue()))
                        .isNull());
        assertThat(entries.equals(model(plenty()))).isTrue();
        if (fixture.spread()) {
            assertThat(splits).as("the number of times it was split").isPositive();
        }

        Map<Object, Object> keys = new HashMap<>();
        takeInParts(
                map,
                map.keySet().spliterator(),
                key -> assertThat(keys.put(key, key)).isNull());
        assertThat(keys.keySet().equals(entries.keySet())).isTrue();

        List<Object> values = new ArrayList<>();
        takeInParts(map, map.values().spliterator(), values::add);
        assertThat(values.stream().mapToInt(this::numberOfValue).sorted().toArray())
                .isEqualTo(java.util.stream.IntStream.range(0, plenty()).toArray());
    }

    @Test
    void goesOnBehindTheElementAtWhichTheActionThrew() {
        int entries = atMostPlenty(300);
        ShardedMap<Object, Object> map = filled(entries);
        assertThat(takenInRuns(map.entrySet().spliterator()))
                .containsExactlyInAnyOrderElementsOf(model(entries).entrySet());
        assertThat(takenInRuns(map.keySet().spliterator()))
                .containsExactlyInAnyOrderElementsOf(model(entries).keySet());
        assertThat(takenInRuns(map.values().spliterator()).stream()
                        .mapToInt(this::numberOfValue)
                        .sorted()
                        .toArray())
                .isEqualTo(java.util.stream.IntStream.range(0, entries).toArray());
    }

    /** Takes all in runs, each of which ends with an exception but for the last. */
    private static <T> List<T> takenInRuns(Spliterator<T> all) {
        List<T> taken = new ArrayList<>();
        for (int run = 1; ; run++) {
            int end = taken.size() + run % 9;
            try {
                all.forEachRemaining(element -> {
                    taken.add(element);
                    if (taken.size() > end) {
                        throw new UnsupportedOperationException("on purpose");
                    }
                });
                return taken;
            } catch (UnsupportedOperationException expected) {
                if (run % 3 == 0) {
                    all.tryAdvance(taken::add);
                }
            }
        }
    }

    /** Splits as long as that goes, then takes what is left. Answers how often a split succeeded. */
    private static <T> int takeInParts(
            ShardedMap<Object, Object> map, Spliterator<T> whole, Consumer<? super T> action) {
        int most = 2 * map.shards().count();
        int splits = 0;
        Deque<Spliterator<T>> parts = new ArrayDeque<>(List.of(whole));
        while (!parts.isEmpty()) {
            Spliterator<T> part = parts.peek();
            Spliterator<T> other = part.trySplit();
            if (other == null) {
                parts.remove().forEachRemaining(action);
                assertThat(part.tryAdvance(action)).isFalse();
                assertThat(part.trySplit()).isNull();
            } else {
                parts.push(other);
                splits++;
                assertThat(splits)
                        .as(
                                "a map with %s shards has not many more parts",
                                map.shards().count())
                        .isLessThanOrEqualTo(most);
            }
        }
        return splits;
    }

    @Test
    void splitAnywhereThePartsCoverEveryEntryOnce() {
        int count = atMostPlenty(5_000);
        ShardedMap<Object, Object> map = filled(count);
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Map<Object, Object> seen = new HashMap<>();
            Consumer<Map.Entry<Object, Object>> once = entry ->
                    assertThat(seen.put(entry.getKey(), entry.getValue())).isNull();
            List<Spliterator<Map.Entry<Object, Object>>> parts = new ArrayList<>();
            parts.add(map.entrySet().spliterator());
            while (!parts.isEmpty()) {
                Spliterator<Map.Entry<Object, Object>> part = parts.remove(random.nextInt(parts.size()));
                boolean more = true;
                for (int steps = random.nextInt(30); more && steps > 0; steps--) {
                    more = part.tryAdvance(once);
                }
                Spliterator<Map.Entry<Object, Object>> other = part.trySplit();
                if (other != null) {
                    parts.add(other);
                }
                if (more && random.nextInt(10) > 0) {
                    parts.add(part);
                } else {
                    part.forEachRemaining(once);
                }
            }
            assertThat(seen.equals(model(count))).as("seed %s", seed).isTrue();
        }
    }

    @Test
    void parallelStreamsGiveWhatSequentialOnesDo() {
        int count = plenty();
        ShardedMap<Object, Object> map = filled(count);
        long expected = (long) count * (count - 1) / 2;

        for (Collection<?> view : List.of(map.keySet(), map.values(), map.entrySet())) {
            assertThat(view.parallelStream().count()).isEqualTo(count);
            assertThat(view.stream().count()).isEqualTo(count);
        }
        assertThat(map.keySet().parallelStream().mapToLong(this::numberOfKey).sum())
                .isEqualTo(expected);
        assertThat(map.values().parallelStream().mapToLong(this::numberOfValue).sum())
                .isEqualTo(expected);
        Map<Object, Object> collected = map.entrySet().parallelStream()
                .collect(Collectors.toConcurrentMap(Map.Entry::getKey, Map.Entry::getValue));
        assertThat(collected.equals(map)).isTrue();
    }

    @Test
    void aParallelStreamSplitsTheMap() {
        if (!fixture.spread()) {
            return; // all keys in one place: there is nothing to split
        }
        ShardedMap<Object, Object> map = filled(plenty());
        AtomicInteger splits = new AtomicInteger();
        long count = StreamSupport.stream(new Watched<>(map.entrySet().spliterator(), splits), true)
                .map(Map.Entry::getKey)
                .distinct()
                .count();
        assertThat(count).isEqualTo(plenty());
        assertThat(splits.get()).isPositive();
    }

    @Test
    void theEstimateIsOfTheRightOrder() {
        ShardedMap<Object, Object> map = filled(plenty());
        assertThat(map.keySet().spliterator().estimateSize()).isBetween(plenty() / 4L, plenty() * 4L);
    }

    /** Counts the splits of another spliterator. */
    private record Watched<T>(Spliterator<T> source, AtomicInteger splits) implements Spliterator<T> {
        @Override
        public boolean tryAdvance(Consumer<? super T> action) {
            return source.tryAdvance(action);
        }

        @Override
        public @Nullable Spliterator<T> trySplit() {
            Spliterator<T> part = source.trySplit();
            if (part == null) {
                return null;
            }
            splits.incrementAndGet();
            return new Watched<>(part, splits);
        }

        @Override
        public long estimateSize() {
            return source.estimateSize();
        }

        @Override
        public int characteristics() {
            return source.characteristics();
        }
    }
}
