package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.AsyncMap;
import io.sherd.KeyDeadlockException;
import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The asynchronous view. Keys are held by owners without a thread, so a call that blocked would hang the test in the thread
 * that has to let go.
 */
public abstract class AsyncContract extends MapContract {
    private static final int ENTRIES = 10;
    private static final int PATIENCE_SECONDS = 30;

    /** For implementations. */
    protected AsyncContract() {}

    private static <T extends @Nullable Object> T now(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        try {
            Object result = future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            throw new AssertionError("did not fail but answered " + result);
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static <T extends @Nullable Object> CompletionStage<T> stage(T value) {
        return CompletableFuture.completedFuture(value);
    }

    // ---- the same as the map

    /** An operation in both forms. */
    private record Twin(String name, Async async, Sync sync) {
        interface Async {
            CompletableFuture<? extends @Nullable Object> on(AsyncMap<Object, Object> map, Object key);
        }

        interface Sync {
            @Nullable
            Object on(ShardedMap<Object, Object> map, Object key);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Operations that write a key, whether it is present or absent. */
    private List<Twin> writes() {
        Object mine = value(20);
        return List.of(
                new Twin("put", (map, key) -> map.put(key, mine), (map, key) -> map.put(key, mine)),
                new Twin(
                        "putIfAbsent",
                        (map, key) -> map.putIfAbsent(key, mine),
                        (map, key) -> map.putIfAbsent(key, mine)),
                new Twin("replace", (map, key) -> map.replace(key, mine), (map, key) -> map.replace(key, mine)),
                new Twin("remove", (map, key) -> map.remove(key), (map, key) -> map.remove(key)),
                new Twin(
                        "compareAndExchange",
                        (map, key) -> map.compareAndExchange(key, mine, value(21)),
                        (map, key) -> map.compareAndExchange(key, mine, value(21))),
                new Twin(
                        "compareAndExchange from none",
                        (map, key) -> map.compareAndExchange(key, null, mine),
                        (map, key) -> map.compareAndExchange(key, null, mine)),
                new Twin(
                        "compareAndExchange to none",
                        (map, key) -> map.compareAndExchange(key, mine, null),
                        (map, key) -> map.compareAndExchange(key, mine, null)),
                new Twin(
                        "compareAndSet",
                        (map, key) -> map.compareAndSet(key, mine, value(21)),
                        (map, key) -> map.compareAndSet(key, mine, value(21))),
                new Twin(
                        "compute",
                        (map, key) -> map.compute(key, (k, v) -> stage(more(v))),
                        (map, key) -> map.compute(key, (k, v) -> more(v))),
                new Twin(
                        "compute to none",
                        (map, key) -> map.compute(key, (k, v) -> stage(null)),
                        (map, key) -> map.compute(key, (k, v) -> null)),
                new Twin(
                        "computeIfPresent",
                        (map, key) -> map.computeIfPresent(key, (k, v) -> stage(more(v))),
                        (map, key) -> map.computeIfPresent(key, (k, v) -> more(v))),
                new Twin(
                        "merge",
                        (map, key) -> map.merge(key, mine, (a, b) -> more(a)),
                        (map, key) -> map.merge(key, mine, (a, b) -> more(a))),
                new Twin(
                        "merge to none",
                        (map, key) -> map.merge(key, mine, (a, b) -> null),
                        (map, key) -> map.merge(key, mine, (a, b) -> null)),
                new Twin(
                        "removeAll",
                        (map, key) -> map.removeAll(List.of(key)),
                        (map, key) -> map.removeAll(List.of(key))),
                new Twin("putAll", (map, key) -> map.putAll(Map.of(key, mine)), (map, key) -> {
                    map.putAll(Map.of(key, mine));
                    return null;
                }));
    }

    /** Operations that may answer without the key. */
    private List<Twin> reads() {
        Object mine = value(20);
        return List.of(
                new Twin("get", (map, key) -> map.get(key), (map, key) -> map.get(key)),
                new Twin(
                        "getAll",
                        (map, key) -> map.getAll(List.of(key, key(0))),
                        (map, key) -> map.getAll(List.of(key, key(0)))),
                new Twin(
                        "computeIfAbsent",
                        (map, key) -> map.computeIfAbsent(key, k -> stage(mine)),
                        (map, key) -> map.computeIfAbsent(key, k -> mine)),
                new Twin(
                        "computeIfAbsent to none",
                        (map, key) -> map.computeIfAbsent(key, k -> stage(null)),
                        (map, key) -> map.computeIfAbsent(key, k -> null)),
                new Twin(
                        "compareAndExchange none",
                        (map, key) -> map.compareAndExchange(key, null, null),
                        (map, key) -> map.compareAndExchange(key, null, null)),
                new Twin(
                        "compareAndSet none",
                        (map, key) -> map.compareAndSet(key, null, null),
                        (map, key) -> map.compareAndSet(key, null, null)));
    }

    private Object more(@Nullable Object value) {
        return value == null ? value(0) : plus(value, 1);
    }

    @Test
    void everyOperationAnswersAndDoesWhatItsTwinDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Twin> twins = new ArrayList<>(writes());
        twins.addAll(reads());
        ShardedMap<Object, Object> map = filled(ENTRIES);
        ShardedMap<Object, Object> other = filled(ENTRIES);
        for (int i = 0; i < 300; i++) {
            Twin twin = twins.get(random.nextInt(twins.size()));
            Object key = key(random.nextInt(2 * ENTRIES));
            Object expected = twin.sync.on(other, key);
            assertThat(now(twin.async.on(map.async(), key)))
                    .as("%s of %s, seed %s, step %s", twin, key, seed, i)
                    .isEqualTo(expected);
            assertThat(map.get(key)).as("after %s", twin).isEqualTo(other.get(key));
        }
        assertThat(map.equals(other)).isTrue();
    }

    @Test
    void theViewKnowsItsMap() {
        ShardedMap<Object, Object> map = open();
        assertThat(map.async()).isSameAs(map.async());
        assertThat(map.async().sync()).isSameAs(map);
        assertThat(map.async(Runnable::run).sync()).isSameAs(map);
        assertThat(map.async().asOwner("me").sync()).isSameAs(map);
        assertThat(map.async().asOwner("me").toString()).contains("me");
    }

    // ---- waiting

    @Test
    void aHeldKeyKeepsTheOperationWaitingAndNotTheCaller() {
        ShardedMap<Object, Object> map = open();
        for (int number : new int[] {1, 2 * ENTRIES}) {
            for (Twin twin : writes()) {
                refill(map, ENTRIES);
                Object key = key(number);
                Object before = map.get(key);
                LockedEntry<Object, Object> held = now(map.async().lock(key));
                CompletableFuture<?> waiting = twin.async.on(map.async(), key);
                assertThat(now(map.async().tryLock(key))).isNull();
                assertThat(map.get(key)).isEqualTo(before);
                assertThat(waiting.isDone()).as("%s waits", twin).isFalse();
                held.close();
                Object answer = now(waiting);
                Object after = map.get(key);
                refill(map, ENTRIES);
                assertThat(answer).as("%s answers", twin).isEqualTo(twin.sync.on(map, key));
                assertThat(after).as("after %s", twin).isEqualTo(map.get(key));
            }
        }
    }

    @Test
    void readsDoNotWait() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        LockedEntry<Object, Object> held = now(async.lock(key(1)));
        held.setValue(value(30));
        assertThat(async.get(key(1)).getNow(null)).isEqualTo(value(1));
        assertThat(async.getAll(List.of(key(1), key(40))).getNow(Map.of())).isEqualTo(Map.of(key(1), value(1)));
        assertThat(async.computeIfAbsent(key(1), key -> stage(value(31))).getNow(null))
                .isEqualTo(value(1));
        held.close();
        assertThat(async.get(key(1)).getNow(null)).isEqualTo(value(30));
    }

    @Test
    void whatOneThreadAsksForHappensInThatOrder() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        Object key = key(3);
        for (int round = 0; round < 20; round++) {
            map.put(key, value(0));
            LockedEntry<Object, Object> held = now(async.lock(key));
            List<CompletableFuture<@Nullable Object>> puts = new ArrayList<>();
            for (int i = 1; i <= 40; i++) {
                if (i == 20) {
                    held.close(); // the others come while those before are on their way
                }
                puts.add(async.put(key, value(i)));
            }
            for (int i = 1; i <= 40; i++) {
                assertThat(now(puts.get(i - 1))).as("put %s", i).isEqualTo(value(i - 1));
            }
            assertThat(map.get(key)).isEqualTo(value(40));
        }
    }

    @Test
    void threadsAndOwnersWithoutThreadShareKeys() throws InterruptedException {
        int threads = 4;
        int each = 25;
        ShardedMap<Object, Object> map = open();
        Queue<CompletableFuture<?>> futures = new ConcurrentLinkedQueue<>();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                for (int i = 0; i < each; i++) {
                    Object key = key(i % 2);
                    if ((i + index) % 2 == 0) {
                        map.merge(key, value(1), (a, b) -> plus(a, 1));
                    } else if (i % 3 == 0) {
                        futures.add(map.async().merge(key, value(1), (a, b) -> plus(a, 1)));
                    } else {
                        futures.add(map.async().lock(key).thenAcceptAsync(entry -> {
                            try (entry) {
                                Object old = entry.value();
                                entry.setValue(old == null ? value(1) : plus(old, 1));
                            }
                        }));
                    }
                }
            });
        }
        futures.forEach(AsyncContract::now);
        int sum = numberOfValue(Objects.requireNonNull(map.get(key(0))))
                + numberOfValue(Objects.requireNonNull(map.get(key(1))));
        assertThat(sum).isEqualTo(threads * each);
    }

    // ---- cancelling

    @Test
    void whoIsCancelledWhileQueuedLosesNoWakeUp() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        LockedEntry<Object, Object> held = now(async.lock(key(1)));
        CompletableFuture<?> first = async.put(key(1), value(30));
        CompletableFuture<?> second = async.lock(key(1));
        CompletableFuture<@Nullable Object> third = async.put(key(1), value(31));
        CompletableFuture<?> fourth = async.remove(key(1));
        assertThat(first.cancel(false)).isTrue();
        assertThat(second.completeExceptionally(new IllegalArgumentException("enough")))
                .isTrue();
        assertThat(fourth.cancel(true)).isTrue();
        held.close();
        assertThat(now(third)).isEqualTo(value(1));
        assertThat(map.get(key(1))).isEqualTo(value(31));
        assertThatThrownBy(first::join).isInstanceOf(CancellationException.class);
    }

    @Test
    void aLockThatIsCancelledAsItIsHandedOutComesBack() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int i = 0; i < 200; i++) {
                LockedEntry<Object, Object> held = now(async.lock(key(1)));
                CompletableFuture<LockedEntry<Object, Object>> next = async.lock(key(1));
                CompletableFuture<LockedEntries<Object, Object>> both = async.lockAll(List.of(key(2), key(1)));
                CompletableFuture<@Nullable Object> last = async.put(key(1), value(i % 50));
                crew.together(3, index -> {
                    switch (index) {
                        case 0 -> held.close();
                        case 1 -> next.cancel(true);
                        default -> both.cancel(true);
                    }
                });
                if (!next.isCancelled()) {
                    now(next).close();
                }
                if (!both.isCancelled()) {
                    now(both).close();
                }
                now(last);
                assertThat(map.get(key(1))).isEqualTo(value(i % 50));
                now(async.put(key(2), value(2)));
            }
        }
    }

    @Test
    void cancellingLockAllGivesBackWhatItHas() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        List<Object> keys = new ArrayList<>(model(ENTRIES).keySet());
        for (Object key : keys) {
            LockedEntry<Object, Object> held = now(async.lock(key));
            CompletableFuture<LockedEntries<Object, Object>> all = async.lockAll(keys);
            assertThat(all.isDone()).isFalse();
            assertThat(all.cancel(true)).isTrue();
            for (Object other : keys) {
                if (!other.equals(key)) {
                    LockedEntry<Object, Object> free = now(async.tryLock(other));
                    assertThat(free).as("%s is free", other).isNotNull();
                    Objects.requireNonNull(free).close();
                }
            }
            held.close();
        }
        now(async.lockAll(keys)).close();
    }

    // ---- loading

    @Test
    void manyCallersShareOneLoad() {
        ShardedMap<Object, Object> map = filled(1);
        AtomicInteger loads = new AtomicInteger();
        CompletableFuture<Object> loaded = new CompletableFuture<>();
        List<CompletableFuture<@Nullable Object>> callers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            AsyncMap<Object, Object> view = i % 2 == 0 ? map.async() : map.async(task -> new Thread(task).start());
            callers.add(view.computeIfAbsent(key(5), key -> {
                loads.incrementAndGet();
                return loaded;
            }));
        }
        assertThat(callers).noneMatch(CompletableFuture::isDone);
        assertThat(callers.get(0).cancel(true)).isTrue();
        assertThat(callers.get(50).cancel(true)).isTrue();
        assertThat(map.get(key(5))).isNull();
        loaded.complete(value(7));
        for (int i = 0; i < callers.size(); i++) {
            if (i % 50 != 0) {
                assertThat(now(callers.get(i))).isEqualTo(value(7));
            }
        }
        assertThat(loads.get()).isEqualTo(1);
        assertThat(map.get(key(5))).isEqualTo(value(7));
    }

    @Test
    void aLoadGoesOnWhenNobodyIsLeft() {
        ShardedMap<Object, Object> map = open();
        CompletableFuture<Object> started = new CompletableFuture<>();
        CompletableFuture<Object> loaded = new CompletableFuture<>();
        CompletableFuture<@Nullable Object> caller = map.async().computeIfAbsent(key(5), key -> {
            started.complete(key);
            return loaded;
        });
        now(started);
        caller.cancel(true);
        CompletableFuture<@Nullable Object> put = map.async().put(key(5), value(9));
        assertThat(put.isDone()).isFalse();
        loaded.complete(value(7));
        assertThat(now(put)).isEqualTo(value(7));
    }

    @Test
    void aFailedLoadIsSharedAndNotKept() {
        ShardedMap<Object, Object> map = filled(1);
        AsyncMap<Object, Object> async = map.async();
        IllegalArgumentException mine = new IllegalArgumentException("mine");
        CompletableFuture<Object> loaded = new CompletableFuture<>();
        AtomicInteger loads = new AtomicInteger();
        List<CompletableFuture<@Nullable Object>> callers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            callers.add(async.computeIfAbsent(key(5), key -> {
                loads.incrementAndGet();
                return loaded.thenApply(value -> value); // its failure comes wrapped
            }));
        }
        loaded.completeExceptionally(mine);
        for (CompletableFuture<?> caller : callers) {
            assertThat(failureOf(caller)).isSameAs(mine);
        }
        assertThat(loads.get()).isEqualTo(1);
        assertThat(map.containsKey(key(5))).isFalse();
        assertThat(failureOf(async.computeIfAbsent(key(5), key -> {
                    throw mine;
                })))
                .isSameAs(mine);
        assertThat(now(async.computeIfAbsent(key(5), key -> stage(value(8))))).isEqualTo(value(8));
    }

    @Test
    void aThreadWaitsForALoadAndSeesItsValue() throws InterruptedException {
        ShardedMap<Object, Object> map = open();
        CompletableFuture<Object> started = new CompletableFuture<>();
        CompletableFuture<Object> loaded = new CompletableFuture<>();
        try (Crew crew = Crew.ofPlatformThreads()) {
            CompletableFuture<@Nullable Object> load = map.async().computeIfAbsent(key(5), key -> {
                started.complete(key);
                return loaded;
            });
            assertThat(now(started)).isEqualTo(key(5));
            Crew.Job<@Nullable Object> thread = crew.start(() -> map.computeIfAbsent(key(5), key -> value(1)));
            thread.awaitWaiting();
            loaded.complete(value(7));
            assertThat(thread.result()).isEqualTo(value(7));
            assertThat(now(load)).isEqualTo(value(7));
        }
    }

    // ---- functions

    @Test
    void theKeyIsHeldUntilTheStageIsComplete() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        CompletableFuture<@Nullable Object> stage = new CompletableFuture<>();
        CompletableFuture<@Nullable Object> computed = async.compute(key(1), (key, value) -> stage);
        CompletableFuture<@Nullable Object> put = async.put(key(1), value(40));
        CompletableFuture<@Nullable Object> stranger = async.put(key(2), value(41));
        assertThat(now(stranger)).isEqualTo(value(2));
        assertThat(put.isDone()).isFalse();
        assertThat(map.get(key(1))).isEqualTo(value(1));
        stage.complete(value(30));
        assertThat(now(computed)).isEqualTo(value(30));
        assertThat(now(put)).isEqualTo(value(30));
    }

    @Test
    void whatAFunctionThrowsTheFutureFailsWithAndTheEntryStays() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        IllegalArgumentException mine = new IllegalArgumentException("mine");
        for (int number : new int[] {1, 2 * ENTRIES}) {
            Object key = key(number);
            List<CompletableFuture<?>> failing = new ArrayList<>();
            failing.add(async.compute(key, (k, v) -> {
                throw mine;
            }));
            failing.add(async.compute(key, (k, v) -> CompletableFuture.failedFuture(mine)));
            if (number == 1) {
                failing.add(async.computeIfPresent(key, (k, v) -> {
                    throw mine;
                }));
                failing.add(async.merge(key, value(3), (a, b) -> {
                    throw mine;
                }));
            }
            for (CompletableFuture<?> future : failing) {
                assertThat(failureOf(future)).isSameAs(mine);
            }
            assertThat(failureOf(async.compute(key, (k, v) -> Nulls.none())))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("stage");
        }
        assertThat(map.equals(model(ENTRIES))).isTrue();
        now(async.put(key(1), value(1)));
    }

    @Test
    void nullsAreRefusedAtOnce() {
        AsyncMap<Object, Object> async = filled(ENTRIES).async();
        assertThatThrownBy(() -> async.get(Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.put(Nulls.none(), value(1))).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.put(key(1), Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.putIfAbsent(key(1), Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.remove(Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.compute(key(1), Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.computeIfAbsent(key(1), Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.merge(key(1), Nulls.none(), (a, b) -> a))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.lock(Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.lockAll(Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.putAll(Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.removeAll(Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.transact(Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> async.asOwner(Nulls.none())).isInstanceOf(NullPointerException.class);
    }

    // ---- keys that are handed out

    @Test
    void anotherThreadClosesTheEntry() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int number : new int[] {1, 2 * ENTRIES}) {
                LockedEntry<Object, Object> entry = now(map.async().lock(key(number)));
                Crew.Job<@Nullable Object> put = crew.start(() -> map.put(key(number), value(31)));
                put.awaitWaiting();
                crew.start(() -> {
                            entry.setValue(value(30));
                            entry.close();
                            return null;
                        })
                        .result();
                assertThat(put.result()).isEqualTo(value(30));
            }
        }
    }

    @Test
    void lockAllTakesAllAndClosesThemInOneStep() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        List<Object> keys = List.of(key(15), key(3), key(1), key(3), key(7));
        LockedEntry<Object, Object> held = now(async.lock(key(3)));
        LockedEntry<Object, Object> held2 = now(async.lock(key(7)));
        CompletableFuture<LockedEntries<Object, Object>> locking = async.lockAll(keys);
        assertThat(locking.isDone()).isFalse();
        held.close();
        held2.close();
        LockedEntries<Object, Object> all = now(locking);
        List<Object> seen = new ArrayList<>();
        all.forEach(entry -> seen.add(entry.key()));
        assertThat(seen).isEqualTo(List.of(key(15), key(3), key(1), key(7)));
        CompletableFuture<?> put = async.put(key(1), value(40));
        all.get(key(15)).setValue(value(30));
        all.get(key(3)).remove();
        assertThat(map.get(key(3))).isEqualTo(value(3));
        assertThat(put.isDone()).isFalse();
        all.close();
        assertThat(now(put)).isEqualTo(value(1));
        assertThat(map.get(key(15))).isEqualTo(value(30));
        assertThat(map.get(key(3))).isNull();
        now(async.lockAll(List.of())).close();
    }

    @Test
    void manyWhoLockAllComeToTheirTurn() throws InterruptedException {
        int threads = 4;
        int each = 20;
        ShardedMap<Object, Object> map = open();
        Queue<CompletableFuture<?>> futures = new ConcurrentLinkedQueue<>();
        List<Object> keys = List.of(key(0), key(1), key(2), key(3));
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                for (int i = 0; i < each; i++) {
                    List<Object> some =
                            List.of(keys.get((i + index) % 4), keys.get((i * index + 1) % 4), keys.get(i % 4));
                    if (i % 5 == 4) {
                        try (LockedEntries<Object, Object> all = map.lockAll(some)) {
                            all.forEach(entry -> entry.setValue(more(entry.value())));
                        }
                    } else {
                        futures.add(map.async().lockAll(some).thenAcceptAsync(all -> {
                            try (all) {
                                all.forEach(entry -> entry.setValue(more(entry.value())));
                            }
                        }));
                    }
                }
            });
        }
        futures.forEach(AsyncContract::now);
        Map<Object, Integer> expected = new HashMap<>();
        for (int index = 0; index < threads; index++) {
            for (int i = 0; i < each; i++) {
                List.of((i + index) % 4, (i * index + 1) % 4, i % 4).stream()
                        .distinct()
                        .forEach(number -> expected.merge(key(number), 1, Integer::sum));
            }
        }
        expected.forEach((key, count) -> assertThat(map.get(key)).isEqualTo(value(count - 1)));
    }

    // ---- batches and transactions

    @Test
    void aHeldKeyKeepsNoOtherOfABatchWaiting() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async(Runnable::run);
        LockedEntry<Object, Object> held = now(async.lock(key(3)));
        Map<Object, Object> batch = new HashMap<>();
        for (int i = 0; i < ENTRIES; i++) {
            batch.put(key(i), value(i + 30));
        }
        CompletableFuture<@Nullable Void> put = async.putAll(batch);
        assertThat(put.isDone()).isFalse();
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(map.get(key(i))).isEqualTo(value(i == 3 ? 3 : i + 30));
        }
        held.close();
        now(put);
        assertThat(map.equals(batch)).isTrue();
        LockedEntry<Object, Object> again = now(async.lock(key(3)));
        CompletableFuture<Integer> removed = async.removeAll(List.of(key(2), key(3), key(50), key(3)));
        assertThat(map.containsKey(key(2))).isFalse();
        assertThat(removed.isDone()).isFalse();
        again.close();
        assertThat(now(removed)).isEqualTo(2);
        assertThat(map.containsKey(key(3))).isFalse();
    }

    @Test
    void transactionsRunOnTheExecutor() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        Thread caller = Thread.currentThread();
        CompletableFuture<@Nullable Object> paid = map.async().<@Nullable Object>transact(tx -> {
            assertThat(Thread.currentThread()).isNotSameAs(caller);
            tx.put(key(1), value(30));
            return tx.remove(key(2));
        });
        assertThat(now(paid)).isEqualTo(value(2));
        assertThat(map.get(key(1))).isEqualTo(value(30));
        assertThat(map.get(key(2))).isNull();
        IllegalArgumentException mine = new IllegalArgumentException("mine");
        assertThat(failureOf(map.async().transact(tx -> {
                    tx.put(key(1), value(31));
                    throw mine;
                })))
                .isSameAs(mine);
        assertThat(map.get(key(1))).isEqualTo(value(30));
    }

    // ---- executors

    @Test
    void functionsRunOnTheExecutorGiven() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        Thread caller = Thread.currentThread();
        AtomicInteger started = new AtomicInteger();
        Executor executor = task -> Thread.ofPlatform()
                .daemon()
                .name("given-" + started.incrementAndGet())
                .start(task);
        AsyncMap<Object, Object> async = map.async(executor);
        for (AsyncMap<Object, Object> view : List.of(async, async.asOwner("me"))) {
            assertThat(now(view.compute(key(1), (key, value) -> {
                        assertThat(Thread.currentThread().getName()).startsWith("given-");
                        return stage(more(value));
                    })))
                    .isNotNull();
        }
        assertThat(started.get()).isGreaterThanOrEqualTo(2);
        now(map.async().compute(key(1), (key, value) -> {
            assertThat(Thread.currentThread()).isNotSameAs(caller);
            assertThat(Thread.currentThread().isVirtual()).isTrue();
            return stage(value);
        }));
    }

    @Test
    void anExecutorMayRunEverythingAtOnce() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async(Runnable::run);
        LockedEntry<Object, Object> held = now(async.lock(key(1)));
        CompletableFuture<@Nullable Object> put = async.put(key(1), value(30));
        CompletableFuture<@Nullable Object> computed = async.compute(key(1), (key, value) -> stage(more(value)));
        held.close();
        assertThat(now(put)).isEqualTo(value(1));
        assertThat(now(computed)).isEqualTo(value(31));
    }

    @Test
    void anExecutorThatRefusesFailsTheFutureAndLosesNoKey() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async(task -> {
            throw new RejectedExecutionException("full");
        });
        assertThat(failureOf(async.compute(key(1), (key, value) -> stage(more(value)))))
                .isInstanceOf(RejectedExecutionException.class);
        LockedEntry<Object, Object> held = now(async.lock(key(1)));
        CompletableFuture<@Nullable Object> refused = async.put(key(1), value(30));
        CompletableFuture<@Nullable Object> put = map.async().put(key(1), value(31));
        held.close();
        assertThat(failureOf(refused)).isInstanceOf(RejectedExecutionException.class);
        assertThat(now(put)).isEqualTo(value(1));
    }

    // ---- deadlocks

    @Test
    void twoOwnersDoNotWaitForOneAnother() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> one = map.async().asOwner("one");
        AsyncMap<Object, Object> two = map.async().asOwner("two");
        LockedEntry<Object, Object> first = now(one.lock(key(1)));
        LockedEntry<Object, Object> second = now(two.lock(key(2)));
        CompletableFuture<LockedEntry<Object, Object>> waiting = one.lock(key(2));
        assertThat(waiting.isDone()).isFalse();
        for (CompletableFuture<?> circle :
                List.of(two.lock(key(1)), two.put(key(1), value(30)), two.lockAll(List.of(key(1))))) {
            Throwable failure = failureOf(circle);
            assertThat(failure).isInstanceOf(KeyDeadlockException.class);
            KeyDeadlockException deadlock = (KeyDeadlockException) failure;
            assertThat(deadlock.keys()).isEqualTo(List.of(key(1), key(2)));
            assertThat(deadlock.owners().get(0)).contains("one");
        }
        second.close();
        now(waiting).close();
        first.close();
        now(two.lockAll(List.of(key(1), key(2)))).close();
    }

    @Test
    void anOwnerCannotTakeWhatItHolds() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> owner = map.async().asOwner("one");
        LockedEntry<Object, Object> entry = now(owner.lock(key(1)));
        assertThat(failureOf(owner.lock(key(1)))).isInstanceOf(IllegalStateException.class);
        assertThat(failureOf(owner.put(key(1), value(30)))).isInstanceOf(IllegalStateException.class);
        assertThat(failureOf(owner.lockAll(List.of(key(2), key(1))))).isInstanceOf(IllegalStateException.class);
        now(owner.put(key(2), value(30)));
        entry.close();
        assertThat(now(owner.put(key(1), value(30)))).isEqualTo(value(1));
    }

    @Test
    void aFunctionCannotTakeItsOwnKey() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        assertThat(failureOf(async.compute(key(1), (key, value) -> async.put(key(1), value(30)))))
                .isInstanceOf(IllegalStateException.class);
        assertThat(failureOf(async.compute(key(1), (key, value) -> stage(map.put(key(1), value(30))))))
                .isInstanceOf(IllegalStateException.class);
        assertThat(failureOf(async.computeIfAbsent(key(20), key -> async.computeIfAbsent(key, k -> stage(value(3))))))
                .isInstanceOf(IllegalStateException.class);
        assertThat(map.equals(model(ENTRIES))).isTrue();
        assertThat(now(async.compute(key(1), (key, value) -> async.put(key(2), value(30)))))
                .isEqualTo(value(2));
        assertThat(now(async.computeIfAbsent(key(20), key -> async.computeIfAbsent(key(21), k -> stage(value(3))))))
                .isEqualTo(value(3));
    }

    @Test
    void functionsDoNotWaitForOneAnother() {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> async = map.async();
        CompletableFuture<Object> oneRuns = new CompletableFuture<>();
        CompletableFuture<Object> twoRuns = new CompletableFuture<>();
        CompletableFuture<@Nullable Object> one = async.compute(key(1), (key, value) -> {
            oneRuns.complete(key);
            assertThat(now(twoRuns)).isNotNull();
            return async.merge(key(2), value(30), (a, b) -> b);
        });
        CompletableFuture<@Nullable Object> two = async.compute(key(2), (key, value) -> {
            twoRuns.complete(key);
            assertThat(now(oneRuns)).isNotNull();
            return stage(map.merge(key(1), value(31), (a, b) -> b));
        });
        CompletableFuture.allOf(one, two).handle((value, thrown) -> "done").join();
        CompletableFuture<?> failed = one.isCompletedExceptionally() ? one : two;
        Throwable failure = failureOf(failed);
        assertThat(one.isCompletedExceptionally()).isNotEqualTo(two.isCompletedExceptionally());
        assertThat(failure).isInstanceOf(KeyDeadlockException.class);
        now(async.put(key(1), value(1)));
        now(async.put(key(2), value(2)));
    }

    @Test
    void anOwnerAndAThreadDoNotWaitForOneAnother() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(ENTRIES);
        AsyncMap<Object, Object> owner = map.async().asOwner("one");
        LockedEntry<Object, Object> mine = now(owner.lock(key(1)));
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<@Nullable Object> thread = crew.start(() -> {
                try (LockedEntry<Object, Object> theirs = map.lock(key(2))) {
                    theirs.setValue(value(30));
                    return map.put(key(1), value(31));
                }
            });
            thread.awaitWaiting();
            CompletableFuture<LockedEntry<Object, Object>> wanted = owner.lock(key(2));
            assertThat(failureOf(wanted)).isInstanceOf(KeyDeadlockException.class);
            mine.close();
            assertThat(thread.result()).isEqualTo(value(1));
        }
        now(owner.lock(key(2))).close();
    }
}
