package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.HeapMapBuilder;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.Spliterator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a traversal hands out was there. One that stands between two slots while the next one is freed and used again hands out no mixture, the key that was
 * there with the value that is coming; and one that stands in a table which gave way hands out no value of yesterday, but
 * for an entry that was promised and is gone.
 */
@Timeout(120)
final class HeapIterationTest {
    private static final int TRAVERSALS = 60_000;

    /** What is kept, and how many slots the first table has then. */
    enum Table {
        NUMBERS(8),
        OBJECTS(8) {
            @Override
            HeapMapBuilder<Object, Object> builder() {
                return super.builder().hasher(Object::hashCode);
            }
        },
        /** Values, too, are kept as numbers in a large table. */
        NUMBER_VALUES(1_500) {
            @Override
            HeapMapBuilder<Object, Object> builder() {
                return super.builder().initialCapacity(1_000);
            }
        },
        /** The same, where the numbers need 64 bits. */
        WIDE_VALUES(1_500) {
            @Override
            HeapMapBuilder<Object, Object> builder() {
                return super.builder().initialCapacity(1_000);
            }

            @Override
            long valueOf(long key) {
                return key << 32;
            }
        };

        private final long slots;

        Table(int slots) {
            this.slots = slots;
        }

        HeapMapBuilder<Object, Object> builder() {
            return ShardedMap.onHeap().shards(1).maxShards(1);
        }

        long valueOf(long key) {
            return key;
        }

        /** Where in the table a key belongs. */
        final int home(long key) {
            long hash = (Long.hashCode(key) * 0x9E3779B97F4A7C15L) >>> 33;
            return (int) ((hash * slots) >>> 31);
        }
    }

    /** How the entries are gone through. */
    enum Way {
        FOR_EACH {
            @Override
            void traverse(Map<Long, Long> map, BiConsumer<Long, Long> action) {
                map.forEach(action);
            }
        },
        ITERATOR {
            @Override
            void traverse(Map<Long, Long> map, BiConsumer<Long, Long> action) {
                for (Map.Entry<Long, Long> entry : map.entrySet()) {
                    action.accept(entry.getKey(), entry.getValue());
                }
            }
        };

        abstract void traverse(Map<Long, Long> map, BiConsumer<Long, Long> action);
    }

    static Stream<Arguments> tablesAndWays() {
        return Arrays.stream(Table.values())
                .flatMap(table -> Arrays.stream(Way.values()).map(way -> Arguments.of(table, way)));
    }

