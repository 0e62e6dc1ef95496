package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Virtual threads use a map as others do, and neither a holder nor a waiter keeps its carrier.
 *
 * <p>There are far more waiters than carriers here, and the thread that ends the hold is virtual as well: if waiting
 * pinned, it would never run, and the test would not end.
 */
public abstract class VirtualThreadContract extends MapContract {
    private static final int THREADS = 1_000;

    /** For implementations. */
    protected VirtualThreadContract() {}

    @Test
    void aThousandThreadsWriteOneKey() throws InterruptedException {
        int steps = 3;
        ShardedMap<Object, Object> map = open();
        Object one = value(1);
        try (Crew crew = Crew.ofVirtualThreads()) {
            crew.together(THREADS, index -> {
                for (int i = 0; i < steps; i++) {
                    map.merge(key(1), one, (value, given) -> plus(value, 1));
                }
            });
        }
        assertThat(map.get(key(1))).isEqualTo(value(THREADS * steps));
    }

    @Test
    void aThousandThreadsLockOneKey() throws InterruptedException {
        int steps = 3;
        ShardedMap<Object, Object> map = open();
        Object one = value(1);
        try (Crew crew = Crew.ofVirtualThreads()) {
            crew.together(THREADS, index -> {
                for (int i = 0; i < steps; i++) {
                    try (LockedEntry<Object, Object> entry = map.lock(key(1))) {
                        Object value = entry.value();
                        Thread.onSpinWait();
                        entry.setValue(value == null ? one : plus(value, 1));
                    }
                }
            });
        }
        assertThat(map.get(key(1))).isEqualTo(value(THREADS * steps));
    }

    @Test
    void waitersDoNotPin() throws InterruptedException {
        for (Means means : new Means[] {Means.COMPUTE, Means.COMPUTE_IF_ABSENT, Means.LOCK}) {
            ShardedMap<Object, Object> map = open();
            try (Crew crew = Crew.ofVirtualThreads();
                    Hold hold = new Hold(crew, map, means, key(1), value(1))) {
                Object given = value(1); // one for all: it may be large
                List<Crew.Job<@Nullable Object>> waiters = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    waiters.add(crew.start(() -> map.merge(key(1), given, (value, same) -> plus(value, 1))));
                }
                waiters.forEach(Crew.Job::awaitWaiting);
                Crew.Job<@Nullable Object> stranger = crew.start(() -> {
                    assertThat(map.get(key(1))).isNull();
                    assertThat(map.put(key(2), value(2))).isNull();
                    return hold.release();
                });
                assertThat(stranger.result()).isEqualTo(value(1));
            }
            assertThat(map.get(key(1))).isEqualTo(value(1 + THREADS));
        }
    }

    @Test
    void aHoldMayBlockInsideItsFunction() throws InterruptedException {
        int keys = 64;
        ShardedMap<Object, Object> map = open();
        try (Crew crew = Crew.ofVirtualThreads()) {
            List<Hold> holds = new ArrayList<>();
            for (int i = 0; i < keys; i++) {
                holds.add(new Hold(crew, map, Means.COMPUTE, key(i), value(i)));
            }
            assertThat(map).isEmpty();
            crew.start(() -> {
                        for (Hold hold : holds) {
                            hold.release();
                        }
                        return null;
                    })
                    .result();
        }
        assertThat(map.equals(model(keys))).isTrue();
    }

    @Test
    void manyThreadsWriteKeysOfTheirOwn() throws InterruptedException {
        int each = Math.max(1, atMostPlenty(20_000) / THREADS);
        int threads = Math.min(THREADS, atMostPlenty(20_000) / each);
        ShardedMap<Object, Object> map = open();
        try (Crew crew = Crew.ofVirtualThreads()) {
            crew.together(threads, index -> {
                for (int i = index * each; i < (index + 1) * each; i++) {
                    assertThat(map.put(key(i), value(i))).isNull();
                    assertThat(map.get(key(i))).isEqualTo(value(i));
                }
            });
        }
        assertThat(map.equals(model(threads * each))).isTrue();
    }
}
