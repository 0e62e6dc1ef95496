package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@code entrySet}, {@code keySet} and {@code values}: live views, through which entries can be removed and changed. */
public abstract class ViewsContract extends MapContract {

    /** For implementations. */
    protected ViewsContract() {}

    @Test
    void viewsShowWhatTheMapHolds() {
        int count = atMostPlenty(300);
        ShardedMap<Object, Object> map = filled(count);
        Map<Object, Object> model = model(count);

        assertThat(map.keySet().equals(model.keySet())).isTrue();
        assertThat(model.keySet().equals(map.keySet())).isTrue();
        assertThat(map.entrySet().equals(model.entrySet())).isTrue();
        assertThat(model.entrySet().equals(map.entrySet())).isTrue();
        assertThat(map.keySet()).hasSameHashCodeAs(model.keySet());
        assertThat(map.entrySet()).hasSameHashCodeAs(model.entrySet());
        assertThat(map.values()).containsExactlyInAnyOrderElementsOf(model.values());

        for (Collection<?> view : List.of(map.keySet(), map.entrySet(), map.values())) {
            assertThat(view.size()).isEqualTo(count);
            assertThat(view.isEmpty()).isFalse();
        }
        assertThat(map.keySet().contains(key(1))).isTrue();
        assertThat(map.keySet().contains(key(count))).isFalse();
        assertThat(map.keySet().containsAll(model.keySet())).isTrue();
        assertThat(map.values().contains(value(1))).isTrue();
        assertThat(map.values().contains(value(count))).isFalse();
        assertThat(map.entrySet().contains(Map.entry(key(1), value(1)))).isTrue();
        assertThat(map.entrySet().contains(Map.entry(key(1), value(2)))).isFalse();
        assertThat(map.entrySet().contains(Map.entry(key(count), value(1)))).isFalse();
        assertThat(map.entrySet().containsAll(model.entrySet())).isTrue();
    }

    @Test
    void viewsAreLive() {
        ShardedMap<Object, Object> map = open();
        Set<Object> keys = map.keySet();
        Collection<Object> values = map.values();
        Set<Map.Entry<Object, Object>> entries = map.entrySet();
        map.put(key(1), value(1));
        assertThat(keys).containsExactly(key(1));
        assertThat(values).containsExactly(value(1));
        assertThat(entries).hasSize(1);
        map.remove(key(1));
        assertThat(keys).isEmpty();
        assertThat(values).isEmpty();
        assertThat(entries).isEmpty();
    }

    @Test
    void textOfViewsListsTheirElements() {
        ShardedMap<Object, Object> map = open();
        assertThat(map.keySet()).hasToString("[]");
        map.put(key(1), value(1));
        assertThat(map.keySet()).hasToString("[" + key(1) + "]");
        assertThat(map.values()).hasToString("[" + value(1) + "]");
        assertThat(map.entrySet()).hasToString("[" + key(1) + "=" + value(1) + "]");
    }

