package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code drain} hands out every entry exactly once. */
public abstract class DrainContract extends MapContract {

    /** For implementations. */
    protected DrainContract() {}

    @Test
    void handsOutEverythingAndLeavesNothing() {
        ShardedMap<Object, Object> map = filled(plenty());
        List<Map.Entry<Object, Object>> drained = map.drain();
        assertThat(map).isEmpty();
        assertThat(drained).hasSize(plenty());
        Map<Object, Object> entries = new HashMap<>();
        drained.forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        assertThat(entries.equals(model(plenty()))).isTrue();
        assertThat(map.drain()).isEmpty();
        map.put(key(1), value(2));
        assertThat(map.drain()).isEqualTo(List.of(Map.entry(key(1), value(2))));
    }

    @Test
    void entriesHandedOutAreImmutable() {
        ShardedMap<Object, Object> map = filled(2);
        for (Map.Entry<Object, Object> entry : map.drain()) {
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> entry.setValue(value(9)));
            assertThat(numberOfValue(entry.getValue())).isEqualTo(numberOfKey(entry.getKey()));
        }
        assertThat(map).isEmpty();
    }

    /**
     * Each value is put once. At the end each one was taken by exactly one of: a drain, a put or a removal that answered
     * with it, or the map, which still has it.
     */
    @Test
    void amongWritersAndOtherDrainsEveryValueGoesToOneTaker() throws InterruptedException {
        int writers = 2;
        int drainers = 2;
        int each = Math.max(64, plenty() / 4);
        int keys = Math.max(8, each / 8);
        ShardedMap<Object, Object> map = open();
        Queue<Object> taken = new ConcurrentLinkedQueue<>();
        AtomicInteger writing = new AtomicInteger(writers);
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(writers + drainers, index -> {
                if (index < writers) {
                    for (int i = 0; i < each; i++) {
                        Object key = key((i * 31 + index) % keys);
                        Object old = i % 5 == 4 ? map.remove(key) : null;
                        if (old != null) {
                            taken.add(old);
                        }
                        Object replaced = map.put(key, value(index * each + i));
                        if (replaced != null) {
                            taken.add(replaced);
                        }
                    }
                    writing.decrementAndGet();
                } else {
                    do {
                        map.drain().forEach(entry -> taken.add(entry.getValue()));
                    } while (writing.get() > 0);
                }
            });
        }
        List<Object> all = new ArrayList<>(taken);
        all.addAll(map.values());
        assertThat(all.stream().mapToInt(this::numberOfValue).sorted().toArray())
                .isEqualTo(IntStream.range(0, writers * each).toArray());
    }

    @Test
    void concurrentDrainsShareTheEntries() throws InterruptedException {
        int threads = 4;
        ShardedMap<Object, Object> map = filled(plenty());
        Queue<Object> taken = new ConcurrentLinkedQueue<>();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> map.drain().forEach(entry -> taken.add(entry.getKey())));
        }
        assertThat(map).isEmpty();
        assertThat(taken.stream().mapToInt(this::numberOfKey).sorted().toArray())
                .isEqualTo(IntStream.range(0, plenty()).toArray());
    }
}
