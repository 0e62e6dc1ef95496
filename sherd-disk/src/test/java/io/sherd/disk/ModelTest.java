package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations give the same answers as on a {@link HashMap}, also across closes and crashes. */
final class ModelTest {
    private static final int STEPS = 10_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void words(long seed) {
        new Run<>(seed, Codecs.int64(), Codecs.int64(), random -> (long) random.nextInt(400), Random::nextLong).run();
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6, 7, 8, 9, 10})
    void stringsToBytesOfAllSizes(long seed) {
        new Run<>(
                        seed,
                        Codecs.utf8(),
                        Codecs.bytes(),
                        random -> "k".repeat(random.nextInt(3)) + random.nextInt(300),
                        random -> {
                            byte[] value =
                                    new byte[random.nextInt(400) == 0 ? random.nextInt(300_000) : random.nextInt(100)];
                            random.nextBytes(value);
                            return value;
                        })
                .run();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void fixedKeysToStrings(long seed) {
        new Run<>(seed, Codecs.int32(), Codecs.utf8(), random -> random.nextInt(300), random -> "v" + random.nextInt())
                .run();
    }

    @ParameterizedTest
    @ValueSource(longs = {13, 14})
    void wordsToStrings(long seed) {
        new Run<>(
                        seed,
                        Codecs.int64(),
                        Codecs.utf8(),
                        random -> (long) random.nextInt(300),
                        random -> "v" + random.nextInt())
                .run();
    }

    private final class Run<K, V> {
        final Random random;
        final Codec<K> keys;
        final Codec<V> values;
        final Function<Random, K> key;
        final Function<Random, V> value;
        final Map<K, V> model = new HashMap<>();
        LogMap<K, V> map;

        Run(long seed, Codec<K> keys, Codec<V> values, Function<Random, K> key, Function<Random, V> value) {
            this.random = new Random(seed);
            this.keys = keys;
            this.values = values;
            this.key = key;
            this.value = value;
            this.map = open();
        }

        LogMap<K, V> open() {
            return new DiskMapBuilder<>(keys, values)
                    .shards(1 << random.nextInt(4))
                    .fileShift(20)
                    .verifyReads(random.nextBoolean())
                    .durability(random.nextInt(20) == 0 ? Durability.SYNC : Durability.NONE)
                    .openLog(directory);
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step(i);
            }
            reopen(true);
            map.close();
        }

        void step(int i) {
            K k = key.apply(random);
            V v = value.apply(random);
            V now = model.get(k);
            String at = "step " + i + ", key " + k;
            switch (random.nextInt(18)) {
                case 0, 1, 2, 3 -> same(at, map.put(k, v), model.put(k, v));
                case 4, 5, 6 -> same(at, map.remove(k), model.remove(k));
                case 7 -> same(at, map.putIfAbsent(k, v), model.putIfAbsent(k, v));
                case 8 -> same(at, map.replace(k, v), model.replace(k, v));
                case 9 -> {
                    V expected = random.nextBoolean() && now != null ? copy(now) : v;
                    boolean present = Objects.deepEquals(now, expected);
                    assertThat(map.replace(k, expected, v)).as(at).isEqualTo(present);
                    if (present) {
                        model.put(k, v);
                    }
                }
                case 10 -> {
                    V expected = random.nextBoolean() && now != null ? copy(now) : v;
                    boolean present = Objects.deepEquals(now, expected);
                    assertThat(map.remove(k, expected)).as(at).isEqualTo(present);
                    if (present) {
                        model.remove(k);
                    }
                }
                case 11 -> {
                    V expected = now == null ? null : random.nextBoolean() ? copy(now) : v;
                    V update = random.nextBoolean() ? v : null;
                    same(at, map.compareAndExchange(k, expected, update), now);
                    if (Objects.deepEquals(now, expected)) {
                        set(k, update);
                    }
                }
                case 12 -> {
                    BiFunction<K, V, V> function = (x, old) -> old == null || random.nextBoolean() ? v : null;
                    V result = map.compute(k, function);
                    set(k, result);
                }
                case 13 -> {
                    same(at, map.computeIfAbsent(k, x -> v), model.computeIfAbsent(k, x -> v));
                    same(at, map.computeIfPresent(k, (x, old) -> null), model.computeIfPresent(k, (x, old) -> null));
                    same(at, map.merge(k, v, (a, b) -> a), model.merge(k, v, (a, b) -> a));
                }
                case 14 -> {
                    same(at, map.get(k), now);
                    assertThat(map.containsKey(k)).as(at).isEqualTo(now != null);
                    long length = now == null ? -1 : map.view(k, bytes -> bytes.byteSize());
                    assertThat(length).as(at).isEqualTo(now == null ? -1 : values.size(now));
                }
                case 15 -> batches();
                case 16 -> {
                    if (random.nextInt(100) == 0) {
                        wholeMap();
                    }
                }
                default -> {
                    if (random.nextInt(60) == 0) {
                        reopen(random.nextBoolean());
                    } else if (random.nextInt(60) == 0) {
                        map.checkpoint();
                    }
                }
            }
            assertThat(map.size()).as(at).isEqualTo(model.size());
        }

        void batches() {
            Map<K, V> some = new HashMap<>();
            Set<K> keySet = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                some.put(key.apply(random), value.apply(random));
                keySet.add(key.apply(random));
            }
            map.putAll(some);
            model.putAll(some);
            Map<K, V> found = map.getAll(keySet);
            for (K k : keySet) {
                same("batch", found.get(k), model.get(k));
            }
            int before = model.size();
            model.keySet().removeAll(keySet);
            assertThat(map.removeAll(keySet)).isEqualTo(before - model.size());
        }

        void wholeMap() {
            switch (random.nextInt(3)) {
                case 0 -> {
                    map.clear();
                    model.clear();
                }
                case 1 -> {
                    List<Map.Entry<K, V>> drained = map.drain();
                    Map<K, V> all = new HashMap<>();
                    drained.forEach(entry -> all.put(entry.getKey(), entry.getValue()));
                    sameMaps(all, model);
                    model.clear();
                }
                default -> {
                    int before = model.size();
                    model.keySet().removeIf(k -> k.hashCode() % 3 == 0);
                    assertThat(map.removeIf((k, v) -> k.hashCode() % 3 == 0)).isEqualTo(before - model.size());
                }
            }
        }

        void reopen(boolean orderly) {
            if (orderly) {
                map.close();
            } else {
                map.crash();
            }
            map = open();
            assertThat(map.recovery().clean()).isEqualTo(orderly);
            assertThat(map.recovery().cuts()).isEmpty();
            Map<K, V> all = new HashMap<>();
            map.forEach(all::put);
            sameMaps(all, model);
            model.forEach((k, v) -> same("after open, key " + k, map.get(k), v));
            VerifyReport report = map.verify();
            assertThat(report.damage()).isEmpty();
            assertThat(report.entries()).isEqualTo(model.size());
        }

        void set(K k, V v) {
            if (v == null) {
                model.remove(k);
            } else {
                model.put(k, v);
            }
        }

        @SuppressWarnings("unchecked")
        V copy(V v) {
            return v instanceof byte[] bytes ? (V) bytes.clone() : v;
        }

        void sameMaps(Map<K, V> actual, Map<K, V> expected) {
            assertThat(actual.keySet()).isEqualTo(expected.keySet());
            actual.forEach((k, v) -> same("key " + k, v, expected.get(k)));
        }

        void same(String at, V actual, V expected) {
            if (!Objects.deepEquals(actual, expected)) {
                throw new AssertionError(at + ": " + text(actual) + " but expected " + text(expected));
            }
        }

        String text(V v) {
            return v instanceof byte[] bytes ? bytes.length + " bytes " + Arrays.hashCode(bytes) : String.valueOf(v);
        }
    }
}