    @Test
    void nothingCanBeAddedToAView() {
        ShardedMap<Object, Object> map = filled(2);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> map.keySet().add(key(5)));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> map.values().add(value(5)));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> map.entrySet().add(Map.entry(key(5), value(5))));
        assertThat(map).isEqualTo(model(2));
    }

    @Test
    void viewsRemoveFromTheMap() {
        ShardedMap<Object, Object> map = filled(10);
        assertThat(map.keySet().remove(key(0))).isTrue();
        assertThat(map.keySet().remove(key(0))).isFalse();
        assertThat(map.values().remove(value(1))).isTrue();
        assertThat(map.values().remove(value(1))).isFalse();
        assertThat(map.entrySet().remove(Map.entry(key(2), value(3)))).isFalse();
        assertThat(map.entrySet().remove(Map.entry(key(2), value(2)))).isTrue();
        assertThat(map.entrySet().remove(Map.entry(key(2), value(2)))).isFalse();
        assertThat(map.keySet()).isEqualTo(keysBetween(3, 10));

        map.keySet().clear();
        assertThat(map).isEmpty();
        map.put(key(1), value(1));
        map.values().clear();
        assertThat(map).isEmpty();
        map.put(key(1), value(1));
        map.entrySet().clear();
        assertThat(map).isEmpty();
    }

    @Test
    void oneOfSeveralEqualValuesIsRemovedByRemoveAndEachByRemoveAll() {
        ShardedMap<Object, Object> map = open();
        for (int i = 0; i < 20; i++) {
            map.put(key(i), value(i % 2));
        }
        assertThat(map.values().remove(value(1))).isTrue();
        assertThat(map).hasSize(19);
        assertThat(map.values().removeAll(List.of(value(1)))).isTrue();
        assertThat(map).hasSize(10);
        assertThat(map.values().removeAll(List.of(value(1)))).isFalse();
        assertThat(map.values()).containsOnly(value(0));
    }

    @Test
    void retainAllKeepsWhatIsNamed() {
        ShardedMap<Object, Object> byKey = filled(40);
        assertThat(byKey.keySet().retainAll(keysBetween(5, 100))).isTrue();
        assertThat(byKey.keySet()).isEqualTo(keysBetween(5, 40));
        assertThat(byKey.keySet().retainAll(keysBetween(5, 100))).isFalse();
        assertThat(byKey.keySet().removeAll(keysBetween(0, 10))).isTrue();
        assertThat(byKey.keySet().removeAll(keysBetween(0, 10))).isFalse();
        assertThat(byKey.keySet()).isEqualTo(keysBetween(10, 40));

        ShardedMap<Object, Object> byValue = filled(40);
        assertThat(byValue.values().retainAll(List.of(value(3), value(4)))).isTrue();
        assertThat(byValue.values().retainAll(List.of(value(3), value(4)))).isFalse();
        assertThat(byValue.keySet()).isEqualTo(keysBetween(3, 5));

        ShardedMap<Object, Object> byEntry = filled(40);
        assertThat(byEntry.entrySet().retainAll(Set.of(Map.entry(key(3), value(3)), Map.entry(key(4), value(3)))))
                .isTrue();
        assertThat(byEntry.keySet()).isEqualTo(keysBetween(3, 4));
        assertThat(byEntry.entrySet().removeAll(Set.of(Map.entry(key(3), value(4)))))
                .isFalse();
        assertThat(byEntry.entrySet().removeAll(Set.of(Map.entry(key(3), value(3)))))
                .isTrue();
        assertThat(byEntry).isEmpty();
    }

    @Test
    void removeIfOfAViewRemovesWhatItsFilterNames() {
        ShardedMap<Object, Object> map = filled(60);
        assertThat(map.keySet().removeIf(key -> numberOfKey(key) < 10)).isTrue();
        assertThat(map.keySet().removeIf(key -> numberOfKey(key) < 10)).isFalse();
        assertThat(map.values().removeIf(value -> numberOfValue(value) < 20)).isTrue();
        assertThat(map.values().removeIf(value -> numberOfValue(value) < 20)).isFalse();
        assertThat(map.entrySet().removeIf(entry -> numberOfKey(entry.getKey()) < 30))
                .isTrue();
        assertThat(map.entrySet().removeIf(entry -> numberOfValue(entry.getValue()) < 30))
                .isFalse();
        assertThat(map.keySet()).isEqualTo(keysBetween(30, 60));
    }

    @Test
    void arraysHoldEveryElement() {
        ShardedMap<Object, Object> map = filled(30);
        for (Collection<?> view : List.of(map.keySet(), map.entrySet(), map.values())) {
            Set<Object> elements = new HashSet<>(view);
            assertThat(elements).hasSize(30);
            assertThat(view.toArray()).hasSize(30).containsExactlyInAnyOrderElementsOf(elements);
            assertThat(view.toArray(new Object[0])).hasSize(30).containsExactlyInAnyOrderElementsOf(elements);
            assertThat(view.toArray(Object[]::new)).hasSize(30).containsExactlyInAnyOrderElementsOf(elements);
            Object[] longer = new Object[32];
            longer[30] = "stays only behind the null";
            assertThat(view.toArray(longer)).isSameAs(longer);
            assertThat(longer[30]).as("the end is marked").isNull();
        }
        assertThat(open().keySet().toArray()).isEmpty();
    }

    @Test
    void iteratorsGiveEachElementOnceAndThenNoMore() {
        ShardedMap<Object, Object> map = filled(50);
        List<Object> keys = new ArrayList<>();
        Iterator<Object> iterator = map.keySet().iterator();
        while (iterator.hasNext()) {
            assertThat(iterator.hasNext()).as("asking does not advance").isTrue();
            keys.add(iterator.next());
        }
        assertThat(keys).doesNotHaveDuplicates().hasSize(50);
        assertThat(iterator.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(iterator::next);

        Iterator<Object> unasked = map.values().iterator();
        for (int i = 0; i < 50; i++) {
            unasked.next();
        }
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(unasked::next);

        List<Object> rest = new ArrayList<>();
        Iterator<Map.Entry<Object, Object>> partly = map.entrySet().iterator();
        rest.add(partly.next());
        assertThat(partly.hasNext()).isTrue();
        partly.forEachRemaining(rest::add);
        assertThat(rest).doesNotHaveDuplicates().hasSize(50);
        assertThat(partly.hasNext()).isFalse();
    }

    @Test
    void iteratorsRemoveWhatTheyGaveLast() {
        ShardedMap<Object, Object> map = filled(50);
        Iterator<Object> keys = map.keySet().iterator();
        assertThatIllegalStateException().isThrownBy(keys::remove);
        Object first = keys.next();
        assertThat(keys.hasNext()).isTrue(); // looks ahead, and must not move what is removed
        keys.remove();
        assertThat(map.containsKey(first)).isFalse();
        assertThatIllegalStateException().isThrownBy(keys::remove);
        assertThat(map).hasSize(49);
        while (keys.hasNext()) {
            keys.next();
            keys.remove();
        }
        assertThat(map).isEmpty();

        map.putAll(model(10));
        for (Iterator<Object> values = map.values().iterator(); values.hasNext(); ) {
            if (numberOfValue(values.next()) % 2 == 0) {
                values.remove();
            }
        }
        for (Iterator<Map.Entry<Object, Object>> entries = map.entrySet().iterator(); entries.hasNext(); ) {
            if (numberOfKey(entries.next().getKey()) < 5) {
                entries.remove();
            }
        }
        assertThat(map.keySet()).isEqualTo(Set.of(key(5), key(7), key(9)));
    }

    @Test
    void anIteratorRemovesTheKeyWhateverItsValueIsByThen() {
        ShardedMap<Object, Object> map = filled(1);
        Iterator<Object> keys = map.keySet().iterator();
        keys.next();
        map.put(key(0), value(7));
        keys.remove();
        assertThat(map).isEmpty();
    }

    @Test
    void entriesWriteThrough() {
        int count = atMostPlenty(200);
        ShardedMap<Object, Object> map = filled(count);
        for (Map.Entry<Object, Object> entry : map.entrySet()) {
            Object old = entry.getValue();
            Object next = plus(old, 1);
            assertThat(entry.setValue(next)).isEqualTo(old);
            assertThat(entry.getValue()).isEqualTo(next);
            assertThat(map.get(entry.getKey())).isEqualTo(next);
        }
        map.entrySet().iterator().forEachRemaining(entry -> entry.setValue(plus(entry.getValue(), 1)));
        map.entrySet().forEach(entry -> entry.setValue(plus(entry.getValue(), 1)));
        map.entrySet().stream().forEach(entry -> entry.setValue(plus(entry.getValue(), 1)));
        for (int i = 0; i < count; i++) {
            assertThat(map.get(key(i))).isEqualTo(value(i + 4));
        }
    }

    @Test
    void entriesAreEqualToOtherEntries() {
        ShardedMap<Object, Object> map = filled(1);
        Map.Entry<Object, Object> entry = map.entrySet().iterator().next();
        Map.Entry<Object, Object> other = Map.entry(key(0), value(0));
        assertThat(entry.equals(other)).isTrue();
        assertThat(other.equals(entry)).isTrue();
        assertThat(entry).hasSameHashCodeAs(other).hasToString(key(0) + "=" + value(0));
        assertThat(entry.equals(Map.entry(key(0), value(1)))).isFalse();
        assertThat(entry.equals(Map.entry(key(1), value(0)))).isFalse();
    }

    @Test
    void anEntryOutlivesItsIterator() {
        ShardedMap<Object, Object> map = filled(20);
        List<Map.Entry<Object, Object>> entries = new ArrayList<>(map.entrySet());
        map.clear();
        for (Map.Entry<Object, Object> entry : entries) {
            assertThat(numberOfValue(entry.getValue())).isEqualTo(numberOfKey(entry.getKey()));
        }
        assertThat(entries).doesNotHaveDuplicates();
    }

    private Set<Object> keysBetween(int from, int to) {
        Set<Object> keys = new HashSet<>();
        for (int i = from; i < to; i++) {
            keys.add(key(i));
        }
        return keys;
    }
}
