package io.sherd.testkit.history;

import io.sherd.LockedEntries;
import io.sherd.ShardedMap;
import io.sherd.Transaction;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Faults of transactions that a history, or the sum of the accounts, must show. */
enum HistoryFault {
    /** Reads see what is there at the time, and writes are put key by key. */
    TORN("transactions that are not atomic") {
        @Override
        void write(ShardedMap<Integer, Long> map, Map<Integer, @Nullable Long> writes) {
            writes.forEach((key, value) -> {
                put(map, key, value);
                LockSupport.parkNanos(1_000);
            });
        }
    },
    /** The writes appear at one instant, but nobody looks again at what was read. */
    LOSING("transactions that lose updates") {
        @Override
        void write(ShardedMap<Integer, Long> map, Map<Integer, @Nullable Long> writes) {
            LockSupport.parkNanos(1_000);
            try (LockedEntries<Integer, Long> entries = map.lockAll(writes.keySet())) {
                writes.forEach((key, value) -> {
                    if (value == null) {
                        entries.get(key).remove();
                    } else {
                        entries.get(key).setValue(value);
                    }
                });
            }
        }
    },
    /** What an aborted transaction wrote is seen. */
    DIRTY("writes of aborted transactions that are seen") {
        @Override
        boolean writesAtOnce() {
            return true;
        }

        @Override
        void write(ShardedMap<Integer, Long> map, Map<Integer, @Nullable Long> writes) {}
    },
    /** A read may answer what was there before, as from a cache. */
    LATE("reads of what is over") {
        @Override
        Registers plant(ShardedMap<Integer, Long> map) {
            Map<Integer, Long> cache = new ConcurrentHashMap<>();
            return new Registers(map, true, () -> {}) {
                @Override
                @Nullable
                Long get(int key) {
                    Long now = super.get(key);
                    if (now == null) {
                        return null;
                    }
                    Long cached = cache.get(key);
                    if (cached != null && ThreadLocalRandom.current().nextInt(3) == 0) {
                        return cached;
                    }
                    cache.put(key, now);
                    return now;
                }
            };
        }

        @Override
        void write(ShardedMap<Integer, Long> map, Map<Integer, @Nullable Long> writes) {}
    };

    private final String description;

    HistoryFault(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }

    boolean writesAtOnce() {
        return false;
    }

    abstract void write(ShardedMap<Integer, Long> map, Map<Integer, @Nullable Long> writes);

    static void put(ShardedMap<Integer, Long> map, int key, @Nullable Long value) {
        if (value == null) {
            map.remove(key);
        } else {
            map.put(key, value);
        }
    }

    Registers plant(ShardedMap<Integer, Long> map) {
        return new Registers(map, true, () -> {}) {
            @Override
            <R extends @Nullable Object> @Nullable R transact(Function<Transaction<Integer, Long>, R> body) {
                Naive transaction = new Naive(map);
                R result;
                try {
                    result = body.apply(transaction);
                } catch (Naive.Aborted aborted) {
                    return null;
                }
                write(map, transaction.writes);
                return result;
            }
        };
    }

    /** Reads what is there, and notes what is written. */
    private final class Naive implements Transaction<Integer, Long> {
        /** Ends a body. */
        static final class Aborted extends RuntimeException {
            private static final long serialVersionUID = 1L;
        }

        private final ShardedMap<Integer, Long> map;
        final Map<Integer, @Nullable Long> writes = new LinkedHashMap<>();

        Naive(ShardedMap<Integer, Long> map) {
            this.map = map;
        }

        @Override
        public @Nullable Long get(Integer key) {
            return writes.containsKey(key) ? writes.get(key) : map.get(key);
        }

        @Override
        public Map<Integer, Long> getAll(Collection<? extends Integer> keys) {
            Map<Integer, Long> found = new LinkedHashMap<>();
            for (Integer key : keys) {
                Long value = get(key);
                if (value != null) {
                    found.put(key, value);
                }
            }
            return found;
        }

        private @Nullable Long write(Integer key, @Nullable Long value) {
            Long old = get(key);
            writes.put(key, value);
            if (writesAtOnce()) {
                HistoryFault.put(map, key, value);
            }
            return old;
        }

        @Override
        public @Nullable Long put(Integer key, Long value) {
            return write(key, value);
        }

        @Override
        public @Nullable Long remove(Integer key) {
            return write(key, null);
        }

        @Override
        public @Nullable Long compute(
                Integer key, BiFunction<? super Integer, ? super @Nullable Long, ? extends @Nullable Long> function) {
            Long value = function.apply(key, get(key));
            write(key, value);
            return value;
        }

        @Override
        public RuntimeException abort() {
            throw new Aborted();
        }
    }
}
