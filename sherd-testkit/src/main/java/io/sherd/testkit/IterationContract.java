package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.Spliterator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A key that is present during a whole iteration is seen exactly once, whatever happens to other keys meanwhile. */
public abstract class IterationContract extends MapContract {

    /** For implementations. */
    protected IterationContract() {}

    @Test
    void growthInTheMiddleHidesAndRepeatsNothing() {
        int stable = atMostPlenty(100);
        for (int stopAt : new int[] {0, 1, stable / 2, stable - 1}) {
            ShardedMap<Object, Object> map = filled(stable);
            Iterator<Object> keys = map.keySet().iterator();
            Set<Object> seen = new HashSet<>();
            takeOnce(keys, stopAt, seen);
            for (int i = stable; i < plenty(); i++) {
                map.put(key(i), value(i));
            }
            takeOnce(keys, Integer.MAX_VALUE, seen);
            assertThat(seen.containsAll(model(stable).keySet()))
                    .as("growth after %s", stopAt)
                    .isTrue();
        }
    }

    @Test
    void removalInTheMiddleHidesAndRepeatsNothing() {
        int stable = atMostPlenty(100);
        for (int stopAt : new int[] {0, 1, stable / 2, plenty() / 2, plenty() - 1}) {
            ShardedMap<Object, Object> map = filled(plenty());
            Iterator<Object> keys = map.keySet().iterator();
            Set<Object> seen = new HashSet<>();
            takeOnce(keys, stopAt, seen);
            for (int i = stable; i < plenty(); i++) {
                map.remove(key(i));
            }
            takeOnce(keys, Integer.MAX_VALUE, seen);
            assertThat(seen.containsAll(model(stable).keySet()))
                    .as("removal after %s", stopAt)
                    .isTrue();
        }
    }

