package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** While one thread holds a key, others read it, write every other key, and wait only to write that one. */
public abstract class HoldContract extends MapContract {
    private static final int ENTRIES = 20;
    private static final int PRESENT = 1;
    private static final int ABSENT = 40;
    private static final int RESULT = 70;

    /** For implementations. */
    protected HoldContract() {}

    /** What a test does while a key is held; {@code before} is the key's value then, or null. */
    @FunctionalInterface
    private interface WhileHeld {
        void run(Crew crew, ShardedMap<Object, Object> map, Hold hold, Object key, @Nullable Object before)
                throws InterruptedException;
    }

    /** Holds a present key and an absent one by each means there is. */
    private void whileHeld(WhileHeld body) throws InterruptedException {
        whilePresentHeld(open(), body);
        whileAbsentHeld(open(), body);
    }

    private void whilePresentHeld(ShardedMap<Object, Object> map, WhileHeld body) throws InterruptedException {
        for (Means means : Means.forPresent()) {
            whileHeld(map, means, PRESENT, value(PRESENT), body);
        }
    }

    private void whileAbsentHeld(ShardedMap<Object, Object> map, WhileHeld body) throws InterruptedException {
        for (Means means : Means.forAbsent()) {
            whileHeld(map, means, ABSENT, null, body);
        }
    }

    private void whileHeld(
            ShardedMap<Object, Object> map, Means means, int number, @Nullable Object before, WhileHeld body)
            throws InterruptedException {
        refill(map, ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads();
                Hold hold = new Hold(crew, map, means, key(number), value(RESULT))) {
            body.run(crew, map, hold, key(number), before);
        }
        checkAtRest(map);
    }

    @Test
    void readersSeeTheValueFromBefore() throws InterruptedException {
        whileHeld((crew, map, hold, key, before) -> {
            ComputeContract.assertShows(map, key, before, ENTRIES);
            assertThat(map.equals(model(ENTRIES))).isTrue();
            assertThat(map).hasSameHashCodeAs(model(ENTRIES));
            assertThat(map.keySet().parallelStream().count()).isEqualTo(ENTRIES);
            assertThat(map.isEmpty()).isFalse();
            assertThat(hold.release()).isEqualTo(value(RESULT));
            ComputeContract.assertShows(map, key, value(RESULT), before == null ? ENTRIES + 1 : ENTRIES);
        });
    }

    @Test
    void anAbsentHeldKeyOfAnEmptyMapIsNotThere() throws InterruptedException {
        for (Means means : Means.forAbsent()) {
            ShardedMap<Object, Object> map = open();
            try (Crew crew = Crew.ofPlatformThreads();
                    Hold hold = new Hold(crew, map, means, key(ABSENT), value(RESULT))) {
                assertThat(map.isEmpty()).isTrue();
                assertThat(map.equals(Map.of())).isTrue();
                assertThat(map.keySet().iterator().hasNext()).isFalse();
                assertThat(map.entrySet().stream().count()).isZero();
                assertThat(map.toString()).isEqualTo("{}");
                assertThat(map.containsValue(value(RESULT))).isFalse();
                hold.release();
            }
            assertThat(map.equals(Map.of(key(ABSENT), value(RESULT)))).isTrue();
        }
    }

    @Test
    void strangersGoOn() throws InterruptedException {
        int count = atMostPlenty(2_000);
        whileHeld((crew, map, hold, key, before) -> {
            int held = numberOfKey(key);
            for (int i = 0; i < count; i++) {
                if (i != held) {
                    map.put(key(i), value(i));
                    map.merge(key(i), value(i), (value, given) -> plus(value, 1));
                }
            }
            for (int i = 0; i < count; i++) {
                if (i != held) {
                    Object same = value(i);
                    assertThat(map.get(key(i))).isEqualTo(value(i + 1));
                    switch (i % 6) {
                        case 0 -> assertThat(map.remove(key(i))).isEqualTo(value(i + 1));
                        case 1 ->
                            assertThat(map.replace(key(i), value(i + 1), value(i + 2)))
                                    .isTrue();
                        case 2 ->
                            assertThat(map.compute(key(i), (k, v) -> null)).isNull();
                        case 3 ->
                            assertThat(map.compareAndSet(key(i), value(i + 1), null))
                                    .isTrue();
                        case 4 -> assertThat(map.removeAll(List.of(key(i)))).isEqualTo(1);
                        default ->
                            assertThat(map.computeIfPresent(key(i), (k, v) -> same))
                                    .isEqualTo(same);
                    }
                }
            }
            assertThat(map.get(key)).isEqualTo(before);
            hold.release();
            assertThat(map.get(key)).isEqualTo(value(RESULT));
        });
    }

