package io.sherd.benchmarks;

import com.google.common.util.concurrent.Striped;
import io.sherd.KeyLocks;
import io.sherd.LockedEntry;
import io.sherd.LockedKey;
import io.sherd.ShardedMap;
import io.sherd.Transaction;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** A way to change the value of one key while nobody else does. Each is as its makers advise for that. */
interface LockPeer {
    /** Every way, ours first. */
    List<String> NAMES = List.of(
            "Sherd",
            "Sherd-transact",
            "Sherd-puts",
            "Sherd-KeyLocks",
            "ConcurrentHashMap",
            "SynchronizedHolders",
            "Striped");

    static LockPeer of(String name) {
        return switch (name) {
            case "Sherd" -> new OfSherd();
            case "Sherd-transact" -> new OfTransactions();
            case "Sherd-puts" -> new OfPuts();
            case "Sherd-KeyLocks" -> new OfKeyLocks();
            case "ConcurrentHashMap" -> new OfConcurrentHashMap();
            case "SynchronizedHolders" -> new OfHolders();
            case "Striped" -> new OfStriped();
            default -> throw new NoSuchElementException("no lock is called " + name);
        };
    }

    /** Gives a key a first value. */
    void put(Object key, long value);

    /** Adds one under the key's lock. */
    void increment(Object key);

    /** Takes and gives back the lock of a key that has no value. */
    @Nullable
    Object touch(Object key);

    /** Adds one to two keys. */
    default void incrementBoth(Object one, Object other) {
        throw new UnsupportedOperationException("two keys at once");
    }

    /** Sherd: {@code lock}, read, set, {@code close}. */
    final class OfSherd implements LockPeer {
        private final ShardedMap<Object, Long> map = ShardedMap.onHeap().build();

        @Override
        public void put(Object key, long value) {
            map.put(key, value);
        }

        @Override
        public void increment(Object key) {
            try (LockedEntry<Object, Long> entry = map.lock(key)) {
                entry.setValue(Objects.requireNonNull(entry.value()) + 1);
            }
        }

        @Override
        public @Nullable Object touch(Object key) {
            try (LockedEntry<Object, Long> entry = map.lock(key)) {
                return entry.value();
            }
        }
    }

    /** Two keys in a transaction. */
    final class OfTransactions implements LockPeer {
        private final ShardedMap<Object, Long> map = ShardedMap.onHeap().build();

        @Override
        public void put(Object key, long value) {
            map.put(key, value);
        }

        @Override
        public void increment(Object key) {
            map.transact(tx -> add(tx, key));
        }

        @Override
        public @Nullable Object touch(Object key) {
            return map.transact(tx -> tx.containsKey(key));
        }

        @Override
        public void incrementBoth(Object one, Object other) {
            map.transact(tx -> {
                add(tx, one);
                return add(tx, other);
            });
        }

        private static boolean add(Transaction<Object, Long> tx, Object key) {
            return tx.put(key, Objects.requireNonNull(tx.get(key)) + 1) != null;
        }
    }

    /** No lock at all, as a bound: plain puts. */
    final class OfPuts implements LockPeer {
        private final ShardedMap<Object, Long> map = ShardedMap.onHeap().build();
        private long next;

        @Override
        public void put(Object key, long value) {
            map.put(key, value);
        }

        @Override
        public void increment(Object key) {
            map.put(key, next++);
        }

        @Override
        public @Nullable Object touch(Object key) {
            return map.get(key);
        }

        @Override
        public void incrementBoth(Object one, Object other) {
            map.put(one, next++);
            map.put(other, next++);
        }
    }

    /** {@link KeyLocks} beside a {@link ConcurrentHashMap}. */
    final class OfKeyLocks implements LockPeer {
        private final KeyLocks<Object> locks = new KeyLocks<>();
        private final ConcurrentHashMap<Object, Long> map = new ConcurrentHashMap<>();

        @Override
        public void put(Object key, long value) {
            map.put(key, value);
        }

        @Override
        public void increment(Object key) {
            try (LockedKey<Object> held = locks.lock(key)) {
                map.put(held.key(), Objects.requireNonNull(map.get(key)) + 1);
            }
        }

        @Override
        public @Nullable Object touch(Object key) {
            try (LockedKey<Object> held = locks.lock(key)) {
                return held.key();
            }
        }
    }

    /** {@code compute}, which holds the lock of a bin while the function runs. */
    final class OfConcurrentHashMap implements LockPeer {
        private final ConcurrentHashMap<Object, Long> map = new ConcurrentHashMap<>();

        @Override
        public void put(Object key, long value) {
            map.put(key, value);
        }

        @Override
        public void increment(Object key) {
            map.compute(key, (same, old) -> Objects.requireNonNull(old) + 1);
        }

        @Override
        public @Nullable Object touch(Object key) {
            return map.compute(key, (same, old) -> old);
        }
    }

    /** A mutable holder for each key, and {@code synchronized} on it; holders are never removed. */
    final class OfHolders implements LockPeer {
        private static final class Holder {
            long value;
        }

        private final ConcurrentHashMap<Object, Holder> map = new ConcurrentHashMap<>();

        @Override
        public void put(Object key, long value) {
            Holder holder = new Holder();
            holder.value = value;
            map.put(key, holder);
        }

        @Override
        public void increment(Object key) {
            Holder holder = Objects.requireNonNull(map.get(key));
            synchronized (holder) {
                holder.value++;
            }
        }

        @Override
        public @Nullable Object touch(Object key) {
            Holder holder = map.computeIfAbsent(key, absent -> new Holder());
            synchronized (holder) {
                return holder.value;
            }
        }
    }

    /** Guava's {@link Striped} with 1,024 locks, beside a {@link ConcurrentHashMap}. */
    final class OfStriped implements LockPeer {
        private final Striped<Lock> locks = Striped.lock(1024);
        private final ConcurrentHashMap<Object, Long> map = new ConcurrentHashMap<>();

        @Override
        public void put(Object key, long value) {
            map.put(key, value);
        }

        @Override
        public void increment(Object key) {
            Lock lock = locks.get(key);
            lock.lock();
            try {
                map.put(key, Objects.requireNonNull(map.get(key)) + 1);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public @Nullable Object touch(Object key) {
            Lock lock = locks.get(key);
            lock.lock();
            try {
                return key;
            } finally {
                lock.unlock();
            }
        }
    }
}
