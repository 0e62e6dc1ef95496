package io.sherd.spi;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who waits for a {@link Hold}: a thread, which parks, or an owner without a thread, which is called back.
 *
 * <p>It may be woken without having got the hold. Then it looks again, and queues again with the same waiter.
 */
public final class Waiter {
    /** How often a waiter is overtaken before the hold is given to it. */
    static final int PATIENCE = 8;

    private static final long PATIENCE_NANOS = 1_000_000;

    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 64 : 0;

    private static final int WAITING = 0;
    private static final int WOKEN = 1;
    private static final int GRANTED = 2;

    final long owner;
    final Owner who;
    private final @Nullable Thread thread;
    private final @Nullable Runnable wake;

    private volatile int state;
    private @Nullable Hold hold;
    private int rounds;
    private long since;

    private Waiter(Owner who, @Nullable Thread thread, @Nullable Runnable wake) {
        this.owner = who.id;
        this.who = who;
        this.thread = thread;
        this.wake = wake;
    }

    /**
     * The calling thread as a waiter.
     *
     * @return a new waiter
     */
    public static Waiter thread() {
        return new Waiter(Owner.thread(), Thread.currentThread(), null);
    }

    /**
     * A waiter without a thread.
     *
     * @param owner who waits, a negative number
     * @param name how messages call it
     * @param wake what to run when it is woken; called under a lock, so it must only hand work to somebody else
     * @return a new waiter
     */
    public static Waiter callback(long owner, String name, Runnable wake) {
        return callback(Owner.of(owner, name), wake);
    }

    static Waiter callback(Owner owner, Runnable wake) {
        return new Waiter(owner, null, wake);
    }

    String name() {
        return who.name();
    }

    /** Whether it has been queued already, and so has its place in the order of arrival. */
    boolean wasQueued() {
        return rounds > 0;
    }

    /** What it waits for. */
    @Nullable
    Hold hold() {
        return hold;
    }

    /**
     * Whether the hold was given to this waiter, which owns it now.
     *
     * @return whether the last signal was a grant
     */
    public boolean isGranted() {
        return state == GRANTED;
    }

    /** Under the hold's lock, before it is queued; answers whether it was queued before. */
    boolean prepare(Hold awaited) {
        state = WAITING;
        hold = awaited;
        if (rounds++ == 0) {
            since = System.nanoTime();
            return false;
        }
        return true;
    }

    boolean isImpatient() {
        return rounds > PATIENCE || System.nanoTime() - since > PATIENCE_NANOS;
    }

    /** Under the hold's lock, once it is no longer queued. */
    void signal(boolean granted) {
        state = granted ? GRANTED : WOKEN;
        if (thread != null) {
            LockSupport.unpark(thread);
        } else if (wake != null) {
            wake.run();
        }
    }

    private boolean spin() {
        for (int spin = 0; spin < SPINS; spin++) {
            if (state != WAITING) {
                return true;
            }
            Thread.onSpinWait();
        }
        return state != WAITING;
    }

    /**
     * Waits until signalled, as long as it takes. An interrupt does not end the wait; it is there again afterwards.
     *
     * @throws io.sherd.KeyDeadlockException if the wait would never end; the waiter is queued still
     */
    public void await() {
        if (spin()) {
            return;
        }
        WaitGraph.enter(this);
        boolean interrupted = false;
        try {
            while (state == WAITING) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        } finally {
            WaitGraph.leave(this);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits until signalled or a time is over. Such a wait ends by itself, so it is no part of a deadlock.
     *
     * @param deadline the end, by {@link System#nanoTime}
     * @return whether it was signalled
     * @throws InterruptedException if the thread is interrupted; the waiter is queued still unless it was signalled
     */
    public boolean awaitUntil(long deadline) throws InterruptedException {
        if (spin()) {
            return true;
        }
        while (state == WAITING) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting for a key");
            }
        }
        return true;
    }
}