    /** A write that has to wait, what it answers afterwards, and what it leaves. */
    private record Waiting(
            String name,
            Write write,
            @Nullable Object answer,
            @Nullable Object after) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    private interface Write {
        @Nullable
        Object to(ShardedMap<Object, Object> map, Object key);
    }

    private Waiting waiting(String name, @Nullable Object answer, @Nullable Object after, Write write) {
        return new Waiting(name, write, answer, after);
    }

    /** Writes that wait whether or not the key is present meanwhile. The hold leaves the value RESULT. */
    private List<Waiting> writesToAnyKey() {
        Object result = value(RESULT);
        Object mine = value(90);
        Object next = value(RESULT + 1);
        return List.of(
                waiting("put", result, mine, (map, key) -> map.put(key, mine)),
                waiting("compute", next, next, (map, key) -> map.compute(key, this::more)),
                waiting("merge", next, next, (map, key) -> map.merge(key, mine, (value, given) -> plus(value, 1))),
                waiting("lock", result, mine, (map, key) -> {
                    try (LockedEntry<Object, Object> entry = map.lock(key)) {
                        return entry.setValue(mine);
                    }
                }),
                waiting("lockAll", result, mine, (map, key) -> {
                    try (LockedEntries<Object, Object> entries = map.lockAll(List.of(key(5), key, key(6)))) {
                        return entries.get(key).setValue(mine);
                    }
                }),
                waiting("putAll", null, mine, (map, key) -> {
                    map.putAll(Map.of(key, mine));
                    return null;
                }));
    }

    private List<Waiting> writesToAPresentKey() {
        Object result = value(RESULT);
        Object mine = value(90);
        Object next = value(RESULT + 1);
        Object before = value(PRESENT);
        List<Waiting> all = new ArrayList<>(writesToAnyKey());
        all.addAll(List.of(
                waiting("remove", result, null, (map, key) -> map.remove(key)),
                waiting("replace", result, mine, (map, key) -> map.replace(key, mine)),
                waiting("remove value", false, result, (map, key) -> map.remove(key, before)),
                waiting("replace value", false, result, (map, key) -> map.replace(key, before, mine)),
                waiting("compareAndExchange", result, result, (map, key) -> map.compareAndExchange(key, before, mine)),
                waiting("compareAndSet", false, result, (map, key) -> map.compareAndSet(key, before, null)),
                waiting("computeIfPresent", next, next, (map, key) -> map.computeIfPresent(key, this::more)),
                waiting("removeAll", 1, null, (map, key) -> map.removeAll(List.of(key))),
                waiting("keySet.remove", true, null, (map, key) -> map.keySet().remove(key)),
                waiting("setValue", null, mine, (map, key) -> {
                    map.entrySet().stream()
                            .filter(entry -> entry.getKey().equals(key))
                            .forEach(entry -> entry.setValue(mine));
                    return null;
                }),
                waiting("removeIf", 1, null, (map, key) -> map.removeIf((k, v) -> k.equals(key))),
                waiting("removeIf of the old value", 0, result, (map, key) -> map.removeIf((k, v) -> v.equals(before))),
                waiting("replaceAll", null, next, (map, key) -> {
                    map.replaceAll((k, v) -> k.equals(key) ? plus(v, 1) : v);
                    return null;
                })));
        return all;
    }

    private List<Waiting> writesToAnAbsentKey() {
        Object result = value(RESULT);
        Object mine = value(90);
        List<Waiting> all = new ArrayList<>(writesToAnyKey());
        all.addAll(List.of(
                waiting("putIfAbsent", result, result, (map, key) -> map.putIfAbsent(key, mine)),
                waiting("computeIfAbsent", result, result, (map, key) -> map.computeIfAbsent(key, k -> mine)),
                waiting("compareAndExchange", result, result, (map, key) -> map.compareAndExchange(key, null, mine))));
        return all;
    }

    private @Nullable Object more(Object key, @Nullable Object value) {
        return value == null ? value(0) : plus(value, 1);
    }

