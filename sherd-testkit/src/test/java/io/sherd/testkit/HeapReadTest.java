package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A reader that is overtaken between finding its key and reading the value beside it.
 *
 * <p>A reader compares keys with {@code equals} in just that moment, so a key whose {@code equals} waits holds it there while
 * writers remove the entry and use its place again. No luck with the scheduler is needed.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HeapReadTest {
    private static final int MINE = 1;
    private static final int OTHER = 2;

    /** A key by whose {@code equals} one thread can be stopped. All of them collide. */
    private record Gated(int number, @Nullable Gate gate) {
        @Override
        public int hashCode() {
            return 42;
        }

        @Override
        public boolean equals(Object other) {
            if (gate != null) {
                gate.pass();
            }
            return other instanceof Gated that && number == that.number;
        }
    }

    /** Stops who passes for the first time, until it is opened. */
    private static final class Gate {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        void pass() {
            reached.countDown();
            try {
                opened.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static Gated key(int number) {
        return new Gated(number, null);
    }

    /** What a reader of key MINE answers that is stopped in {@code equals} while the writes happen. */
    private static @Nullable String readDuring(Consumer<ShardedMap<Gated, String>> writes) throws InterruptedException {
        ShardedMap<Gated, String> map =
                ShardedMap.onHeap().shards(1).maxShards(1).build();
        map.put(key(MINE), "mine");
        Gate gate = new Gate();
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<@Nullable String> reader = crew.start(() -> map.get(new Gated(MINE, gate)));
            try {
                gate.reached.await();
                writes.accept(map);
            } finally {
                gate.opened.countDown();
            }
            return reader.result();
        }
    }

    @Test
    void aPlaceUsedAgainDoesNotShowItsNewValue() throws InterruptedException {
        String seen = readDuring(map -> {
            map.remove(key(MINE));
            map.put(key(OTHER), "other");
        });
        assertThat(seen).isIn(null, "mine");
    }

    @Test
    void aPlaceUsedAgainAndAgainDoesNotShowItsNewValue() throws InterruptedException {
        String seen = readDuring(map -> {
            for (int i = 0; i < 1_000; i++) {
                map.remove(key(MINE));
                map.remove(key(OTHER));
                map.put(key(OTHER), "other");
            }
        });
        assertThat(seen).isIn(null, "mine");
    }

    @Test
    void anUpdateMeanwhileIsSeenOrNot() throws InterruptedException {
        assertThat(readDuring(map -> map.put(key(MINE), "new"))).isIn("mine", "new");
        assertThat(readDuring(map -> {
                    map.remove(key(MINE));
                    map.put(key(MINE), "new");
                }))
                .isIn("mine", "new", null);
    }

    @Test
    void growthMeanwhileHidesNothing() throws InterruptedException {
        String seen = readDuring(map -> {
            for (int i = 10; i < 2_000; i++) {
                map.put(new Gated(i, null), "other");
            }
        });
        assertThat(seen).isEqualTo("mine");
    }

    /** The hold is noticed by nobody until the reader goes on; what it finds then is still the value. */
    @Test
    void aHoldMeanwhileHidesNothing() throws InterruptedException {
        String seen = readDuring(map -> map.compute(key(MINE), (key, value) -> {
            map.put(key(OTHER), "other");
            return Objects.requireNonNull(value);
        }));
        assertThat(seen).isEqualTo("mine");
    }
}
