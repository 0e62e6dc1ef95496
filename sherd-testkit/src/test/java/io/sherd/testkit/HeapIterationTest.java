package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.HeapMapBuilder;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a traversal hands out was there. One that stands between two slots while the next one is freed and used again hands out no mixture, the key that was
 * there with the value that is coming; and one that stands in a table which gave way hands out no value of yesterday.
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
