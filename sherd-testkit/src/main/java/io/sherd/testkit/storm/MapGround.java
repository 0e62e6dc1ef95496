package io.sherd.testkit.storm;

import io.sherd.AsyncMap;
import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The keys of a map, whose values are the counts. Some are present from the beginning, some come. */
public final class MapGround implements Ground {
    private final String name;
    private final ShardedMap<Integer, Long> map;
    private final Runnable close;
    private final boolean transacts;

    /**
     * Takes a map.
     *
     * @param name how reports call it
     * @param map an empty map
     * @param close closes the map
     */
    public MapGround(String name, ShardedMap<Integer, Long> map, Runnable close) {
        this.name = name;
        this.map = map;
        this.close = close;
        this.transacts = hasTransactions(map);
    }

    private static boolean hasTransactions(ShardedMap<Integer, Long> map) {
        try {
            map.transact(tx -> tx.containsKey(0));
            return true;
        } catch (UnsupportedOperationException none) {
            return false;
        }
    }

    private static void add(LockedEntry<Integer, Long> entry) {
        Long count = entry.value();
        entry.setValue(count == null ? 1 : count + 1);
    }

    private static Held held(LockedEntry<Integer, Long> entry) {
        return new Held() {
            @Override
            public void add() {
                MapGround.add(entry);
            }

            @Override
            public void close() {
                entry.close();
            }
        };
    }

    private static Held held(LockedEntries<Integer, Long> entries) {
        return new Held() {
            @Override
            public void add() {
                entries.forEach(MapGround::add);
            }

            @Override
            public void close() {
                entries.close();
            }
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Held lock(int key) {
        return held(map.lock(key));
    }

    @Override
    public @Nullable Held tryLock(int key) {
        LockedEntry<Integer, Long> entry = map.tryLock(key);
        return entry == null ? null : held(entry);
    }

    @Override
    public @Nullable Held tryLock(int key, Duration wait) throws InterruptedException {
        LockedEntry<Integer, Long> entry = map.tryLock(key, wait);
        return entry == null ? null : held(entry);
    }

    @Override
    public Held lockAll(List<Integer> keys) {
        return held(map.lockAll(keys));
    }

    @Override
    public boolean hasValues() {
        return true;
    }

    @Override
    public void compute(int key, Runnable inside) {
        map.compute(key, (same, count) -> {
            inside.run();
            return count == null ? 1 : count + 1;
        });
    }

    @Override
    public void add(int key) {
        map.merge(key, 1L, Long::sum);
    }

    @Override
    public boolean transacts() {
        return transacts;
    }

    @Override
    public void transact(List<Integer> keys) {
        map.transact(tx -> {
            keys.forEach(key -> tx.compute(key, (same, count) -> count == null ? 1 : count + 1));
            return true;
        });
    }

    @Override
    public long count(int key) {
        return map.getOrDefault(key, 0L);
    }

    @Override
    public void close() {
        close.run();
    }

    @Override
    public Async async(String owner) {
        AsyncMap<Integer, Long> async = map.async().asOwner(owner);
        return new Async() {
            @Override
            public CompletableFuture<Held> lock(int key) {
                return async.lock(key).thenApply(MapGround::held);
            }

            @Override
            public CompletableFuture<Held> lockAll(List<Integer> keys) {
                return async.lockAll(keys).thenApply(MapGround::held);
            }

            @Override
            public CompletableFuture<?> compute(int key, Supplier<CompletionStage<?>> inside) {
                return async.compute(
                        key, (same, count) -> inside.get().thenApply(done -> count == null ? 1 : count + 1));
            }

            @Override
            public CompletableFuture<?> add(int key) {
                return async.merge(key, 1L, Long::sum);
            }
        };
    }
}
