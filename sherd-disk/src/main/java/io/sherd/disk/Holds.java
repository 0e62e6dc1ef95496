package io.sherd.disk;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes and gives back the right to change one key. All methods are called with the shard's lock taken. */
final class Holds {
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 256 : 0;

    private final MapFiles files;
    private final Function<Hold, String> keyText;

    Holds(MapFiles files, Function<Hold, String> keyText) {
        this.files = files;
        this.keyText = keyText;
    }

    /** Waits until nobody holds a key. The lock is given back meanwhile. */
    void awaitFree(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        if (shard.holds != null) {
            Hold hold = await(shard, hash, keyWord, key);
            if (hold != null) {
                passOn(shard, hold);
            }
        }
    }

    /** Becomes the owner of a key, and waits for that as long as it takes. The lock is given back meanwhile. */
    Hold take(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        Hold hold = shard.holds == null ? null : await(shard, hash, keyWord, key);
        if (hold == null) {
            hold = new Hold(hash, keyWord, key);
            hold.next = shard.holds;
            shard.holds = hold;
        }
        hold.owner = Thread.currentThread();
        return hold;
    }

    /** Gives a key back. */
    void release(Shard shard, Hold hold) {
        hold.owner = null;
        passOn(shard, hold);
    }

    /** Waits until a key has no owner; answers its hold if it has one nevertheless, which the caller owns or passes on. */
    private @Nullable Hold await(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        Thread self = Thread.currentThread();
        Hold queued = null;
        boolean spun = false;
        boolean interrupted = false;
        try {
            while (true) {
                Hold hold = find(shard, hash, keyWord, key);
                Thread owner = hold == null ? null : hold.owner;
                if (hold == null || owner == null) {
                    if (queued != null) {
                        queued.waiters.remove(self);
                        queued = null;
                    }
                    return hold;
                }
                if (owner.equals(self)) {
                    throw new IllegalStateException(
                            "key " + keyText.apply(hold) + " is held by this thread, which is in a"
                                    + " function that computes its value; return the value from that function instead of writing"
                                    + " the key within it");
                }
                if (spun && queued == null) {
                    hold.waiters.add(self);
                    queued = hold;
                }
                shard.lock.unlock();
                if (queued == null) {
                    for (int i = 0; i < SPINS && owner.equals(hold.owner); i++) {
                        Thread.onSpinWait();
                    }
                    spun = true;
                } else {
                    LockSupport.park(hold);
                    interrupted |= Thread.interrupted();
                }
                shard.lock.lock();
                files.checkWritable();
            }
        } finally {
            if (queued != null) {
                queued.waiters.remove(self);
                if (queued.owner == null) {
                    passOn(shard, queued);
                }
            }
            if (interrupted) {
                self.interrupt();
            }
        }
    }

    /** Nobody owns the key now: wakes the first that waits for it, or forgets the hold. */
    private static void passOn(Shard shard, Hold hold) {
        Thread first = hold.waiters.peek();
        if (first != null) {
            LockSupport.unpark(first);
        } else {
            unlink(shard, hold);
        }
    }

    private static @Nullable Hold find(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        Hold hold = shard.holds;
        while (hold != null && !hold.isFor(hash, keyWord, key)) {
            hold = hold.next;
        }
        return hold;
    }

    private static void unlink(Shard shard, Hold gone) {
        Hold before = null;
        for (Hold hold = shard.holds; hold != null; before = hold, hold = hold.next) {
            if (hold == gone) {
                if (before == null) {
                    shard.holds = hold.next;
                } else {
                    before.next = hold.next;
                }
                return;
            }
        }
    }
}
