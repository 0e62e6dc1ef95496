package io.sherd;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive right to change one key, as it stands in the key's place while somebody has the right or waits for it.
 *
 * <p>All fields but the waiters' own are guarded by the lock of the segment that has the key at the time; a hold moves
 * with its slot when the segment is replaced. A hold without an owner is there for its waiters only: anybody may take it,
 * or write the key without taking it, and then calls {@link #passOn}.
 *
 * <p>Waiters are woken in the order of arrival, but a thread that comes by while nobody owns the hold may go first. A waiter
 * that was overtaken so goes back to the head of the queue, not its end.
 */
final class Hold {
    /** The owner of a hold that nobody owns; no thread has this id. */
    static final long NOBODY = 0;

    private static final int SPINS = 64;

    final Object key;
    long owner;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(2);

    Hold(Object key, long owner) {
        this.key = key;
        this.owner = owner;
    }

    /** Whether the calling thread owns the hold. */
    boolean isMine() {
        return owner == Thread.currentThread().threadId();
    }

    /** Queues the calling thread; {@code again} is its waiter from an earlier round, or null in the first. */
    Waiter enqueue(@Nullable Waiter again) {
        if (again == null) {
            Waiter waiter = new Waiter();
            waiters.addLast(waiter);
            return waiter;
        }
        again.signalled = false;
        waiters.addFirst(again);
        return again;
    }

    /** Leaves the hold to whoever comes next; answers whether nobody waits, so that the hold can go. */
    boolean passOn() {
        owner = NOBODY;
        Waiter next = waiters.pollFirst();
        if (next == null) {
            return true;
        }
        next.signalled = true;
        LockSupport.unpark(next.thread);
        return false;
    }

    /** A thread that waits for a hold. */
    static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private volatile boolean signalled;

        /** Returns when signalled. An interrupt does not end the wait; it is there again afterwards. */
        void await() {
            for (int spin = 0; spin < SPINS; spin++) {
                if (signalled) {
                    return;
                }
                Thread.onSpinWait();
            }
            boolean interrupted = false;
            while (!signalled) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                thread.interrupt();
            }
        }
    }
}
