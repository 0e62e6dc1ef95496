package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sherd.Changes;
import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import io.sherd.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Snapshots, in whatever mode: what was there when nobody wrote, for ever, and nothing can change it. */
public abstract class SnapshotContract extends MapContract {

    /** For implementations. */
    protected SnapshotContract() {}

    private void assertSame(Snapshot<Object, Object> snapshot, Map<Object, Object> expected) {
        assertThat(snapshot.mappingCount()).isEqualTo(expected.size());
        assertThat(snapshot.size()).isEqualTo(expected.size());
        assertThat(snapshot.isEmpty()).isEqualTo(expected.isEmpty());
        assertThat(snapshot.equals(expected)).isTrue();
        assertThat(expected.equals(snapshot)).isTrue();
        assertThat(snapshot.hashCode()).isEqualTo(expected.hashCode());
        expected.forEach((key, value) -> {
            assertThat(snapshot.get(key)).isEqualTo(value);
            assertThat(snapshot.containsKey(key)).isTrue();
        });
        Map<Object, Object> seen = new HashMap<>();
        snapshot.forEach((key, value) -> assertThat(seen.put(key, value)).isNull());
        assertThat(seen.equals(expected)).isTrue();
        assertThat(new HashSet<>(snapshot.keySet())).isEqualTo(expected.keySet());
        assertThat(snapshot.keySet()).hasSize(expected.size());
        assertThat(new ArrayList<>(snapshot.values())).hasSize(expected.size());
        assertThat(new HashSet<>(new ArrayList<>(snapshot.entrySet()))).isEqualTo(expected.entrySet());
        assertThat(new HashSet<>(snapshot.entrySet().parallelStream().toList())).isEqualTo(expected.entrySet());
    }

    @Test
    void hasWhatTheMapHasAndKeepsIt() {
        ShardedMap<Object, Object> map = filled(100);
        Map<Object, Object> expected = model(100);
        try (Snapshot<Object, Object> snapshot = map.snapshot()) {
            assertSame(snapshot, expected);
            for (int i = 0; i < 100; i++) {
                switch (i % 6) {
                    case 0 -> map.put(key(i), value(i + 1_000));
                    case 1 -> map.remove(key(i));
                    case 2 -> map.merge(key(i), value(i + 1_000), (old, now) -> now);
                    case 3 -> map.compute(key(i), (key, old) -> null);
                    case 4 -> {
                        try (LockedEntry<Object, Object> entry = map.lock(key(i))) {
                            entry.setValue(value(i + 1_000));
                        }
                    }
                    default -> map.compareAndSet(key(i), value(i), null);
                }
            }
            assertSame(snapshot, expected);
        }
    }

    @Test
    void keepsItWhileTheMapGrowsIsDrainedAndCleared() {
        ShardedMap<Object, Object> map = filled(60);
        try (Snapshot<Object, Object> small = map.snapshot()) {
            map.putAll(model(plenty()));
            try (Snapshot<Object, Object> large = map.snapshot()) {
                assertThat(large.size()).isEqualTo(plenty());
                map.drain();
                try (Snapshot<Object, Object> empty = map.snapshot()) {
                    map.putAll(model(200));
                    map.clear();
                    map.put(key(1), value(2));
                    assertSame(empty, Map.of());
                }
                assertSame(large, model(plenty()));
            }
            assertSame(small, model(60));
        }
    }

    @Test
    void ofAnEmptyMap() {
        ShardedMap<Object, Object> map = open();
        try (Snapshot<Object, Object> snapshot = map.snapshot()) {
            map.put(key(1), value(1));
            assertSame(snapshot, Map.of());
        }
    }

