package io.sherd;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.SegmentKind.Keys;
import io.sherd.SegmentKind.Values;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that are numbers, and how a table comes to keep them as such and ceases to. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class NumberValuesTest {
    private static final int ENTRIES = 20_000;

    /** Numbers on both sides of every border. */
    private static final List<Long> NUMBERS = List.of(
            0L,
            -1L,
            127L,
            128L,
            (long) Integer.MAX_VALUE,
            (long) Integer.MIN_VALUE,
            Integer.MAX_VALUE + 1L,
            Integer.MIN_VALUE - 1L,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            (long) WordSegment.SMALL_MARK,
            WordSegment.WIDE_MARK);

    private static HeapMap<Object, Object> map() {
        return (HeapMap<Object, Object>) ShardedMap.onHeap().build();
    }

    /** A map of one table, which is large from the beginning. */
    private static HeapMap<Object, Object> largeTable() {
        return (HeapMap<Object, Object>) ShardedMap.onHeap()
                .shards(1)
                .maxShards(1)
                .initialCapacity(5_000)
                .build();
    }

    private static HeapMap<Object, Object> filled() {
        HeapMap<Object, Object> map = map();
        for (long key = 0; key < ENTRIES; key++) {
            map.put(key, key);
        }
        return map;
    }

    private static Set<SegmentKind> kinds(HeapMap<?, ?> map) {
        return map.segments().stream().map(segment -> segment.kind).collect(Collectors.toSet());
    }

    private static SegmentKind longs(Values values) {
        return SegmentKind.of(Keys.LONGS, values);
    }

    private static void assertIs(HeapMap<Object, Object> map, Map<Object, Object> expected) {
        assertThat(map).containsExactlyInAnyOrderEntriesOf(expected);
        expected.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
        assertThat(map.containsValue(expected.values().iterator().next())).isTrue();
        Map<Object, Object> seen = new HashMap<>();
        map.forEach(seen::put);
        assertThat(seen).isEqualTo(expected);
        try (Snapshot<Object, Object> snapshot = map.snapshot()) {
            assertThat(snapshot).containsExactlyInAnyOrderEntriesOf(expected);
            assertThat(new ArrayList<>(snapshot.values())).containsExactlyInAnyOrderElementsOf(expected.values());
        }
    }

    @Test
    void aSmallMapKeepsTheObjects() {
        HeapMap<Object, Object> map = map();
        for (long key = 0; key < 100; key++) {
            map.put(key, 1_000_000 + key);
        }
        assertThat(kinds(map)).containsExactly(longs(Values.OBJECTS));
        assertThat(map.get(5L)).isSameAs(map.get(5L));
    }

    @Test
    void aLargeMapKeepsTheNumbers() {
        HeapMap<Object, Object> map = filled();
        assertThat(kinds(map)).containsExactly(longs(Values.SMALL_LONGS));
        Map<Object, Object> expected = new HashMap<>();
        for (long key = 0; key < ENTRIES; key++) {
            expected.put(key, key);
        }
        assertIs(map, expected);
    }

    @Test
    void integersStayIntegers() {
        HeapMap<Object, Object> map = map();
        for (int key = 0; key < ENTRIES; key++) {
            map.put(key, -key);
        }
        assertThat(kinds(map)).containsExactly(SegmentKind.of(Keys.INTEGERS, Values.INTEGERS));
        assertThat(map.get(7)).isEqualTo(-7);
        assertThat(map.replace(7, -7L, 0)).as("a Long is no Integer").isFalse();
        assertThat(map.remove(7, (Object) Long.valueOf(-7L))).isFalse();
        assertThat(map.replace(7, -7, 70)).isTrue();
        assertThat(map.entrySet()).contains(Map.entry(7, 70)).doesNotContain(Map.entry(7, 70L));
    }

    @Test
    void aMapWithAHasherKeepsTheObjects() {
        HeapMap<Object, Object> map = (HeapMap<Object, Object>)
                ShardedMap.onHeap().hasher(Object::hashCode).build();
        for (long key = 0; key < ENTRIES; key++) {
            map.put(key, key);
        }
        assertThat(kinds(map)).containsExactly(SegmentKind.ANY);
    }

    @Test
    void aMapOfOtherValuesKeepsTheObjects() {
        HeapMap<Object, Object> map = map();
        for (long key = 0; key < ENTRIES; key++) {
            map.put(key, "value " + key);
        }
        assertThat(kinds(map)).containsExactly(longs(Values.OBJECTS));
    }

    @Test
    void whatDoesNotFitWidens() {
        HeapMap<Object, Object> map = largeTable();
        Map<Object, Object> expected = new HashMap<>();
        for (long key = 0; key < 100; key++) {
            map.put(key, key);
            expected.put(key, key);
        }
        assertThat(kinds(map)).containsExactly(longs(Values.SMALL_LONGS));
        assertIs(map, expected);
        map.put(5L, 1L << 40);
        expected.put(5L, 1L << 40);
        assertThat(kinds(map)).containsExactly(longs(Values.LONGS));
        assertIs(map, expected);
        map.put(6L, 6);
        expected.put(6L, 6);
        assertThat(kinds(map)).containsExactly(longs(Values.OBJECTS));
        assertIs(map, expected);
        map.put("7", 7);
        expected.put("7", 7);
        assertThat(kinds(map)).containsExactly(SegmentKind.ANY);
        assertIs(map, expected);
    }

    /** Else whoever holds a key in it, or commits to it, would not be seen; and it would be made anew at every change. */
    @Test
    void anEmptyTableAcceptsWhatItDidBefore() {
        HeapMap<Object, Object> map = largeTable();
        map.put(1L, 1L);
        map.remove(1L);
        map.put(1L, 1);
        map.remove(1L);
        assertThat(kinds(map)).containsExactly(longs(Values.OBJECTS));
        map.put(1, 1);
        map.remove(1);
        assertThat(kinds(map)).containsExactly(SegmentKind.ANY);
        map.clear();
        map.put(1, 1);
        assertThat(kinds(map)).containsExactly(SegmentKind.of(Keys.INTEGERS, Values.INTEGERS));
    }

    /** The first of two absent keys is in a table that converts between the instant of a commit and its write there. */
    @Test
    void aCommitIsSeenInATableThatConverts() {
        Segment segment = SegmentKind.of(1L, 1L).segment(new Epochs(), 0, 0, 2_000);
        int hash = Segment.spread(Long.hashCode(1L));
        assertThat(segment.lock()).isTrue();
        segment.addHold(new KeyHold(hash, 1L, 4711));
        segment.announce(committed(1L, "committed"));
        assertThat(segment.get(hash, 1L)).isEqualTo("committed");
        Segment other = segment.kindFor(7, "seven").segment(new Epochs(), 0, 0, 2_000);
        segment.copyInto(other, other);
        segment.retire();
        assertThat(other.get(hash, 1L)).isEqualTo("committed");
    }

    private static Commit committed(Object key, Object value) {
        Commit commit = new Commit() {
            @Override
            @Nullable
            Object valueOf(int hash, Object other) {
                return other.equals(key) ? value : null;
            }
        };
        commit.done();
        return commit;
    }

    /** Tables that gave way while keys were held, one after the other, are not kept: each hold refers to values alone. */
    @Test
    void tablesThatGaveWayGo() {
        Segment segment = SegmentKind.of(1L, 1L).segment(new Epochs(), 0, 0, 2_000);
        List<WeakReference<Segment>> tables = new ArrayList<>();
        Deque<KeyHold> holds = new ArrayDeque<>();
        for (long key = 0; key < 50; key++) {
            int hash = Segment.spread(Long.hashCode(key));
            assertThat(segment.lock()).isTrue();
            segment.insert(hash, key, key, segment.slotOf(hash, key));
            segment.unlock();
            assertThat(segment.lock()).isTrue();
            segment.suspend(segment.slotOf(hash, key), hash, key, 4711);
            assertThat(segment.lock()).isTrue(); // writes the hold down
            holds.add(Objects.requireNonNull(segment.holdOf(hash, key)));
            if (holds.size() > 2) {
                KeyHold done = holds.remove();
                segment.settle(done);
                segment.dropHold(done);
            }
            Segment copy = segment.copy();
            segment.retire();
            tables.add(new WeakReference<>(segment));
            segment = copy;
        }
        for (int tries = 0;
                tries < 10
                        && tables.stream().filter(table -> table.get() != null).count() > 5;
                tries++) {
            System.gc();
        }
        assertThat(tables.stream().filter(table -> table.get() != null).count()).isLessThanOrEqualTo(5);
        for (long key = 0; key < 50; key++) {
            assertThat(segment.get(Segment.spread(Long.hashCode(key)), key)).isEqualTo(key);
        }
    }

    /** Whatever writes a value may bring one of another kind. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "put",
                "replace",
                "replaceExact",
                "compareAndExchange",
                "compute",
                "computeIfPresent",
                "merge",
                "lock",
                "lockAll",
                "transact",
                "async",
                "entry",
                "absent",
                "absentFunction",
                "absentLock"
            })
    void everyWriteConverts(String write) {
        for (Object value : List.of(1L << 40, 77, "seventy-seven", 77L)) {
            HeapMap<Object, Object> map = largeTable();
            Map<Object, Object> expected = new HashMap<>();
            for (long key = 0; key < 1_000; key++) {
                map.put(key, key);
                expected.put(key, key);
            }
            Object key = write.startsWith("absent") ? 1_000L : 77L;
            write(map, write, key, value);
            expected.put(key, value);
            assertIs(map, expected);
        }
    }

    private static void write(HeapMap<Object, Object> map, String write, Object key, Object value) {
        switch (write) {
            case "put", "absent" -> map.put(key, value);
            case "replace" -> map.replace(key, value);
            case "replaceExact" -> assertThat(map.replace(key, 77L, value)).isTrue();
            case "compareAndExchange" ->
                assertThat(map.compareAndExchange(key, 77L, value)).isEqualTo(77L);
            case "compute", "absentFunction" -> map.compute(key, (k, old) -> value);
            case "computeIfPresent" -> map.computeIfPresent(key, (k, old) -> value);
            case "merge" -> map.merge(key, 1L, (old, more) -> value);
            case "lock", "absentLock" -> {
                try (LockedEntry<Object, Object> entry = map.lock(key)) {
                    entry.setValue(value);
                }
            }
            case "lockAll" -> {
                try (LockedEntries<Object, Object> entries = map.lockAll(List.of(key, 78L))) {
                    Objects.requireNonNull(entries.get(key)).setValue(value);
                    Objects.requireNonNull(entries.get(78L)).setValue(78L);
                }
            }
            case "transact" ->
                map.transact(tx -> {
                    tx.put(78L, tx.get(78L));
                    return tx.put(key, value);
                });
            case "async" -> map.async().put(key, value).join();
            case "entry" ->
                map.entrySet().stream()
                        .filter(entry -> entry.getKey().equals(key))
                        .forEach(entry -> entry.setValue(value));
            default -> throw new AssertionError(write);
        }
    }

    /** A transaction that brings several kinds into an empty table ends. */
    @Test
    void severalKindsAtOnce() {
        HeapMap<Object, Object> map = largeTable();
        Map<Object, Object> expected = Map.of(1L, 1L, 2L, 2, 3L, 1L << 40, 4L, "four", 5, 5L, "six", 6);
        map.put(9L, 9L);
        map.remove(9L);
        map.transact(tx -> {
            expected.forEach(tx::put);
            return null;
        });
        assertIs(map, expected);
    }

    @Test
    void numbersOnEveryBorder() {
        for (HeapMap<Object, Object> map : List.of(map(), largeTable(), filled())) {
            map.clear();
            Map<Object, Object> expected = new HashMap<>();
            for (int round = 0; round < 3; round++) {
                for (long key = 0; key < 3_000; key++) {
                    Long value = NUMBERS.get((int) (key + round) % NUMBERS.size());
                    assertThat(map.put(key, value)).isEqualTo(expected.put(key, value));
                }
                assertIs(map, expected);
            }
            for (long key = 0; key < 3_000; key++) {
                Long now = NUMBERS.get((int) (key + 2) % NUMBERS.size());
                assertThat(map.replace(key, now, now)).isTrue();
                assertThat(map.remove(key, (Object) now)).isTrue();
            }
            assertThat(map).isEmpty();
        }
    }

    /** A key is held while others convert its table back and forth; the holder's value of any kind is what stays. */
    @Test
    void aHeldKeySeesItsTableConvert() {
        for (Object value : List.of(1L, 1L << 40, 1, "one", WordSegment.WIDE_MARK, (long) WordSegment.SMALL_MARK)) {
            for (Object other : List.of(1L << 40, 2, "two")) {
                HeapMap<Object, Object> map = largeTable();
                for (long key = 0; key < 1_000; key++) {
                    map.put(key, (long) WordSegment.SMALL_MARK);
                }
                try (LockedEntry<Object, Object> entry = map.lock(7L)) {
                    map.put(8L, other);
                    assertThat(map.get(7L)).isEqualTo((long) WordSegment.SMALL_MARK);
                    assertThat(map.values())
                            .filteredOn(Long.valueOf(WordSegment.SMALL_MARK)::equals)
                            .hasSize(999);
                    entry.setValue(value);
                    map.put(9L, "nine");
                    assertThat(map.get(7L)).isEqualTo((long) WordSegment.SMALL_MARK);
                    try (Snapshot<Object, Object> snapshot = map.snapshot()) {
                        assertThat(snapshot.get(7L)).isEqualTo((long) WordSegment.SMALL_MARK);
                    }
                }
                assertThat(map.get(7L)).isEqualTo(value);
                assertThat(map.get(8L)).isEqualTo(other);
                assertThat(map).hasSize(1_000);
            }
        }
    }

    @Test
    void aSnapshotTellsWhatChanged() {
        HeapMap<Object, Object> map = filled();
        try (Snapshot<Object, Object> before = map.snapshot()) {
            map.put(1L, 1L);
            map.put(2L, 20L);
            map.put(3L, "three");
            map.remove(4L);
            map.put((long) ENTRIES, 5L);
            try (Snapshot<Object, Object> after = map.snapshot()) {
                Changes<Object, Object> changes = after.changesSince(before);
                assertThat(changes.added()).isEqualTo(Map.of((long) ENTRIES, 5L));
                assertThat(changes.removed()).isEqualTo(Map.of(4L, 4L));
                assertThat(changes.changed().keySet()).isEqualTo(Set.of(2L, 3L));
            }
            assertThat(before.get(3L)).isEqualTo(3L);
        }
    }

    @Test
    void aRebalanceMovesTablesOfEveryKind() {
        HeapMap<Object, Object> map = filled();
        Map<Object, Object> expected = new HashMap<>(map);
        for (long key = 0; key < ENTRIES; key += 97) {
            map.put(key, NUMBERS.get((int) (key % NUMBERS.size())));
            expected.put(key, NUMBERS.get((int) (key % NUMBERS.size())));
        }
        map.put(10L, "ten");
        expected.put(10L, "ten");
        for (int shards : List.of(1_024, 1, 64, 4)) {
            map.shards().rebalanceTo(shards);
            assertIs(map, expected);
        }
    }

    /** The value of a key says whose it is, whatever its kind. */
    private static Object value(long key, int kind) {
        return switch (kind) {
            case 0 -> key;
            case 1 -> key + (1L << 40);
            case 2 -> (int) key;
            default -> "value " + key;
        };
    }

    private static boolean isOf(long key, Object value) {
        return switch (value) {
            case Long number -> number == key || number == key + (1L << 40);
            case Integer number -> number == key;
            default -> value.equals("value " + key);
        };
    }

    /** Writers convert a table all the time, and empty it; nobody sees what was never written. */
    @Test
    void readersWhileTablesConvert() throws InterruptedException {
        int keys = 200;
        HeapMap<Object, Object> map = largeTable();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        List<Thread> readers = List.of(
                Thread.ofPlatform().start(() -> {
                    while (!stop.get()) {
                        for (long key = 0; key < keys; key++) {
                            Object found = map.get(key);
                            if (found != null && !isOf(key, found)) {
                                wrong.incrementAndGet();
                            }
                        }
                    }
                }),
                Thread.ofPlatform().start(() -> {
                    while (!stop.get()) {
                        map.forEach((key, found) -> {
                            if (!isOf((Long) key, found)) {
                                wrong.incrementAndGet();
                            }
                        });
                        try (Snapshot<Object, Object> snapshot = map.snapshot()) {
                            snapshot.forEach((key, found) -> {
                                if (!isOf((Long) key, found)) {
                                    wrong.incrementAndGet();
                                }
                            });
                        }
                    }
                }));
        List<Thread> writers = new ArrayList<>();
        for (int seed = 0; seed < 2; seed++) {
            Random random = new Random(seed);
            writers.add(Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 60_000; round++) {
                    long key = random.nextInt(keys);
                    int kind = random.nextInt(1_000) == 0 ? random.nextInt(4) : 0;
                    switch (random.nextInt(8)) {
                        case 0, 1 -> map.remove(key);
                        case 2 -> map.merge(key, value(key, kind), (old, more) -> more);
                        case 3 -> map.compute(key, (k, old) -> old == null ? value(key, kind) : null);
                        case 4 ->
                            map.transact(tx -> {
                                tx.put(key, value(key, kind));
                                return tx.put((key + 1) % keys, value((key + 1) % keys, 0));
                            });
                        default -> map.put(key, value(key, kind));
                    }
                    if (round % 2_000 == 0) {
                        map.clear();
                    }
                }
            }));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        stop.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(wrong).hasValue(0);
        map.forEach((key, found) -> assertThat(isOf((Long) key, found)).isTrue());
    }
}
