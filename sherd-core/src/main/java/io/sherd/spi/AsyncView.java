package io.sherd.spi;

import io.sherd.AsyncMap;
import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import io.sherd.Transaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous view of any map: takes the key, changes the entry, closes it.
 *
 * <p>A key that is free is taken in the calling thread, so that what one thread asks for happens in that order; otherwise a
 * {@link Taking} queues. Functions run on the executor, and so does the closing of an entry where that may take long.
 */
final class AsyncView<K, V> implements AsyncMap<K, V> {
    /** A new virtual thread for each task. */
    static final Executor VIRTUAL =
            task -> Thread.ofVirtual().name("sherd-async").start(task);

    final AbstractShardedMap<K, V> map;
    final Executor executor;

    /** For whom operations act, if not for the function that starts them. */
    private final @Nullable Owner named;

    /** The loads that run, by the identity of their keys; shared by all views of the map. */
    private final ConcurrentMap<Object, CompletableFuture<@Nullable V>> loads;

    AsyncView(AbstractShardedMap<K, V> map) {
        this(map, VIRTUAL, null, new ConcurrentHashMap<Object, CompletableFuture<@Nullable V>>());
    }

    private AsyncView(
            AbstractShardedMap<K, V> map,
            Executor executor,
            @Nullable Owner named,
            ConcurrentMap<Object, CompletableFuture<@Nullable V>> loads) {
        this.map = map;
        this.executor = executor;
        this.named = named;
        this.loads = loads;
    }

    AsyncView<K, V> on(Executor other) {
        return new AsyncView<>(map, other, named, loads);
    }

    @Override
    public AsyncMap<K, V> asOwner(String name) {
        return new AsyncView<>(
                map, executor, Owner.fresh(Objects.requireNonNull(name, "name"), Owner.running()), loads);
    }

    @Override
    public ShardedMap<K, V> sync() {
        return map;
    }

    private static void nothing() {}

    // ---- owners

    private @Nullable Owner behalf() {
        return named != null ? named : Owner.running();
    }

    /** The owner of a key while one operation changes it. */
    private Owner operation() {
        return Owner.fresh(null, behalf());
    }

    /** The owner of a key that is handed out. */
    private Owner holder() {
        Owner behalf = behalf();
        return behalf != null ? behalf : Owner.fresh(null, null);
    }

    // ---- the way back

    /** Runs a task on the executor, or fails. */
    private void execute(CompletableFuture<?> result, Runnable refused, Runnable task) {
        try {
            executor.execute(task);
        } catch (RuntimeException | Error failure) {
            refused.run();
            result.completeExceptionally(failure);
        }
    }

    /** Closes an entry, where that may be done, and completes the result. */
    private <R extends @Nullable Object> void close(
            HeldEntry<K, V> entry, CompletableFuture<R> result, R value, boolean onExecutor) {
        if (onExecutor || !entry.isChanged() || !map.closesSlowly()) {
            closeHere(entry, result, value);
        } else {
            execute(result, () -> drop(entry), () -> closeHere(entry, result, value));
        }
    }

    private static <R extends @Nullable Object> void closeHere(
            HeldEntry<?, ?> entry, CompletableFuture<R> result, R value) {
        try {
            entry.close();
        } catch (RuntimeException | Error failure) {
            result.completeExceptionally(failure);
            return;
        }
        result.complete(value);
    }

    private static void drop(HeldEntry<?, ?> entry) {
        entry.discard();
        entry.close();
    }

    private static void fail(HeldEntry<?, ?> entry, CompletableFuture<?> result, Throwable failure) {
        try {
            drop(entry);
        } catch (RuntimeException | Error another) {
            failure.addSuppressed(another);
        }
        result.completeExceptionally(failure);
    }

    private static Throwable causeOf(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    // ---- one key, no function

    @Override
    public CompletableFuture<@Nullable V> get(K key) {
        Objects.requireNonNull(key, "key");
        return reading(() -> map.get(key));
    }

    @Override
    public CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys) {
        List<K> all = copyOf(keys);
        return reading(() -> map.getAll(all));
    }

