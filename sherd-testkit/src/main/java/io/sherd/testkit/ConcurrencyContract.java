package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Short seeded runs of several threads, each with an exact outcome. Interleavings are searched by other suites. */
public abstract class ConcurrencyContract extends MapContract {
    private static final int THREADS = 4;

    /** For implementations. */
    protected ConcurrencyContract() {}

    @Test
    void threadsWithKeysOfTheirOwnDoNotDisturbOneAnother() throws InterruptedException {
        int keys = plenty() / THREADS;
        int operations = Math.min(2 * keys, 20_000);
        ShardedMap<Object, Object> map = open();
        List<Map<Object, Object>> models = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            models.add(new HashMap<>());
        }
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(THREADS, index -> {
                Random random = new Random(index);
                Map<Object, Object> model = models.get(index);
                for (int i = 0; i < operations; i++) {
                    Object key = key(random.nextInt(keys) * THREADS + index);
                    int choice = random.nextInt(10);
                    Object value = value(random.nextInt(100));
                    assertThat(step(choice, map, key, value))
                            .as("thread %s, operation %s, kind %s", index, i, choice)
                            .isEqualTo(step(choice, model, key, value));
                    assertThat(map.get(key)).isEqualTo(model.get(key));
                }
            });
        }
        Map<Object, Object> all = new HashMap<>();
        models.forEach(all::putAll);
        assertThat(map.equals(all)).isTrue();
        assertThat(map.mappingCount()).isEqualTo(all.size());
    }

    private @Nullable Object step(int choice, Map<Object, Object> map, Object key, Object value) {
        return switch (choice) {
            case 0, 1, 2 -> map.put(key, value);
            case 3, 4 -> map.remove(key);
            case 5 -> map.putIfAbsent(key, value);
            case 6 -> map.compute(key, (k, old) -> old == null ? value : null);
            case 7 -> map.merge(key, value, (old, given) -> plus(old, 1));
            case 8 -> map.computeIfAbsent(key, k -> value);
            default -> map.replace(key, value);
        };
    }

    @Test
    void countersSumUp() throws InterruptedException {
        int hot = 5;
        int steps = atMostPlenty(2_000);
        ShardedMap<Object, Object> map = open();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(THREADS, index -> {
                Random random = new Random(index);
                for (int i = 0; i < steps; i++) {
                    Object key = key(i % hot);
                    switch (random.nextInt(4)) {
                        case 0 -> map.merge(key, value(1), (old, given) -> plus(old, 1));
                        case 1 -> map.compute(key, (k, old) -> old == null ? value(1) : plus(old, 1));
                        case 2 -> {
                            if (map.computeIfPresent(key, (k, old) -> plus(old, 1)) == null) {
                                map.merge(key, value(1), (old, given) -> plus(old, 1));
                            }
                        }
                        default -> {
                            Object old = map.get(key);
                            while (old == null
                                    ? map.putIfAbsent(key, value(1)) != null
                                    : !map.replace(key, old, plus(old, 1))) {
                                old = map.get(key);
                            }
                        }
                    }
                }
            });
        }
        assertThat(map.values().stream().mapToInt(this::numberOfValue).sum()).isEqualTo(THREADS * steps);
    }

    @Test
    void ofSeveralThreadsOnePutsAndOneRemoves() throws InterruptedException {
        int keys = atMostPlenty(500);
        ShardedMap<Object, Object> map = open();
        AtomicInteger put = new AtomicInteger();
        AtomicInteger removed = new AtomicInteger();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(THREADS, index -> {
                for (int i = 0; i < keys; i++) {
                    if (map.putIfAbsent(key(i), value(index)) == null) {
                        put.incrementAndGet();
                    }
                }
            });
            assertThat(put.get()).isEqualTo(keys);
            crew.together(THREADS, index -> {
                for (int i = 0; i < keys; i++) {
                    if (map.remove(key(i)) != null) {
                        removed.incrementAndGet();
                    }
                }
            });
            assertThat(removed.get()).isEqualTo(keys);
        }
        assertThat(map).isEmpty();
    }

    /** What a thread has seen of a key it never sees older again, by whichever way it looks. */
    @Test
    void readersNeverSeeAKeyGoBack() throws InterruptedException {
        int keys = 8;
        int versions = Math.min(plenty(), 3_000);
        ShardedMap<Object, Object> map = open();
        for (int i = 0; i < keys; i++) {
            map.put(key(i), value(0));
        }
        AtomicInteger writing = new AtomicInteger(2);
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(5, index -> {
                if (index < 2) {
                    writeVersions(map, keys, index, versions);
                    writing.decrementAndGet();
                } else if (index == 2) {
                    for (int i = 100; writing.get() > 0; i = i < 100 + plenty() ? i + 1 : 100) {
                        map.put(key(i), value(1));
                        map.remove(key(i - 50));
                    }
                } else {
                    int[] newest = new int[keys];
                    do {
                        readVersions(map, keys, newest);
                    } while (writing.get() > 0);
                    readVersions(map, keys, newest);
                    assertThat(newest).containsOnly(versions);
                }
            });
        }
    }

    private void writeVersions(ShardedMap<Object, Object> map, int keys, int index, int versions) {
        for (int version = 1; version <= versions; version++) {
            Object value = value(version);
            for (int i = index; i < keys; i += 2) {
                switch (version % 3) {
                    case 0 -> map.put(key(i), value);
                    case 1 -> map.compute(key(i), (k, old) -> value);
                    default -> map.replace(key(i), value);
                }
            }
        }
    }

    private void readVersions(ShardedMap<Object, Object> map, int keys, int[] newest) {
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            all.add(key(i));
            look(i, map.get(key(i)), newest);
        }
        map.getAll(all).forEach((key, value) -> look(numberOfKey(key), value, newest));
        for (Map.Entry<Object, Object> entry : map.entrySet()) {
            if (numberOfKey(entry.getKey()) < keys) {
                look(numberOfKey(entry.getKey()), entry.getValue(), newest);
            }
        }
    }

    private void look(int key, @Nullable Object value, int[] newest) {
        assertThat(value).as("key %s is always present", key).isNotNull();
        int version = numberOfValue(java.util.Objects.requireNonNull(value));
        assertThat(version).as("version of key %s", key).isGreaterThanOrEqualTo(newest[key]);
        newest[key] = version;
    }

    /** A key that others keep removing and putting back never shows another key's value. */
    @Test
    void aReusedPlaceNeverShowsAnotherKeysValue() throws InterruptedException {
        int keys = 64;
        int rounds = Math.min(plenty() / 8, 1_000);
        ShardedMap<Object, Object> map = open();
        AtomicBoolean over = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            List<Crew.Job<Integer>> readers = new ArrayList<>();
            for (int reader = 0; reader < 2; reader++) {
                readers.add(crew.start(() -> {
                    int found = 0;
                    do {
                        for (int i = 0; i < keys; i++) {
                            Object value = map.get(key(i));
                            if (value != null) {
                                assertThat(numberOfValue(value) % keys).isEqualTo(i);
                                found++;
                            }
                        }
                        map.forEach((key, value) ->
                                assertThat(numberOfValue(value) % keys).isEqualTo(numberOfKey(key)));
                    } while (!over.get());
                    return found;
                }));
            }
            try {
                crew.together(2, index -> {
                    for (int round = 0; round < rounds; round++) {
                        for (int i = index; i < keys; i += 2) {
                            map.put(key(i), value(i + keys * (round % 4)));
                        }
                        for (int i = index; i < keys; i += 2) {
                            map.remove(key(i));
                        }
                    }
                });
            } finally {
                over.set(true);
            }
            for (Crew.Job<Integer> reader : readers) {
                assertThat(reader.result()).isNotNegative();
            }
        }
        assertThat(map).isEmpty();
    }
}