    @Test
    void partsOfASplitTraversalSurviveGrowthAndRemoval() {
        int stable = plenty() / 2;
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            ShardedMap<Object, Object> map = filled(stable);
            List<Spliterator<Object>> parts = new ArrayList<>();
            parts.add(map.keySet().spliterator());
            Set<Object> seen = new HashSet<>();
            int next = stable;
            while (!parts.isEmpty()) {
                Spliterator<Object> part = parts.remove(random.nextInt(parts.size()));
                for (int i = 0; i < plenty() / 16 && next < plenty(); i++) {
                    map.put(key(next), value(next++));
                }
                boolean more = true;
                for (int steps = random.nextInt(1 + plenty() / 8); more && steps > 0; steps--) {
                    more = part.tryAdvance(key -> assertStableOnce(seen, key, stable));
                }
                if (more && parts.size() < 8) {
                    Spliterator<Object> other = part.trySplit();
                    if (other != null) {
                        parts.add(other);
                    }
                }
                if (more) {
                    parts.add(part);
                }
                if (next >= plenty() && random.nextInt(4) == 0) {
                    for (int i = stable; i < plenty(); i += 2) {
                        map.remove(key(i));
                    }
                }
            }
            assertThat(seen).as("seed %s", seed).hasSize(stable);
        }
    }

    private void assertStableOnce(Set<Object> seen, Object key, int stable) {
        if (numberOfKey(key) < stable) {
            assertThat(seen.add(key)).as("%s is seen once", key).isTrue();
        }
    }

    @Test
    void aHeldKeyIsSeenOnceAcrossGrowth() throws InterruptedException {
        int stable = atMostPlenty(100);
        ShardedMap<Object, Object> map = filled(stable);
        try (Crew crew = Crew.ofPlatformThreads();
                Hold present = new Hold(crew, map, Means.COMPUTE, key(5), value(7));
                Hold absent = new Hold(crew, map, Means.COMPUTE, key(plenty() + 5), null)) {
            Iterator<Map.Entry<Object, Object>> entries = map.entrySet().iterator();
            Map<Object, Object> seen = new HashMap<>();
            for (int i = 0; i < stable / 2; i++) {
                Map.Entry<Object, Object> entry = entries.next();
                assertThat(seen.put(entry.getKey(), entry.getValue())).isNull();
            }
            for (int i = stable; i < plenty(); i++) {
                map.put(key(i), value(i));
            }
            entries.forEachRemaining(entry ->
                    assertThat(seen.put(entry.getKey(), entry.getValue())).isNull());
            assertThat(seen.keySet().containsAll(model(stable).keySet())).isTrue();
            assertThat(seen).containsEntry(key(5), value(5)).doesNotContainKey(key(plenty() + 5));
            present.release();
            absent.release();
        }
        assertThat(map.get(key(5))).isEqualTo(value(7));
        assertThat(map.mappingCount()).isEqualTo(plenty());
    }

    @Test
    void aMapClearedInTheMiddleEndsTheIterationQuietly() {
        ShardedMap<Object, Object> map = filled(plenty());
        Iterator<Object> keys = map.keySet().iterator();
        Set<Object> seen = new HashSet<>();
        takeOnce(keys, 10, seen);
        map.clear();
        takeOnce(keys, Integer.MAX_VALUE, seen);
        assertThat(seen).hasSizeBetween(10, plenty());
        assertThat(map).isEmpty();
    }

    @Test
    void anIteratorRemovesWhileTheMapGrows() {
        int stable = atMostPlenty(300);
        ShardedMap<Object, Object> map = filled(stable);
        int next = plenty();
        for (Iterator<Object> keys = map.keySet().iterator(); keys.hasNext(); ) {
            int number = numberOfKey(keys.next());
            if (number < stable) {
                keys.remove();
                for (int i = 0; i < 5; i++) {
                    map.put(key(next), value(1));
                    next++;
                }
            }
        }
        assertThat(map.mappingCount()).isEqualTo(5L * stable);
        assertThat(map.keySet().stream().mapToInt(this::numberOfKey).min()).hasValue(plenty());
    }

    private static void takeOnce(Iterator<Object> keys, int count, Set<Object> seen) {
        for (int i = 0; i < count && keys.hasNext(); i++) {
            Object key = keys.next();
            assertThat(seen.add(key)).as("%s is seen once", key).isTrue();
        }
    }

    /**
     * Stable keys get ever higher values; around them others come and go by the thousand. Every traversal sees each stable
     * key once, with a value it had since the traversal began.
     */
    @Test
    void stableKeysAreSeenOnceAmongConcurrentWriters() throws InterruptedException {
        int stable = plenty() / 4;
        int writers = 2;
        int rounds = 4;
        ShardedMap<Object, Object> map = open();
        for (int i = 0; i < stable; i++) {
            map.put(key(i), value(0));
        }
        AtomicInteger version = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            List<Crew.Job<Integer>> jobs = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                int offset = stable + w;
                jobs.add(crew.start(() -> churn(map, offset, writers, over)));
            }
            jobs.add(crew.start(() -> {
                while (!over.get()) {
                    int next = version.get() + 1;
                    for (int i = 0; i < stable && !over.get(); i++) {
                        map.put(key(i), value(next));
                    }
                    if (!over.get()) {
                        version.set(next); // every stable key has at least this version now
                    }
                }
                return 0;
            }));
            try {
                for (int round = 0; round < rounds; round++) {
                    for (Way way : Way.values()) {
                        int atLeast = version.get();
                        int[] seen = new int[stable];
                        for (Map.Entry<Object, Object> entry : way.entries(map)) {
                            int number = numberOfKey(entry.getKey());
                            if (number < stable) {
                                seen[number]++;
                                assertThat(numberOfValue(entry.getValue()))
                                        .as("version of key %s", number)
                                        .isGreaterThanOrEqualTo(atLeast);
                            }
                        }
                        assertThat(Arrays.stream(seen)
                                        .filter(count -> count != 1)
                                        .count())
                                .as("stable keys not seen exactly once, by %s", way)
                                .isZero();
                    }
                }
            } finally {
                over.set(true);
            }
            for (Crew.Job<Integer> job : jobs) {
                job.result();
            }
        }
    }

    private int churn(ShardedMap<Object, Object> map, int first, int step, AtomicBoolean over) {
        int rounds = 0;
        while (!over.get()) {
            for (int i = first; i < plenty() && !over.get(); i += step) {
                map.put(key(i), value(1));
            }
            for (int i = first; i < plenty(); i += step) {
                map.remove(key(i));
            }
            rounds++;
        }
        return rounds;
    }

    /** The ways to traverse a map. */
    private enum Way {
        ITERATOR {
            @Override
            List<Map.Entry<Object, Object>> entries(ShardedMap<Object, Object> map) {
                List<Map.Entry<Object, Object>> entries = new ArrayList<>();
                for (Map.Entry<Object, Object> entry : map.entrySet()) {
                    entries.add(Map.entry(entry.getKey(), entry.getValue()));
                }
                return entries;
            }
        },
        FOR_EACH {
            @Override
            List<Map.Entry<Object, Object>> entries(ShardedMap<Object, Object> map) {
                List<Map.Entry<Object, Object>> entries = new ArrayList<>();
                map.forEach((key, value) -> entries.add(Map.entry(key, value)));
                return entries;
            }
        },
        PARALLEL_STREAM {
            @Override
            List<Map.Entry<Object, Object>> entries(ShardedMap<Object, Object> map) {
                return map.entrySet().parallelStream()
                        .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                        .toList();
            }
        };

        abstract List<Map.Entry<Object, Object>> entries(ShardedMap<Object, Object> map);
    }
}