    @Test
    void holdsAndTransactionsMeanwhile() {
        ShardedMap<Object, Object> map = filled(10);
        Map<Object, Object> expected = model(10);
        LockedEntries<Object, Object> entries = map.lockAll(List.of(key(1), key(2), key(20)));
        entries.get(key(1)).setValue(value(71));
        entries.get(key(2)).remove();
        entries.get(key(20)).setValue(value(72));
        try (Snapshot<Object, Object> held = map.snapshot()) {
            assertSame(held, expected);
            entries.close();
            assertSame(held, expected);
        }
        expected.put(key(1), value(71));
        expected.remove(key(2));
        expected.put(key(20), value(72));
        try (Snapshot<Object, Object> written = map.snapshot()) {
            assertSame(written, expected);
            map.transact(transaction -> {
                transaction.put(key(3), value(73));
                transaction.remove(key(4));
                transaction.put(key(21), value(74));
                return key(3);
            });
            assertSame(written, expected);
            try (Snapshot<Object, Object> younger = map.snapshot()) {
                Changes<Object, Object> changes = younger.changesSince(written);
                assertThat(changes.added()).isEqualTo(Map.of(key(21), value(74)));
                assertThat(changes.removed()).isEqualTo(Map.of(key(4), value(4)));
                assertThat(changes.changed()).isEqualTo(Map.of(key(3), new Changes.Replaced<>(value(3), value(73))));
                assertThat(changes.size()).isEqualTo(3);
            }
        }
    }

    @Test
    void aFunctionMayTakeOne() {
        ShardedMap<Object, Object> map = filled(10);
        Map<Object, Object> expected = model(10);
        List<Snapshot<Object, Object>> taken = new ArrayList<>();
        map.compute(key(1), (key, old) -> {
            taken.add(map.snapshot());
            map.put(key(2), value(50));
            taken.add(map.snapshot());
            return value(51);
        });
        assertSame(taken.get(0), expected);
        expected.put(key(2), value(50));
        assertSame(taken.get(1), expected);
        expected.put(key(1), value(51));
        try (Snapshot<Object, Object> after = map.snapshot()) {
            assertSame(after, expected);
        }
    }

    @Test
    void knowsVersionAndTime() {
        ShardedMap<Object, Object> map = filled(1);
        Instant before = Instant.now();
        Snapshot<Object, Object> first = map.snapshot();
        Instant after = Instant.now();
        map.put(key(2), value(2));
        Snapshot<Object, Object> second = map.snapshot();
        assertThat(first.version()).isPositive();
        assertThat(second.version()).isGreaterThan(first.version());
        assertThat(first.takenAt()).isBetween(before, after);
        Duration younger = second.age();
        assertThat(younger).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(first.age()).isGreaterThanOrEqualTo(younger);
        assertThat(map.snapshotAt(first.version())).isEmpty();
    }