    private static <R extends @Nullable Object> CompletableFuture<R> reading(Supplier<? extends R> read) {
        CompletableFuture<R> result = new CompletableFuture<>();
        try {
            result.complete(read.get());
        } catch (RuntimeException | Error failure) {
            result.completeExceptionally(failure);
        }
        return result;
    }

    /** Takes a key, changes its entry, gives it back; {@code change} answers the result. */
    private <R extends @Nullable Object> CompletableFuture<R> change(
            K key, Function<? super HeldEntry<K, V>, ? extends R> change) {
        Objects.requireNonNull(key, "key");
        CompletableFuture<R> result = new CompletableFuture<>();
        Taking.start(
                this,
                key,
                operation(),
                result,
                entry -> {
                    R answer;
                    try {
                        answer = change.apply(entry);
                    } catch (RuntimeException | Error failure) {
                        fail(entry, result, failure);
                        return;
                    }
                    close(entry, result, answer, false);
                },
                AsyncView::nothing);
        return result;
    }

    @Override
    public CompletableFuture<@Nullable V> put(K key, V value) {
        Objects.requireNonNull(value, "value");
        return this.<@Nullable V>change(key, entry -> entry.setValue(value));
    }

    @Override
    public CompletableFuture<@Nullable V> putIfAbsent(K key, V value) {
        return compareAndExchange(key, null, Objects.requireNonNull(value, "value"));
    }

    @Override
    public CompletableFuture<@Nullable V> replace(K key, V value) {
        Objects.requireNonNull(value, "value");
        return this.<@Nullable V>change(key, entry -> entry.isPresent() ? entry.setValue(value) : null);
    }

    @Override
    public CompletableFuture<@Nullable V> remove(K key) {
        return this.<@Nullable V>change(key, entry -> entry.isPresent() ? entry.remove() : null);
    }

    @Override
    public CompletableFuture<@Nullable V> compareAndExchange(K key, @Nullable V expected, @Nullable V update) {
        if (expected == null && update == null) {
            return get(key);
        }
        return this.<@Nullable V>change(key, entry -> {
            V witness = entry.before();
            exchange(entry, expected, update);
            return witness;
        });
    }

    @Override
    public CompletableFuture<Boolean> compareAndSet(K key, @Nullable V expected, @Nullable V update) {
        if (expected == null && update == null) {
            Objects.requireNonNull(key, "key");
            return reading(() -> map.get(key) == null);
        }
        return change(key, entry -> exchange(entry, expected, update));
    }

    private boolean exchange(HeldEntry<K, V> entry, @Nullable V expected, @Nullable V update) {
        V witness = entry.before();
        boolean met = (witness != null && expected != null)
                ? map.isExpected(witness, expected)
                : (witness == null && expected == null);
        if (met) {
            set(entry, update);
        }
        return met;
    }

    private static <V> void set(HeldEntry<?, V> entry, @Nullable V value) {
        if (value != null) {
            entry.setValue(value);
        } else if (entry.isPresent()) {
            entry.remove();
        }
    }

    // ---- functions

    /** Runs a function under the hold of a taken key, and writes what its stage answers. */
    private void run(
            HeldEntry<K, V> entry,
            Owner owner,
            CompletableFuture<@Nullable V> result,
            Supplier<? extends CompletionStage<? extends @Nullable V>> function) {
        execute(result, () -> drop(entry), () -> {
            CompletionStage<? extends @Nullable V> stage;
            try {
                stage = Objects.requireNonNull(owner.call(function), "the stage that the function answered");
            } catch (Throwable failure) {
                fail(entry, result, failure);
                return;
            }
            Thread here = Thread.currentThread();
            boolean[] within = {true};
            try {
                var _ = stage.whenComplete((value, failure) -> {
                    if (failure != null) {
                        fail(entry, result, causeOf(failure));
                    } else {
                        set(entry, value);
                        close(entry, result, value, here.equals(Thread.currentThread()) && within[0]);
                    }
                });
            } catch (Throwable failure) {
                fail(entry, result, failure); // a stage of the user's own
            }
            within[0] = false;
        });
    }