    @Test
    void writersOfTheHeldKeyWaitAndThenWrite() throws InterruptedException {
        ShardedMap<Object, Object> shared = open();
        for (Waiting write : writesToAPresentKey()) {
            whilePresentHeld(
                    shared, (crew, map, hold, key, before) -> waitsThenWrites(write, crew, map, hold, key, before));
        }
        for (Waiting write : writesToAnAbsentKey()) {
            whileAbsentHeld(
                    shared, (crew, map, hold, key, before) -> waitsThenWrites(write, crew, map, hold, key, before));
        }
    }

    private static void waitsThenWrites(
            Waiting write, Crew crew, ShardedMap<Object, Object> map, Hold hold, Object key, @Nullable Object before)
            throws InterruptedException {
        Crew.Job<@Nullable Object> writer = crew.start(() -> write.write.to(map, key));
        writer.awaitWaiting();
        assertThat(writer.isDone()).as("%s waits", write).isFalse();
        assertThat(map.get(key)).as("%s writes nothing before", write).isEqualTo(before);
        hold.release();
        assertThat(writer.result()).as("%s answers", write).isEqualTo(write.answer);
        assertThat(map.get(key)).as("after %s", write).isEqualTo(write.after);
    }

    @Test
    void writersWaitThroughAHoldThatRemovesTheKey() throws InterruptedException {
        ShardedMap<Object, Object> map = open();
        for (Means means : Means.forPresent()) {
            refill(map, ENTRIES);
            try (Crew crew = Crew.ofPlatformThreads();
                    Hold hold = new Hold(crew, map, means, key(PRESENT), null)) {
                Crew.Job<@Nullable Object> put = crew.start(() -> map.put(key(PRESENT), value(90)));
                put.awaitWaiting();
                assertThat(hold.release()).isNull();
                assertThat(put.result()).isNull();
                assertThat(map.get(key(PRESENT))).isEqualTo(value(90));
            }
        }
    }

    @Test
    void writersWaitThroughAHoldThatThrows() throws InterruptedException {
        whileHeld((crew, map, hold, key, before) -> {
            Crew.Job<@Nullable Object> put = crew.start(() -> map.put(key, value(90)));
            put.awaitWaiting();
            hold.releaseThrowing(new IllegalArgumentException("mine"));
            assertThat(put.result()).isEqualTo(before);
            assertThat(map.get(key)).isEqualTo(value(90));
        });
    }

    @Test
    void everyWaiterComesToItsTurn() throws InterruptedException {
        int waiters = 8;
        whileHeld((crew, map, hold, key, before) -> {
            List<Crew.Job<@Nullable Object>> jobs = new ArrayList<>();
            for (int i = 0; i < waiters; i++) {
                jobs.add(crew.start(() -> map.merge(key, value(0), (value, given) -> plus(value, 1))));
            }
            jobs.forEach(Crew.Job::awaitWaiting);
            hold.release();
            for (Crew.Job<?> job : jobs) {
                job.result();
            }
            assertThat(map.get(key)).isEqualTo(value(RESULT + waiters));
        });
    }