    @Test
    void cannotBeChanged() {
        ShardedMap<Object, Object> map = filled(3);
        Snapshot<Object, Object> snapshot = map.snapshot();
        List<Consumer<Snapshot<Object, Object>>> attempts = List.of(
                at -> at.put(key(1), value(2)),
                at -> at.remove(key(1)),
                at -> at.remove(key(9), value(9)),
                at -> at.putAll(Map.of()),
                Map::clear,
                at -> at.putIfAbsent(key(1), value(1)),
                at -> at.replace(key(9), value(1)),
                at -> at.replace(key(9), value(1), value(2)),
                at -> at.replaceAll((key, old) -> old),
                at -> at.compute(key(1), (key, old) -> old),
                at -> at.computeIfAbsent(key(1), key -> value(1)),
                at -> at.computeIfPresent(key(9), (key, old) -> old),
                at -> at.merge(key(1), value(1), (a, b) -> a),
                at -> at.keySet().remove(key(9)),
                at -> at.keySet().clear(),
                at -> at.values().removeIf(value -> false),
                at -> at.entrySet().retainAll(at.entrySet()),
                at -> at.entrySet().iterator().next().setValue(value(1)),
                at -> {
                    Iterator<Object> keys = at.keySet().iterator();
                    keys.next();
                    keys.remove();
                });
        for (Consumer<Snapshot<Object, Object>> attempt : attempts) {
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> attempt.accept(snapshot));
        }
        assertSame(snapshot, model(3));
        assertThat(map.equals(model(3))).isTrue();
    }

    @Test
    void spliteratorsSplitAndAreExact() {
        ShardedMap<Object, Object> map = filled(plenty());
        try (Snapshot<Object, Object> snapshot = map.snapshot()) {
            Spliterator<Object> second = snapshot.keySet().spliterator();
            assertThat(second.hasCharacteristics(Spliterator.SIZED | Spliterator.SUBSIZED | Spliterator.IMMUTABLE))
                    .isTrue();
            List<Object> seen = new ArrayList<>();
            assertThat(second.tryAdvance(seen::add)).isTrue();
            assertThat(second.estimateSize()).isEqualTo(plenty() - 1);
            Spliterator<Object> first = second.trySplit();
            if (first != null) {
                assertThat(first.estimateSize() + second.estimateSize()).isEqualTo(plenty() - 1);
                first.forEachRemaining(seen::add);
                assertThat(first.estimateSize()).isZero();
            }
            second.forEachRemaining(seen::add);
            assertThat(second.estimateSize()).isZero();
            assertThat(seen).hasSize(plenty());
            assertThat(new HashSet<>(seen)).isEqualTo(model(plenty()).keySet());
        }
    }

    @Test
    void changesSinceLeadFromOneToTheOther() {
        ShardedMap<Object, Object> map = filled(plenty());
        Snapshot<Object, Object> older = map.snapshot();
        assertThat(older.changesSince(older).isEmpty()).isTrue();
        for (int i = 0; i < plenty(); i += 50) {
            switch (i % 3) {
                case 0 -> map.put(key(i), value(i + 1));
                case 1 -> map.remove(key(i));
                default -> map.put(key(i), value(i));
            }
        }
        map.put(key(plenty()), value(1));
        Snapshot<Object, Object> younger = map.snapshot();
        Changes<Object, Object> changes = younger.changesSince(older);
        Map<Object, Object> led = new HashMap<>(older);
        changes.added().forEach((key, value) -> assertThat(led.put(key, value)).isNull());
        changes.changed()
                .forEach((key, values) ->
                        assertThat(led.put(key, values.after())).isEqualTo(values.before()));
        changes.removed()
                .forEach((key, value) -> assertThat(led.remove(key, value)).isTrue());
        assertThat(led.equals(younger)).isTrue();
        assertThat(map.equals(younger)).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> older.changesSince(younger))
                .withMessageContaining("version " + younger.version());
        Snapshot<Object, Object> stranger = open().snapshot();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> younger.changesSince(stranger))
                .withMessageContaining("another map");
    }

    /** Whether a snapshot ends with its close; not so in the mode CACHED, where callers share it. */
    protected abstract boolean closes();

    @Test
    void aClosedOneSaysSo() {
        ShardedMap<Object, Object> map = filled(5);
        Snapshot<Object, Object> snapshot = map.snapshot();
        Iterator<Object> keys = snapshot.keySet().iterator();
        keys.next();
        Snapshot<Object, Object> again = map.snapshot();
        snapshot.close();
        snapshot.close();
        map.put(key(1), value(9));
        assertSame(again, model(5));
        if (closes()) {
            assertClosed(snapshot, key(1), keys);
        } else {
            assertSame(snapshot, model(5));
        }
    }

    /** What a mode that closes its snapshots throws afterwards. */
    private static void assertClosed(Snapshot<Object, Object> snapshot, Object key, Iterator<Object> begun) {
        List<Supplier<Object>> uses = List.of(
                () -> String.valueOf(snapshot.get(key)),
                () -> snapshot.containsKey(key),
                snapshot::size,
                snapshot::mappingCount,
                snapshot::isEmpty,
                () -> snapshot.keySet().iterator(),
                () -> snapshot.values().toArray(),
                () -> snapshot.entrySet().spliterator(),
                () -> snapshot.changesSince(snapshot),
                begun::next,
                begun::hasNext);
        for (Supplier<Object> use : uses) {
            assertThatIllegalStateException().isThrownBy(use::get).withMessageContaining("closed");
        }
        assertThatIllegalStateException().isThrownBy(() -> snapshot.forEach((a, b) -> {}));
        assertThat(snapshot.version()).isPositive();
        assertThat(snapshot.takenAt()).isNotNull();
        assertThat(snapshot.age()).isNotNull();
    }
}
