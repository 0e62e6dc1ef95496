package io.sherd.disk;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.KeyDeadlockException;
import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import io.sherd.codec.Codecs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys of a disk map held across statements: what the contract does not reach, failures above all. */
@Timeout(60)
final class LocksTest {
    @TempDir
    Path directory;

    private LogMap<String, Long> map;

    @BeforeEach
    void open() {
        map = new DiskMapBuilder<>(Codecs.utf8(), Codecs.int64()).shards(1).openLog(directory);
        map.put("a", 1L);
        map.put("b", 2L);
    }

    @AfterEach
    void close() {
        map.close();
    }

    private static <T> FutureTask<T> start(String name, java.util.concurrent.Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = Thread.ofPlatform().daemon().name(name).start(task);
        Thread.State state;
        do {
            state = thread.getState();
            Thread.onSpinWait();
        } while (state != Thread.State.WAITING && state != Thread.State.TIMED_WAITING);
        return task;
    }

    private static void assertRefused(FutureTask<?> task) {
        assertThat(task)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(MapClosedException.class);
    }

    @Test
    void whatWasSetIsThereAfterReopening() {
        try (LockedEntries<String, Long> entries = map.lockAll(List.of("b", "new", "a"))) {
            entries.get("a").setValue(7L);
            entries.get("b").remove();
            entries.get("new").setValue(8L);
        }
        try (LockedEntry<String, Long> entry = map.lock("a")) {
            entry.setValue(requireNonNull(entry.value()) + 1);
        }
        map.close();
        map = new DiskMapBuilder<>(Codecs.utf8(), Codecs.int64()).openLog(directory);
        assertThat(map).containsOnly(java.util.Map.entry("a", 8L), java.util.Map.entry("new", 8L));
    }

    @Test
    void aCloseThatCannotWriteGivesTheKeyBack() {
        LockedEntry<String, Long> entry = map.lock("a");
        entry.setValue(9L);
        FutureTask<Long> waiter = start("waiter", () -> map.put("a", 3L));
        map.close();
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(entry::close);
        assertRefused(waiter);
        entry.close();
        open();
        assertThat(map.get("a")).isEqualTo(1);
    }

    @Test
    void aCloseOfSeveralThatCannotWriteGivesAllKeysBack() {
        LockedEntries<String, Long> entries = map.lockAll(List.of("a", "b", "c"));
        entries.forEach(entry -> entry.setValue(9L));
        FutureTask<Long> first = start("first", () -> map.put("a", 3L));
        FutureTask<Long> second = start("second", () -> map.put("b", 3L));
        FutureTask<Long> third = start("third", () -> map.put("c", 3L));
        map.close();
        assertThatExceptionOfType(MapClosedException.class).isThrownBy(entries::close);
        List.of(first, second, third).forEach(LocksTest::assertRefused);
    }

    /** The first in the row is woken, finds the map closed, and must wake the next. */
    @Test
    void aTimedWaiterThatFindsTheMapClosedPassesTheKeyOn() {
        LockedEntry<String, Long> entry = map.lock("a");
        FutureTask<?> timed = start("timed", () -> map.tryLock("a", Duration.ofSeconds(50)));
        FutureTask<?> behind = start("behind", () -> map.put("a", 3L));
        map.close();
        entry.close();
        assertRefused(timed);
        assertRefused(behind);
    }

    @Test
    void aHundredThousandKeysAtOnce() {
        List<String> keys =
                IntStream.range(0, 100_000).mapToObj(i -> "key " + i).toList();
        try (LockedEntries<String, Long> entries = map.lockAll(keys)) {
            for (LockedEntry<String, Long> entry : entries) {
                entry.setValue((long) entry.key().length());
            }
            assertThat(map.mappingCount()).isEqualTo(2);
        }
        assertThat(map.mappingCount()).isEqualTo(100_002);
        assertThat(map.get("key 99999")).isEqualTo(9);
    }

    /** The heap map and the disk map wait in one graph. */
    @Test
    void aDeadlockAcrossHeapAndDiskIsFound() throws Exception {
        ShardedMap<String, Long> heap = ShardedMap.onHeap().build();
        for (boolean heapFirst : new boolean[] {true, false}) {
            ShardedMap<String, Long> one = heapFirst ? heap : map;
            ShardedMap<String, Long> other = heapFirst ? map : heap;
            CountDownLatch held = new CountDownLatch(1);
            LockedEntry<String, Long> mine = one.lock("mine");
            FutureTask<Long> waiter = start("crosswise", () -> {
                try (LockedEntry<String, Long> theirs = other.lock("theirs")) {
                    held.countDown();
                    theirs.setValue(5L);
                    return one.merge("mine", 1L, Long::sum);
                }
            });
            held.await();
            assertThatExceptionOfType(KeyDeadlockException.class)
                    .isThrownBy(() -> other.compute("theirs", (key, value) -> 3L))
                    .withMessageContaining("mine")
                    .withMessageContaining("theirs")
                    .withMessageContaining("crosswise")
                    .satisfies(deadlock -> assertThat(deadlock.keys()).containsExactly("theirs", "mine"));
            mine.setValue(10L);
            mine.close();
            assertThat(waiter.get()).isEqualTo(11);
            assertThat(other.get("theirs")).isEqualTo(5);
        }
    }
}
