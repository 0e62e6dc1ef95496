package io.sherd.disk;

import io.sherd.spi.HoldTable;
import io.sherd.spi.Waiter;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes and gives back the right to change one key. All methods are called with the shard's lock taken, and those that wait give
 * it back meanwhile.
 */
final class Holds {
    private final MapFiles files;
    private final Function<RecordHold, Object> keyOf;

    Holds(MapFiles files, Function<RecordHold, Object> keyOf) {
        this.files = files;
        this.keyOf = keyOf;
    }

    /** Waits until nobody holds a key, or it was given to the calling thread. */
    void awaitFree(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        if (shard.holds == null) {
            return;
        }
        Waiter waiter = null;
        for (RecordHold hold; (hold = find(shard, hash, keyWord, key)) != null; ) {
            if (isFree(hold, Thread.currentThread().threadId(), waiter)) {
                if (waiter != null) {
                    release(shard, hold); // the write follows under the same lock
                }
                return;
            }
            waiter = await(shard, hold, waiter);
        }
    }

    /** Whether somebody holds a key; throws if that is the calling thread. */
    boolean isHeld(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        RecordHold hold = find(shard, hash, keyWord, key);
        return hold != null && !isFree(hold, Thread.currentThread().threadId(), null);
    }

    /** Becomes the owner of a key, and waits for that as long as it takes. */
    RecordHold take(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        Waiter waiter = null;
        for (; ; ) {
            RecordHold hold = tryTake(shard, hash, keyWord, key, waiter);
            if (hold != null) {
                return hold;
            }
            waiter = await(shard, Objects.requireNonNull(find(shard, hash, keyWord, key)), waiter);
        }
    }

    /** Becomes the owner of a key, and waits for that until a time, by {@link System#nanoTime}; null when it is over. */
    @Nullable
    RecordHold take(Shard shard, long hash, long keyWord, byte @Nullable [] key, long deadline)
            throws InterruptedException {
        Waiter waiter = Waiter.thread();
        for (; ; ) {
            RecordHold hold = tryTake(shard, hash, keyWord, key, waiter);
            if (hold != null) {
                return hold;
            }
            hold = Objects.requireNonNull(find(shard, hash, keyWord, key));
            hold.enqueue(waiter);
            shard.lock.unlock();
            boolean signalled = false;
            try {
                signalled = waiter.awaitUntil(deadline);
            } finally {
                shard.lock.lock();
                if (!signalled) {
                    abandon(shard, hold, waiter);
                }
            }
            if (!signalled) {
                return null;
            }
            checkWritable(shard, hold, waiter);
        }
    }

    /** Becomes the owner of a key unless somebody else is; {@code waiter} is for one who was woken. */
    @Nullable
    RecordHold tryTake(Shard shard, long hash, long keyWord, byte @Nullable [] key, @Nullable Waiter waiter) {
        return tryTake(shard, hash, keyWord, key, Thread.currentThread().threadId(), waiter);
    }

    private @Nullable RecordHold tryTake(
            Shard shard, long hash, long keyWord, byte @Nullable [] key, long owner, @Nullable Waiter waiter) {
        RecordHold hold = shard.holds == null ? null : find(shard, hash, keyWord, key);
        if (hold == null) {
            hold = new RecordHold(hash, keyWord, key, owner, keyOf);
            if (shard.holds == null) {
                shard.holds = new HoldTable();
            }
            shard.holds.add(hold);
            return hold;
        }
        if (!isFree(hold, owner, waiter)) {
            return null;
        }
        hold.take(owner);
        return hold;
    }

    /** Makes an owner without a thread the owner of a key, or queues its waiter if there is one. */
    @Nullable
    RecordHold takeOrQueue(
            Shard shard, long hash, long keyWord, byte @Nullable [] key, long owner, @Nullable Waiter waiter) {
        RecordHold hold = tryTake(shard, hash, keyWord, key, owner, waiter);
        if (hold == null && waiter != null) {
            Objects.requireNonNull(find(shard, hash, keyWord, key)).enqueue(waiter);
        }
        return hold;
    }

    /** Forgets a waiter that waits no longer. */
    void abandon(Shard shard, long hash, long keyWord, byte @Nullable [] key, Waiter waiter) {
        RecordHold hold = find(shard, hash, keyWord, key);
        if (hold != null) {
            abandon(shard, hold, waiter);
        }
    }

    /** Gives a key back. */
    void release(Shard shard, RecordHold hold) {
        if (hold.passOn()) {
            drop(shard, hold);
        }
    }

    /** Whether a hold does not stand in somebody's way; it does, for ever, if that one owns it. */
    private boolean isFree(RecordHold hold, long owner, @Nullable Waiter waiter) {
        if (hold.isFreeFor(owner, waiter)) {
            return true;
        }
        if (hold.owner() != owner) {
            return false;
        }
        throw new IllegalStateException("The calling thread already holds key " + keyOf.apply(hold)
                + ": until the function that holds it has returned, or its LockedEntry is closed, the key is written"
                + " through these only");
    }

    private Waiter await(Shard shard, RecordHold hold, @Nullable Waiter again) {
        Waiter waiter = again == null ? Waiter.thread() : again;
        hold.enqueue(waiter);
        shard.lock.unlock();
        boolean locked = false;
        boolean woken = false;
        try {
            waiter.await();
            shard.lock.lock();
            locked = true;
            files.checkWritable();
            woken = true;
            return waiter;
        } finally {
            if (!woken) {
                if (!locked) {
                    shard.lock.lock();
                }
                abandon(shard, hold, waiter);
            }
        }
    }

    /** If the map was closed meanwhile, says so to one who was woken for a key, and passes the key on to the next. */
    private void checkWritable(Shard shard, RecordHold awaited, Waiter waiter) {
        try {
            files.checkWritable();
        } catch (RuntimeException closed) {
            RecordHold hold = find(shard, awaited.keyHash, awaited.keyWord, awaited.key);
            if (hold != null) {
                abandon(shard, hold, waiter);
            }
            throw closed;
        }
    }

    private static void abandon(Shard shard, RecordHold hold, Waiter waiter) {
        if (hold.abandon(waiter)) {
            drop(shard, hold);
        }
    }

    private static @Nullable RecordHold find(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        HoldTable holds = shard.holds;
        if (holds != null) {
            for (HoldTable.Link link = holds.chain(Long.hashCode(hash)); link != null; link = link.next()) {
                if (link.hold() instanceof RecordHold ofKey && ofKey.isFor(hash, keyWord, key)) {
                    return ofKey;
                }
            }
        }
        return null;
    }

    private static void drop(Shard shard, RecordHold hold) {
        HoldTable holds = Objects.requireNonNull(shard.holds);
        holds.remove(hold);
        if (holds.isEmpty()) {
            shard.holds = null;
        }
    }
}