    /** Takes a key and runs a function, or answers without it. */
    private CompletableFuture<@Nullable V> compute(
            K key,
            Function<
                            ? super HeldEntry<K, V>,
                            ? extends @Nullable Supplier<? extends CompletionStage<? extends @Nullable V>>>
                    functionFor) {
        Objects.requireNonNull(key, "key");
        CompletableFuture<@Nullable V> result = new CompletableFuture<>();
        compute(key, result, functionFor);
        return result;
    }

    private void compute(
            K key,
            CompletableFuture<@Nullable V> result,
            Function<
                            ? super HeldEntry<K, V>,
                            ? extends @Nullable Supplier<? extends CompletionStage<? extends @Nullable V>>>
                    functionFor) {
        Owner owner = operation();
        Taking.start(
                this,
                key,
                owner,
                result,
                entry -> {
                    Supplier<? extends CompletionStage<? extends @Nullable V>> function = functionFor.apply(entry);
                    if (function == null) {
                        close(entry, result, entry.value(), false);
                    } else {
                        run(entry, owner, result, function);
                    }
                },
                AsyncView::nothing);
    }

    @Override
    public CompletableFuture<@Nullable V> compute(
            K key,
            BiFunction<? super K, ? super @Nullable V, ? extends CompletionStage<? extends @Nullable V>> function) {
        Objects.requireNonNull(function, "function");
        return compute(key, entry -> () -> function.apply(key, entry.before()));
    }

    @Override
    public CompletableFuture<@Nullable V> computeIfPresent(
            K key, BiFunction<? super K, ? super V, ? extends CompletionStage<? extends @Nullable V>> function) {
        Objects.requireNonNull(function, "function");
        return compute(key, entry -> {
            V before = entry.before();
            return before == null ? null : () -> function.apply(key, before);
        });
    }

    @Override
    public CompletableFuture<@Nullable V> merge(
            K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(function, "function");
        return compute(key, entry -> {
            V before = entry.before();
            if (before == null) {
                entry.setValue(value);
                return null;
            }
            return () -> CompletableFuture.completedFuture(function.apply(before, value));
        });
    }

