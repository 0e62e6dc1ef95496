package io.sherd.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock for short sections: one compare-and-set to take, one store to give back, no queue node unless somebody waits.
 *
 * <p>Not reentrant. A thread that finds it taken spins a little, then queues and parks, so that a virtual thread gives its
 * carrier free. Interrupts do not end the wait; the flag is restored.
 *
 * <p>{@link #unlock} is a volatile store. Its fence lets nobody who wrote one key read another before the write is seen; with a
 * release alone, two threads that each put one key and then get the other's could both miss. A lock that is taken within the
 * section of another needs no fence of its own: {@link #unlockInner}. Without the fence the look at the number of waiters
 * may miss one that comes at the same moment, so a waiter never parks for longer than a nap before it looks again.
 */
final class Mutex {
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 128 : 0;
    private static final long NAP_NANOS = 100_000;

    private static final VarHandle TAKEN;
    private static final VarHandle WAITING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TAKEN = lookup.findVarHandle(Mutex.class, "taken", boolean.class);
            WAITING = lookup.findVarHandle(Mutex.class, "waiting", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean taken;
    private volatile int waiting;
    private final ConcurrentLinkedQueue<Thread> queue = new ConcurrentLinkedQueue<>();

    void lock() {
        if (!TAKEN.compareAndSet(this, false, true)) {
            lockContended();
        }
    }

    void unlock() {
        taken = false;
        if (waiting != 0) {
            wakeFirst();
        }
    }

    /** Gives the lock back within the section of another lock. */
    void unlockInner() {
        TAKEN.setRelease(this, false);
        if (waiting != 0) {
            wakeFirst();
        }
    }

    private void wakeFirst() {
        Thread first = queue.peek();
        if (first != null) {
            LockSupport.unpark(first);
        }
    }

    private boolean tryLock() {
        return !taken && TAKEN.compareAndSet(this, false, true);
    }

    private void lockContended() {
        for (int i = 0; i < SPINS; i++) {
            if (tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        Thread self = Thread.currentThread();
        boolean interrupted = false;
        queue.add(self);
        WAITING.getAndAdd(this, 1);
        while (!tryLock()) {
            LockSupport.parkNanos(this, NAP_NANOS);
            interrupted |= Thread.interrupted();
        }
        queue.remove(self);
        WAITING.getAndAdd(this, -1);
        if (interrupted) {
            self.interrupt();
        }
    }
}