    @ParameterizedTest
    @MethodSource("tablesAndWays")
    void noEntryThatNeverWas(Table table, Way way) throws Exception {
        ShardedMap<Long, Long> map = table.builder().build();
        assertThat(map.put(0L, 0L)).isNull();
        assertThat(map.remove(0L)).isZero();
        assertThat(map.shards().loads().getFirst().slots()).isGreaterThanOrEqualTo(table.slots);
        List<Long> first = new ArrayList<>();
        List<Long> later = new ArrayList<>();
        for (long key = 1; later.size() < 2 || first.isEmpty(); key++) {
            if (table.home(key) == 0) {
                first.add(key);
            } else if (table.home(key) == 3) {
                later.add(key);
            }
        }
        Long stays = first.get(0);
        map.put(stays, table.valueOf(stays));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<String> wrong = new AtomicReference<>();
        Thread writer = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                for (Long key : List.of(later.get(0), later.get(1))) {
                    map.put(key, table.valueOf(key));
                    map.remove(key);
                }
            }
        });
        try {
            for (int traversal = 0; traversal < TRAVERSALS; traversal++) {
                int pause = traversal * 7 % 97;
                way.traverse(map, (key, value) -> {
                    if (key.equals(stays)) {
                        for (int i = 0; i < pause; i++) {
                            Thread.onSpinWait(); // lets the writer come and go between two slots of one word
                        }
                    }
                    if (value != table.valueOf(key)) {
                        wrong.set(key + "=" + value);
                    }
                });
            }
        } finally {
            stop.set(true);
            writer.join();
        }
        assertThat(wrong).as("an entry that never was").hasValue(null);
    }

    /** Ways for all entries to go, all but those of some keys. */
    enum End {
        REMOVED {
            @Override
            void come(ShardedMap<Long, Long> map, List<Long> survivors) {
                for (Long key : List.copyOf(map.keySet())) {
                    if (!survivors.contains(key)) {
                        map.remove(key);
                    }
                }
            }
        },
        CLEARED {
            @Override
            void come(ShardedMap<Long, Long> map, List<Long> survivors) {
                List<Long> values = survivors.stream().map(map::get).toList();
                map.clear();
                for (int i = 0; i < survivors.size(); i++) {
                    map.put(survivors.get(i), values.get(i));
                }
            }
        };

        abstract void come(ShardedMap<Long, Long> map, List<Long> survivors);
    }

    static Stream<Arguments> tablesAndEnds() {
        return Arrays.stream(Table.values())
                .flatMap(table -> Arrays.stream(End.values()).map(end -> Arguments.of(table, end)));
    }

    private static ShardedMap<Long, Long> filled(Table table, long entries) {
        ShardedMap<Long, Long> map = table.builder().build();
        for (long key = 0; key < entries; key++) {
            map.put(key, table.valueOf(key));
        }
        return map;
    }

    private static void take(Iterator<Map.Entry<Long, Long>> entries, int count, Table table, List<Long> seen) {
        for (int i = 0; i < count; i++) {
            Map.Entry<Long, Long> entry = entries.next();
            assertThat(entry.getValue()).isEqualTo(table.valueOf(entry.getKey()));
            assertThat(seen).doesNotContain(entry.getKey());
            seen.add(entry.getKey());
        }
    }

    @ParameterizedTest
    @MethodSource("tablesAndEnds")
    void whoWasToldThatThereIsANextEntryGetsOne(Table table, End end) {
        for (int size : new int[] {1, 2, 40, 300}) {
            for (int before = 0; before < size; before += 1 + size / 50) {
                ShardedMap<Long, Long> map = filled(table, size);
                Iterator<Map.Entry<Long, Long>> entries = map.entrySet().iterator();
                List<Long> seen = new ArrayList<>();
                take(entries, before, table, seen);
                assertThat(entries.hasNext()).isTrue();
                end.come(map, List.of());
                assertThat(entries.hasNext()).isTrue();
                take(entries, 1, table, seen);
                assertThat(entries.hasNext()).as("after the last of %s", size).isFalse();
                entries.remove();
                assertThat(map).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tablesAndEnds")
    void whoWasToldNothingGetsNoEntryThatIsGone(Table table, End end) {
        for (int size : new int[] {1, 40, 300}) {
            for (int before = 0; before < size; before += 1 + size / 50) {
                ShardedMap<Long, Long> map = filled(table, size);
                Iterator<Map.Entry<Long, Long>> entries = map.entrySet().iterator();
                take(entries, before, table, new ArrayList<>());
                end.come(map, List.of());
                assertThat(entries.hasNext()).as("after %s of %s", before, size).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tablesAndEnds")
    void whoWasToldThatThereIsANextEntryGetsOneThatIsThere(Table table, End end) {
        Random random = new Random(7);
        for (int size : new int[] {2, 40, 300}) {
            for (int round = 0; round < 50; round++) {
                ShardedMap<Long, Long> map = filled(table, size);
                Iterator<Map.Entry<Long, Long>> entries = map.entrySet().iterator();
                List<Long> seen = new ArrayList<>();
                take(entries, random.nextInt(size - 1), table, seen);
                List<Long> survivors = new ArrayList<>(map.keySet());
                survivors.removeAll(seen);
                Collections.shuffle(survivors, random);
                survivors = survivors.subList(0, 1 + random.nextInt(Math.min(3, survivors.size())));
                assertThat(entries.hasNext()).isTrue();
                end.come(map, survivors);
                List<Long> rest = new ArrayList<>();
                entries.forEachRemaining(entry -> rest.add(entry.getKey()));
                assertThat(rest).containsExactlyInAnyOrderElementsOf(survivors);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Table.class)
    void anIteratorRemovesNoKeyThatTookTheSlotOfTheOneItGave(Table table) {
        for (boolean movedOn : new boolean[] {false, true}) {
            ShardedMap<Long, Long> map = filled(table, 1);
            List<Long> sameHome = new ArrayList<>();
            for (long key = 1; sameHome.size() < 2; key++) {
                if (table.home(key) == 5) {
                    sameHome.add(key);
                }
            }
            Long gone = sameHome.get(0);
            Long other = sameHome.get(1);
            map.put(gone, table.valueOf(gone));
            if (movedOn) {
                long last = 1;
                while (table.home(last) != 6) {
                    last++;
                }
                map.put(last, table.valueOf(last));
            }
            Iterator<Map.Entry<Long, Long>> entries = map.entrySet().iterator();
            while (!entries.next().getKey().equals(gone)) {
                assertThat(entries.hasNext()).isTrue();
            }
            assertThat(entries.hasNext()).isEqualTo(movedOn);
            map.remove(gone);
            map.put(other, table.valueOf(other));
            map.put(gone, table.valueOf(gone));
            entries.remove();
            assertThat(map)
                    .doesNotContainKey(gone)
                    .containsEntry(other, table.valueOf(other))
                    .containsKey(0L);
        }
    }

    /** With more keys of one hash than the table takes, so that some stand beside it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 30})
    void onceItHasEndedNothingComes(int entries) {
        ShardedMap<Integer, Integer> map =
                ShardedMap.onHeap().shards(1).maxShards(1).hasher(key -> 7).build();
        for (int i = 0; i < entries; i++) {
            map.put(i, i);
        }
        Iterator<Integer> keys = map.keySet().iterator();
        for (int i = 0; i < entries; i++) {
            keys.next();
        }
        assertThat(keys.hasNext()).isFalse();
        for (int i = 100; i < 120; i++) {
            map.put(i, i);
            assertThat(keys.hasNext()).as("with %s entries more", i - 99).isFalse();
        }
    }

    /** In a table that gave way each value is looked up. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aKeyThatCannotBeLookedUpNowIsMetLater(boolean split) {
        AtomicBoolean breaks = new AtomicBoolean();
        ShardedMap<Object, Integer> map = ShardedMap.onHeap().build();
        for (int i = 0; i < 40; i++) {
            map.put(new FragileKey(31 * i, breaks), i);
        }
        Set<Object> stable = Set.copyOf(map.keySet());
        Spliterator<Object> keys = map.keySet().spliterator();
        List<Object> seen = new ArrayList<>();
        keys.tryAdvance(seen::add);
        for (int i = 0; i < 5_000; i++) {
            map.put(i, i);
        }
        for (boolean more = true; more; ) {
            breaks.set(true);
            try {
                more = split ? keys.tryAdvance(seen::add) : takeRest(keys, seen);
            } catch (UnsupportedOperationException expected) {
                // and the next time it is not
            } finally {
                breaks.set(false);
            }
            more |= keys.tryAdvance(seen::add);
        }
        assertThat(seen).doesNotHaveDuplicates().containsAll(stable);
    }

    private static boolean takeRest(Spliterator<Object> keys, List<Object> seen) {
        keys.forEachRemaining(seen::add);
        return false;
    }

    /** The rest of a traversal is that of a table which gave way; what it hands out must be what the map has today. */
    @ParameterizedTest
    @MethodSource("tablesAndWays")
    void afterTheTableGaveWayTheValuesAreThoseOfToday(Table table, Way way) {
        for (int before = 0; before < 40; before++) { // so that it gives way between words of tags, too
            traverseWhileTheTableGivesWay(table, way, before);
        }
    }

    private static void traverseWhileTheTableGivesWay(Table table, Way way, int before) {
        ShardedMap<Long, Long> map = table.builder().build();
        long stable = 600;
        for (long key = 0; key < stable; key++) {
            map.put(key, table.valueOf(key));
        }
        List<Long> seen = new ArrayList<>();
        way.traverse(map, (key, value) -> {
            if (seen.size() > before) {
                assertThat(value).as("value of key %s", key).isEqualTo(map.get(key));
            } else if (seen.size() == before) {
                for (long more = stable; more < 5 * stable; more++) {
                    map.put(more, table.valueOf(more));
                }
                for (long other = 0; other < stable; other++) {
                    if (other % 3 == 0) {
                        map.remove(other);
                    } else {
                        map.put(other, table.valueOf(other + 1));
                    }
                }
            }
            seen.add(key);
        });
        assertThat(seen).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(400);
    }
}