    @Test
    void ofManyCallersOfComputeIfAbsentOneRunsItsFunction() throws InterruptedException {
        int threads = 8;
        ShardedMap<Object, Object> map = open();
        try (Crew crew = Crew.ofPlatformThreads();
                Hold hold = new Hold(crew, map, Means.COMPUTE_IF_ABSENT, key(1), value(RESULT))) {
            AtomicInteger others = new AtomicInteger();
            List<Crew.Job<@Nullable Object>> jobs = new ArrayList<>();
            for (int i = 1; i < threads; i++) {
                jobs.add(crew.start(() -> map.computeIfAbsent(key(1), key -> value(others.incrementAndGet()))));
            }
            jobs.forEach(Crew.Job::awaitWaiting);
            hold.release();
            for (Crew.Job<@Nullable Object> job : jobs) {
                assertThat(job.result()).isEqualTo(value(RESULT));
            }
            assertThat(others.get()).isZero();
        }
        int keys = atMostPlenty(500);
        AtomicInteger runs = new AtomicInteger();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                for (int i = 10; i < 10 + keys; i++) {
                    Object value = value(i);
                    assertThat(map.computeIfAbsent(key(i), key -> {
                                runs.incrementAndGet();
                                return value;
                            }))
                            .isEqualTo(value);
                }
            });
        }
        assertThat(runs.get()).isEqualTo(keys);
    }

    @Test
    void heldKeysSurviveTheGrowthOfTheirShard() throws InterruptedException {
        int count = plenty();
        ShardedMap<Object, Object> map = filled(10);
        try (Crew crew = Crew.ofPlatformThreads()) {
            List<Hold> holds = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                holds.add(new Hold(crew, map, Means.COMPUTE, key(i), value(RESULT + i)));
                holds.add(new Hold(crew, map, Means.COMPUTE_IF_ABSENT, key(10 + i), value(RESULT + i)));
            }
            Crew.Job<@Nullable Object> waiter = crew.start(() -> map.put(key(0), value(90)));
            waiter.awaitWaiting();
            for (int round = 0; round < 2; round++) {
                for (int i = 20; i < count; i++) {
                    map.put(key(i), value(i));
                }
                assertThat(map.mappingCount()).isEqualTo(count - 10);
                assertHeldAsBefore(map);
                for (int i = 20; i < count && round == 0; i++) {
                    assertThat(map.remove(key(i))).isEqualTo(value(i));
                }
                assertHeldAsBefore(map);
            }
            assertThat(waiter.isDone()).isFalse();
            for (Hold hold : holds) {
                hold.release();
            }
            assertThat(waiter.result()).isEqualTo(value(RESULT));
        }
        for (int i = 0; i < 5; i++) {
            assertThat(map.get(key(i))).isEqualTo(i == 0 ? value(90) : value(RESULT + i));
            assertThat(map.get(key(10 + i))).isEqualTo(value(RESULT + i));
            assertThat(map.get(key(5 + i))).isEqualTo(value(5 + i));
        }
        assertThat(map.mappingCount()).isEqualTo(count - 5);
    }

    /** A key whose shard was replaced while it was held has its value in the new place, also when the function fails. */
    @Test
    void aFunctionThatThrowsAfterTheGrowthOfItsShardLeavesTheValue() throws InterruptedException {
        int count = plenty();
        whileHeld((crew, map, hold, key, before) -> {
            for (int i = 41; i < count; i++) {
                map.put(key(i), value(i));
            }
            assertThat(map.get(key)).isEqualTo(before);
            hold.releaseThrowing(new IllegalArgumentException("mine"));
            assertThat(map.get(key)).isEqualTo(before);
            assertThat(map.getOrDefault(key, value(3))).isEqualTo(before == null ? value(3) : before);
            assertThat(map.entrySet().stream()
                            .filter(entry -> entry.getKey().equals(key))
                            .map(Map.Entry::getValue)
                            .toList())
                    .isEqualTo(before == null ? List.of() : List.of(before));
            assertThat(map.put(key, value(90))).isEqualTo(before);
            assertThat(map.get(key)).isEqualTo(value(90));
        });
    }

    private void assertHeldAsBefore(ShardedMap<Object, Object> map) {
        for (int i = 0; i < 5; i++) {
            assertThat(map.get(key(i))).isEqualTo(value(i));
            assertThat(map.get(key(10 + i))).isNull();
        }
    }

    @Test
    void clearWaitsForAHeldKeyAndStopsNobodyElse() throws InterruptedException {
        whilePresentHeld(open(), (crew, map, hold, key, before) -> {
            Crew.Job<@Nullable Object> clear = crew.start(() -> {
                map.clear();
                return null;
            });
            clear.awaitWaiting();
            for (int i = 100; i < 200; i++) {
                map.put(key(i), value(i));
                assertThat(map.remove(key(i), value(i)) || !map.containsKey(key(i)))
                        .isTrue();
            }
            assertThat(map.get(key)).isEqualTo(before);
            hold.release();
            clear.result();
            assertThat(map.containsKey(key)).as("what was held is cleared").isFalse();
            assertThat(map).isEmpty();
        });
    }

    @Test
    void drainWaitsForAHeldKeyAndHandsOutWhatTheHolderWrote() throws InterruptedException {
        whilePresentHeld(open(), (crew, map, hold, key, before) -> {
            Crew.Job<List<Map.Entry<Object, Object>>> drain = crew.start(map::drain);
            drain.awaitWaiting();
            for (int i = 100; i < 120; i++) {
                map.put(key(i), value(i));
            }
            hold.release();
            List<Map.Entry<Object, Object>> drained = drain.result();
            assertThat(drained).contains(Map.entry(key, value(RESULT)));
            List<Map.Entry<Object, Object>> all = new ArrayList<>(drained);
            all.addAll(map.drain());
            assertThat(all).doesNotHaveDuplicates().hasSize(ENTRIES + 20);
        });
    }

    @Test
    void bulkRemovalsThatDoNotWantTheHeldKeyDoNotWait() throws InterruptedException {
        whileHeld((crew, map, hold, key, before) -> {
            assertThat(map.removeIf((k, v) -> numberOfKey(k) >= 15)).isEqualTo(ENTRIES - 15);
            assertThat(map.keySet().removeIf(k -> numberOfKey(k) == 14)).isTrue();
            assertThat(map.values().removeAll(List.of(value(13)))).isTrue();
            map.keySet().remove(key(12));
            assertThat(map.removeAll(List.of(key(10), key(11)))).isEqualTo(2);
            assertThat(map.get(key)).isEqualTo(before);
            hold.release();
            assertThat(map.mappingCount()).isEqualTo(before == null ? 11 : 10);
        });
    }

    /** A batch that waits for one of its keys holds none of the others. */
    @Test
    void aBatchThatWaitsHoldsNothing() throws InterruptedException {
        whileHeld((crew, map, hold, key, before) -> {
            Map<Object, Object> entries = model(ENTRIES);
            entries.put(key, value(90));
            Crew.Job<@Nullable Object> putAll = crew.start(() -> {
                map.putAll(entries);
                return null;
            });
            Crew.Job<Integer> removeAll = crew.start(() -> map.removeAll(entries.keySet()));
            putAll.awaitWaiting();
            removeAll.awaitWaiting();
            for (Object other : entries.keySet()) {
                if (!other.equals(key)) {
                    map.put(other, value(3));
                    map.compute(other, this::more);
                }
            }
            assertThat(map.get(key)).isEqualTo(before);
            hold.release();
            putAll.result();
            assertThat(removeAll.result()).isPositive();
            assertThat(map.get(key)).isIn(null, value(90));
        });
    }

    @Test
    void aHolderWaitsForAnotherHoldersKey() throws InterruptedException {
        whileHeld((crew, map, hold, key, before) -> {
            Crew.Job<@Nullable Object> outer = crew.start(() ->
                    map.compute(key(7), (k, v) -> map.merge(key, value(0), (value, given) -> plus(value, 1))));
            outer.awaitWaiting();
            assertThat(map.get(key(7))).isEqualTo(value(7));
            hold.release();
            assertThat(outer.result()).isEqualTo(value(RESULT + 1));
            assertThat(map.get(key(7))).isEqualTo(value(RESULT + 1));
        });
    }

    @Test
    void anInterruptDoesNotEndTheWaitAndIsNotLost() throws InterruptedException {
        whileHeld((crew, map, hold, key, before) -> {
            AtomicBoolean interrupted = new AtomicBoolean();
            Crew.Job<@Nullable Object> put = crew.start(() -> {
                Object old = map.put(key, value(90));
                interrupted.set(Thread.interrupted());
                return old;
            });
            put.awaitWaiting();
            put.thread.interrupt();
            put.thread.interrupt();
            assertThat(map.get(key)).isEqualTo(before);
            assertThat(put.isDone()).isFalse();
            put.awaitWaiting();
            hold.thread().interrupt();
            assertThat(hold.release()).isEqualTo(value(RESULT));
            assertThat(put.result()).isEqualTo(value(RESULT));
            assertThat(interrupted.get()).as("the interrupt is still set").isTrue();
        });
    }

    @Test
    void anInterruptedThreadMayUseTheMap() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads()) {
            boolean kept = crew.start(() -> {
                        Thread.currentThread().interrupt();
                        for (int i = 0; i < plenty(); i++) {
                            map.put(key(i), value(i));
                        }
                        map.compute(key(1), (key, value) -> value);
                        assertThat(map.equals(model(plenty()))).isTrue();
                        assertThat(map.remove(key(0))).isEqualTo(value(0));
                        return Thread.interrupted();
                    })
                    .result();
            assertThat(kept).as("the interrupt is still set").isTrue();
        }
        assertThat(map.put(key(0), value(0))).isNull();
        assertThat(map.equals(model(plenty()))).isTrue();
    }
}
