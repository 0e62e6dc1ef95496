package io.sherd;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lock for every key, without a map: what {@link ShardedMap#lock} gives, for things that are kept elsewhere.
 *
 * <p>Safe for use by any number of threads, platform or virtual. There is nothing to create or to clean up: a key that nobody
 * holds takes no memory. Keys are compared by {@code equals} and must not change while they are locked.
 *
 * {@snippet :
 * KeyLocks<Path> files = new KeyLocks<>();
 * try (LockedKey<Path> held = files.lock(path)) {
 *     rewrite(path); // nobody else does, and other paths go on
 * }
 * }
 *
 * <p>A thread that locks a key which it holds gets an {@link IllegalStateException}, and one whose wait would never end a
 * {@link KeyDeadlockException}, also where keys of maps are part of the circle.
 *
 * @param <K> the type of keys
 */
public final class KeyLocks<K> {
    private static final int SHARDS_PER_PROCESSOR = 32;

    private final HeapMap<K, Object> keys;

    /** Creates locks of which none is held. */
    public KeyLocks() {
        int processors = Math.min(Runtime.getRuntime().availableProcessors(), 256);
        int shards = Integer.highestOneBit(processors * SHARDS_PER_PROCESSOR);
        this.keys = new HeapMap<>(shards, shards, shards, 0, true, SnapshotMode.COW, 0);
    }

    /**
     * Somebody who holds a key.
     *
     * @param key the key
     * @param threadId the {@link Thread#threadId id} of the thread that took it; negative if no thread did
     * @param waiting how many wait for it
     * @param <K> the type of keys
     */
    public record Holder<K>(K key, long threadId, int waiting) {}

    /**
     * Locks a key, and waits as long as somebody else holds it. An interrupt does not end the wait and is kept.
     *
     * <p>Locking behaviour: waiters are served in the order of arrival, but that one who is running may pass one who sleeps, at
     * most some times. What the last holder did happens-before this returns.
     *
     * @param key the key
     * @return the key, held until that is closed
     * @throws NullPointerException if {@code key} is null
     * @throws IllegalStateException if the calling thread holds the key already
     * @throws KeyDeadlockException if the wait would never end
     */
    public LockedKey<K> lock(K key) {
        return held(keys.lock(key));
    }

    /**
     * Locks a key if nobody else holds it. Never waits for another holder.
     *
     * @param key the key
     * @return the key, held, or null if somebody else holds it
     * @throws NullPointerException if {@code key} is null
     * @throws IllegalStateException if the calling thread holds the key already
     */
    public @Nullable LockedKey<K> tryLock(K key) {
        LockedEntry<K, Object> entry = keys.tryLock(key);
        return entry == null ? null : held(entry);
    }

    /**
     * Locks a key, and waits for that at most some time.
     *
     * @param key the key
     * @param wait how long to wait; zero or less asks once
     * @return the key, held, or null if somebody else held it all the time
     * @throws InterruptedException if the thread is interrupted before or while it waits; the key is not held
     * @throws NullPointerException if an argument is null
     * @throws IllegalStateException if the calling thread holds the key already
     */
    public @Nullable LockedKey<K> tryLock(K key, Duration wait) throws InterruptedException {
        LockedEntry<K, Object> entry = keys.tryLock(key, wait);
        return entry == null ? null : held(entry);
    }

    /**
     * Locks several keys, in one order that is the same for all callers, so that calls of this alone never wait for one another
     * in a circle.
     *
     * @param all the keys, in any order; duplicates count once
     * @return the keys, held until that is closed
     * @throws NullPointerException if {@code all} is null or holds a null; nothing is held
     * @throws IllegalStateException if the calling thread holds one of the keys already; of the others none is held
     * @throws KeyDeadlockException if a wait would never end; nothing more is held
     */
    public LockedKeys lockAll(Collection<? extends K> all) {
        return keys.lockAll(all)::close;
    }

    /**
     * Whether somebody holds a key now. For diagnosis: the answer may be old when it arrives.
     *
     * @param key the key
     * @return whether it is held
     * @throws NullPointerException if {@code key} is null
     */
    public boolean isLocked(K key) {
        return keys.isHeld(key);
    }

    /**
     * Who holds which key. For diagnosis: costs O(shards + holders), and stops each shard for a moment.
     *
     * @return a new unmodifiable list, in no particular order; holders that come or go meanwhile may be in it or not
     */
    public List<Holder<K>> holders() {
        return keys.holders();
    }

    private static <K> LockedKey<K> held(LockedEntry<K, Object> entry) {
        return new LockedKey<>() {
            @Override
            public K key() {
                return entry.key();
            }

            @Override
            public void close() {
                entry.close();
            }

            @Override
            public String toString() {
                return "LockedKey[" + entry.key() + "]";
            }
        };
    }

    @Override
    public String toString() {
        return "KeyLocks[" + holders().size() + " held]";
    }
}