    @Override
    public CompletableFuture<@Nullable V> computeIfAbsent(
            K key, Function<? super K, ? extends CompletionStage<? extends @Nullable V>> function) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(function, "function");
        CompletableFuture<@Nullable V> result = new CompletableFuture<>();
        Object identity;
        try {
            V present = map.get(key);
            if (present != null) {
                result.complete(present);
                return result;
            }
            identity = map.identity(key);
        } catch (RuntimeException | Error failure) {
            result.completeExceptionally(failure);
            return result;
        }
        if (behalf() != null) {
            load(key, result, function); // it waits for the key itself, where a deadlock is seen
            return result;
        }
        CompletableFuture<@Nullable V> load = new CompletableFuture<>();
        CompletableFuture<@Nullable V> running = loads.putIfAbsent(identity, load);
        follow(running == null ? load : running, result);
        if (running == null) {
            CompletableFuture<@Nullable V> done = new CompletableFuture<>();
            var _ = done.whenComplete((value, failure) -> {
                loads.remove(identity, load);
                finish(load, value, failure);
            });
            load(key, done, function);
        }
        return result;
    }

    private void load(
            K key,
            CompletableFuture<@Nullable V> result,
            Function<? super K, ? extends CompletionStage<? extends @Nullable V>> function) {
        compute(key, result, entry -> entry.isPresent() ? null : () -> function.apply(key));
    }

    private static <V> void follow(CompletableFuture<@Nullable V> load, CompletableFuture<@Nullable V> result) {
        var _ = load.whenComplete((value, failure) -> finish(result, value, failure));
    }

    private static <V> void finish(
            CompletableFuture<@Nullable V> result, @Nullable V value, @Nullable Throwable failure) {
        if (failure != null) {
            result.completeExceptionally(causeOf(failure));
        } else {
            result.complete(value);
        }
    }

    // ---- several keys

    private static <K> List<K> copyOf(Collection<? extends K> keys) {
        List<K> all = new ArrayList<>(keys.size());
        for (K key : keys) {
            all.add(Objects.requireNonNull(key, "key"));
        }
        return all;
    }

    @Override
    public CompletableFuture<@Nullable Void> putAll(Map<? extends K, ? extends V> entries) {
        List<K> keys = new ArrayList<>(entries.size());
        List<V> values = new ArrayList<>(entries.size());
        entries.forEach((key, value) -> {
            keys.add(Objects.requireNonNull(key, "key"));
            values.add(Objects.requireNonNull(value, "value"));
        });
        CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
        Owner behalf = behalf();
        Batch<@Nullable Void> batch = new Batch<>(result, removed -> null);
        batch.start(() -> {
            for (int i = 0; i < keys.size() && !result.isDone(); i++) {
                V value = values.get(i);
                batch.change(keys.get(i), behalf, entry -> entry.setValue(value));
            }
        });
        return result;
    }

    @Override
    public CompletableFuture<Integer> removeAll(Collection<? extends K> keys) {
        List<K> all = copyOf(keys);
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Owner behalf = behalf();
        Batch<Integer> batch = new Batch<>(result, removed -> removed);
        batch.start(() -> {
            for (int i = 0; i < all.size() && !result.isDone(); i++) {
                batch.change(all.get(i), behalf, entry -> {
                    if (entry.isPresent()) {
                        entry.remove();
                        batch.removed.incrementAndGet();
                    }
                });
            }
        });
        return result;
    }

    /** Changes of several keys, each on its own, which become durable together. */
    private final class Batch<R extends @Nullable Object> {
        private final CompletableFuture<R> result;
        private final Function<Integer, ? extends R> answer;
        private final AtomicInteger pending = new AtomicInteger(1);
        final AtomicInteger removed = new AtomicInteger();

        Batch(CompletableFuture<R> result, Function<Integer, ? extends R> answer) {
            this.result = result;
            this.answer = answer;
        }

        /** Runs the changes, on the executor where they are slow. */
        void start(Runnable changes) {
            Runnable all = () -> {
                changes.run();
                done();
            };
            if (map.closesSlowly()) {
                execute(result, AsyncView::nothing, all);
            } else {
                all.run();
            }
        }

        void change(K key, @Nullable Owner behalf, Consumer<? super HeldEntry<K, V>> change) {
            pending.incrementAndGet();
            Taking.start(
                    AsyncView.this,
                    key,
                    Owner.fresh(null, behalf),
                    result,
                    entry -> {
                        try {
                            change.accept(entry);
                            entry.closeEarly();
                        } catch (RuntimeException | Error failure) {
                            result.completeExceptionally(failure);
                        }
                        done();
                    },
                    this::done);
        }

        private void done() {
            if (pending.decrementAndGet() > 0 || result.isDone()) {
                return;
            }
            if (map.closesSlowly()) {
                execute(result, AsyncView::nothing, this::complete);
            } else {
                complete();
            }
        }

        private void complete() {
            try {
                map.awaitDurable();
            } catch (RuntimeException | Error failure) {
                result.completeExceptionally(failure);
                return;
            }
            result.complete(answer.apply(removed.get()));
        }
    }

    // ---- keys held until somebody closes them

    @Override
    public CompletableFuture<LockedEntry<K, V>> lock(K key) {
        Objects.requireNonNull(key, "key");
        CompletableFuture<LockedEntry<K, V>> result = new CompletableFuture<>();
        Taking.start(
                this,
                key,
                holder(),
                result,
                entry -> {
                    if (!result.complete(entry)) {
                        entry.close();
                    }
                },
                AsyncView::nothing);
        return result;
    }

    @Override
    public CompletableFuture<@Nullable LockedEntry<K, V>> tryLock(K key) {
        Objects.requireNonNull(key, "key");
        return reading(() -> map.take(key, holder().id, null));
    }

    @Override
    public CompletableFuture<LockedEntries<K, V>> lockAll(Collection<? extends K> keys) {
        List<K> all = copyOf(keys);
        CompletableFuture<LockedEntries<K, V>> result = new CompletableFuture<>();
        try {
            new TakingAll(HeldKeys.distinct(all, map::identity, map::orderOf), result).run(null);
        } catch (RuntimeException | Error failure) {
            result.completeExceptionally(failure);
        }
        return result;
    }

    /** What {@link HeldKeys} does, without a thread that waits. */
    private final class TakingAll {
        private final Map<Object, HeldKeys.Key<K>> distinct;
        private final List<List<HeldKeys.Key<K>>> groups;
        private final Map<Object, HeldEntry<K, V>> held = new HashMap<>();
        private final CompletableFuture<LockedEntries<K, V>> result;
        private final Owner owner = holder();

        /** Which group comes next, and which of its keys it waits for while it holds none of the others. */
        private int at;

        private int first;

        TakingAll(Map<Object, HeldKeys.Key<K>> distinct, CompletableFuture<LockedEntries<K, V>> result) {
            this.distinct = distinct;
            this.groups = HeldKeys.inOrder(distinct.values());
            this.result = result;
        }

        /** Goes on, where it has waited with the entry that it has waited for, until it has all or must wait. */
        void run(@Nullable HeldEntry<K, V> awaited) {
            HeldEntry<K, V> next = awaited;
            try {
                while (at < groups.size()) {
                    List<HeldKeys.Key<K>> group = groups.get(at);
                    HeldKeys.Key<K> key = group.get(first);
                    if (next == null) {
                        next = map.take(key.key(), owner.id, null);
                    }
                    if (next == null) {
                        Taking.queue(AsyncView.this, key.key(), owner, result, this::run, this::giveBack);
                        return;
                    }
                    held.put(key.identity(), next);
                    next = null;
                    int missing = takeOthers(group);
                    if (missing < 0) {
                        at++;
                        first = 0;
                    } else {
                        for (HeldKeys.Key<K> same : group) {
                            HeldEntry<K, V> entry = held.remove(same.identity());
                            if (entry != null) {
                                entry.close();
                            }
                        }
                        first = missing;
                    }
                }
                LockedEntries<K, V> all = map.together(HeldKeys.asGiven(distinct, held));
                if (!result.complete(all)) {
                    all.close();
                }
            } catch (RuntimeException | Error failure) {
                giveBack();
                result.completeExceptionally(failure);
            }
        }

        /** Takes the other keys of a group if all are free; answers which is not, or -1. */
        private int takeOthers(List<HeldKeys.Key<K>> group) {
            for (int i = 0; i < group.size(); i++) {
                if (i != first) {
                    HeldEntry<K, V> entry = map.take(group.get(i).key(), owner.id, null);
                    if (entry == null) {
                        return i;
                    }
                    held.put(group.get(i).identity(), entry);
                }
            }
            return -1;
        }

        private void giveBack() {
            held.values().forEach(HeldEntry::close);
            held.clear();
        }
    }

    // ---- transactions

    @Override
    public <R extends @Nullable Object> CompletableFuture<@Nullable R> transact(
            Function<? super Transaction<K, V>, ? extends R> body) {
        Objects.requireNonNull(body, "body");
        CompletableFuture<@Nullable R> result = new CompletableFuture<>();
        Owner behalf = behalf();
        execute(result, AsyncView::nothing, () -> {
            if (result.isDone()) {
                return;
            }
            try {
                result.complete(
                        behalf == null ? map.transact(body) : behalf.<@Nullable R>call(() -> map.transact(body)));
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    @Override
    public String toString() {
        return "AsyncMap of " + map.mappingCount() + " entries" + (named == null ? "" : ", for " + named.name());
    }
}
