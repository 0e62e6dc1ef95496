package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.LockedEntries;
import io.sherd.Snapshot;
import io.sherd.codec.Codecs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that have no slot in their table yet are there all the same. */
@Timeout(120)
final class UnplacedTest {
    private static final int READERS = 2;

    /** More than there are without a slot at a time. */
    private static final int RECENT = 80;

    @TempDir
    Path directory;

    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

    private LogMap<Long, Long> map;

    @BeforeEach
    void open() {
        map = new DiskMapBuilder<>(Codecs.int64(), Codecs.int64()).shards(1).openLog(directory);
    }

    @AfterEach
    void close() {
        map.close();
    }

    private Shard shard() {
        return map.store().shard(0);
    }

    private void fill(long from, long to) {
        for (long key = from; key < to; key++) {
            assertThat(map.put(key, key)).isNull();
        }
    }

    /** Puts new keys until there are some without a slot; answers the next one. */
    private long leaveSomeUnplaced(long from, int atLeast) {
        long key = from;
        while (shard().unplacedCount() < atLeast) {
            fill(key, key + 1);
            key++;
        }
        return key;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 5_000})
    void areLookedUpChangedAndRemovedLikeOthers(int before) {
        fill(0, before);
        for (int round = 0; round < 50; round++) {
            long end = leaveSomeUnplaced(map.mappingCount(), 3);
            int unplaced = shard().unplacedCount();
            long last = end - 1;
            assertThat(map.get(last)).isEqualTo(last);
            assertThat(map.containsKey(end)).isFalse();
            assertThat(map.mappingCount()).isEqualTo(end);
            assertThat(map.getAll(List.of(last, end, 0L))).containsOnlyKeys(last, 0L);
            assertThat(shard().unplacedCount()).as("look-ups place nothing").isEqualTo(unplaced);
            switch (round % 9) {
                case 0 -> assertThat(map.put(last, -last)).isEqualTo(last);
                case 1 -> assertThat(map.remove(last)).isEqualTo(last);
                case 2 -> assertThat(map.replace(last, last, -last)).isTrue();
                case 3 -> assertThat(map.compute(last, (key, value) -> -value)).isEqualTo(-last);
                case 4 ->
                    assertThat(map.<Long>transact(tx -> tx.put(last, -last))).isEqualTo(last);
                case 5 -> assertThat(map.removeAll(List.of(last, end))).isEqualTo(1);
                case 6 -> map.putAll(Map.of(last, -last));
                case 7 -> changeAll(List.of(last, last - 1));
                default -> assertThat(map.putIfAbsent(last, -last)).isEqualTo(last);
            }
            Long expected = Set.of(1, 5).contains(round % 9) ? null : round % 9 == 8 ? Long.valueOf(last) : -last;
            assertThat(map.get(last)).isEqualTo(expected);
            map.put(last - 1, last - 1);
            map.put(last, last);
            assertThat(map.get(last)).isEqualTo(last);
            assertThat(map.mappingCount()).isEqualTo(end);
        }
        assertWhole();
    }

    private void assertWhole() {
        Set<Long> seen = new HashSet<>();
        map.forEach((key, value) -> {
            assertThat(value).isEqualTo(key);
            assertThat(seen.add(key)).as("key %s", key).isTrue();
        });
        assertThat(seen).hasSize((int) map.mappingCount());
        assertThat(map.verify().isSound()).isTrue();
    }

    private void changeAll(List<Long> keys) {
        try (LockedEntries<Long, Long> entries = map.lockAll(keys)) {
            keys.forEach(key -> entries.get(key).setValue(-key));
        }
    }

    @Test
    void areInSnapshotsIterationsAndClearedMaps() {
        fill(0, 1_000);
        long end = leaveSomeUnplaced(1_000, 5);
        try (Snapshot<Long, Long> snapshot = map.snapshot()) {
            long later = leaveSomeUnplaced(end, 5);
            assertThat(snapshot).hasSize((int) end);
            assertThat(snapshot.get(end - 1)).isEqualTo(end - 1);
            assertThat(snapshot.get(end)).isNull();
            assertThat(map.keySet()).hasSize((int) later).contains(later - 1);
            leaveSomeUnplaced(later, 5);
        }
        map.clear();
        assertThat(map).isEmpty();
        fill(0, 10);
        assertThat(map.drain()).hasSize(10);
    }

    @Test
    void areWalkedOverWhileSomebodyHasTheLockOfTheShard() throws Exception {
        fill(0, 1_000);
        long end = leaveSomeUnplaced(1_000, 5);
        CompletableFuture<Set<Long>> walk;
        shard().lock.lock();
        try {
            walk = CompletableFuture.supplyAsync(() -> new HashSet<>(map.keySet()));
            assertThat(walk.get(60, TimeUnit.SECONDS)).hasSize((int) end);
        } finally {
            shard().lock.unlock();
        }
        assertThat(shard().unplacedCount()).as("a walk places nothing").isPositive();
    }

    @Test
    void areMetOnceWhenTheyArePlacedOnTheWay() {
        fill(0, 1_000);
        long end = leaveSomeUnplaced(1_000, 20);
        Iterator<Long> keys = map.keySet().iterator();
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            seen.add(keys.next());
        }
        for (long key = 0; key < end; key++) {
            if (key % 3 == 0) {
                map.put(key, -key); // another record, and all are placed
            } else if (key % 3 == 1) {
                map.remove(key);
                map.put(key, key);
            }
        }
        keys.forEachRemaining(key ->
                assertThat(seen.add(key) || key % 3 == 1).as("key %s", key).isTrue());
        assertThat(seen).hasSize((int) end);
    }

    @Test
    void areNotThereTwiceAfterPlacingThemWasBrokenOff() {
        fill(0, 1_000);
        for (int round = 0; round < 3; round++) {
            long first = map.mappingCount();
            fill(first, first + 1);
            while (shard().unplacedCount() != 1) {
                first++;
                fill(first, first + 1);
            }
            long end = leaveSomeUnplaced(first + 1, 3);
            Shard shard = shard();
            long word = shard.unplaced(0);
            int home = shard.table.home(Table.tag(word));
            shard.placing = true;
            shard.table.setRelease(shard.table.freeSlot(home, shard.table.getPlain(home)), word);
            shard.used++;
            switch (round) {
                case 0 -> assertThat(map.remove(first)).isEqualTo(first);
                case 1 -> assertThat(map.put(first, -first)).isEqualTo(first);
                default -> {
                    shard.removed = shard.table.capacity() + 1; // so the table is replaced at once
                    fill(end, end + 1);
                }
            }
            assertThat(map.get(first)).isEqualTo(round == 0 ? null : Long.valueOf(round == 1 ? -first : first));
            map.put(first, first);
            fill(map.mappingCount(), map.mappingCount() + 2_000);
            assertWhole();
            assertThat(map.remove(first)).isEqualTo(first);
            assertThat(map.containsKey(first)).isFalse();
            map.put(first, first);
        }
    }

    @Test
    void areThereAfterACrashBehindACheckpoint() {
        long end = leaveSomeUnplaced(0, 10);
        map.checkpoint();
        end = leaveSomeUnplaced(end, 10);
        map.crash();
        open();
        assertThat(map.mappingCount()).isEqualTo(end);
        assertWhole();
    }

    @Test
    void areThereAfterACleanCloseAndAfterACrash() {
        long end = leaveSomeUnplaced(0, 10);
        map.close();
        open();
        assertThat(map.mappingCount()).isEqualTo(end);
        assertWhole();
        end = leaveSomeUnplaced(end, 10);
        map.crash();
        open();
        assertThat(map.mappingCount()).isEqualTo(end);
        assertWhole();
    }

    /** From the return of the put on, whatever is placed meanwhile, by whomever; and not from the return of the removal on. */
    @ParameterizedTest
    @ValueSource(longs = {0, 40_000})
    void areFoundByWhoeverLooks(long before) {
        fill(0, before);
        AtomicLong next = new AtomicLong(before);
        long end = before + 400_000;
        List<CompletableFuture<Void>> others = new ArrayList<>();
        for (int t = 0; t < READERS; t++) {
            Random random = new Random(t);
            others.add(CompletableFuture.runAsync(() -> look(next, end, random), threads));
        }
        others.add(CompletableFuture.runAsync(() -> walk(next, end), threads));
        try {
            for (long key = before; key < end; key++) {
                map.put(key, key);
                if (key % 5 == 0) {
                    map.put(~key, key);
                    map.remove(~key);
                }
                next.setRelease(key + 1);
            }
        } finally {
            next.set(end);
        }
        others.forEach(CompletableFuture::join);
        assertThat(map.verify().isSound()).isTrue();
    }

    /** A table that is replaced between the looks at those words and at itself has them, and the old one has not. */
    @Test
    void areWalkedOverWhileTablesGrow() {
        map.close();
        for (int i = 0; i < 100; i++) {
            map = new DiskMapBuilder<>(Codecs.int64(), Codecs.int64()).shards(1).openLog(directory.resolve("map" + i));
            AtomicLong next = new AtomicLong();
            CompletableFuture<Void> walker = CompletableFuture.runAsync(() -> walk(next, 3_000), threads);
            for (long key = 0; key < 3_000; key++) {
                map.put(key, key);
                next.setRelease(key + 1);
            }
            walker.join();
            map.close();
        }
    }

    private void look(AtomicLong next, long end, Random random) {
        for (long known; (known = next.getAcquire()) < end; ) {
            long key = known - 1 - random.nextInt(RECENT);
            if (key < 0) {
                continue;
            }
            if (!Long.valueOf(key).equals(map.get(key))) {
                throw new AssertionError("key " + key + " of " + known + " was not found");
            }
            if (map.containsKey(~key)) {
                throw new AssertionError("key " + key + " of " + known + " is there again");
            }
        }
    }

    private void walk(AtomicLong next, long end) {
        for (long known; (known = next.getAcquire()) < end; ) {
            Set<Long> seen = new HashSet<>();
            for (Long key : map.keySet()) {
                if (!seen.add(key)) {
                    throw new AssertionError("key " + key + " was seen twice");
                }
            }
            for (long key = Math.max(0, known - RECENT); key < known; key++) {
                if (!seen.contains(key)) {
                    throw new AssertionError("key " + key + " of " + known + " was not seen");
                }
            }
        }
    }
}
