package io.sherd.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock for short sections: one compare-and-set to take, one exchange to give back, no queue node unless somebody waits.
 *
 * <p>Not reentrant. A thread that finds it taken spins a little and then parks, so that a virtual thread gives its carrier
 * free. Interrupts do not end the wait; the flag is restored.
 *
 * <p>The state is {@code FREE}, {@code TAKEN}, or {@code CONTENDED}: taken, and the queue may hold waiters. A waiter enters
 * the queue first and then exchanges the state for {@code CONTENDED}; if the lock was free it has it now, else it parks. So
 * whoever gives the lock back after that exchange finds {@code CONTENDED} and wakes the head. A thread that got the lock in
 * this way leaves the state at {@code CONTENDED}, and so passes the duty to wake others on to its own {@code unlock}: the
 * queue may be empty by then, which costs one futile look.
 */
final class Mutex {
    private static final int FREE = 0;
    private static final int TAKEN = 1;
    private static final int CONTENDED = 2;
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 128 : 0;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Mutex.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int state;
    private final ConcurrentLinkedQueue<Thread> waiters = new ConcurrentLinkedQueue<>();

    void lock() {
        if (!STATE.compareAndSet(this, FREE, TAKEN)) {
            lockContended();
        }
    }

    void unlock() {
        if ((int) STATE.getAndSet(this, FREE) == CONTENDED) {
            Thread next = waiters.poll();
            if (next != null) {
                LockSupport.unpark(next);
            }
        }
    }

    private void lockContended() {
        for (int i = 0; i < SPINS; i++) {
            if (state == FREE && STATE.compareAndSet(this, FREE, TAKEN)) {
                return;
            }
            Thread.onSpinWait();
        }
        Thread self = Thread.currentThread();
        boolean interrupted = false;
        while (true) {
            waiters.add(self);
            if ((int) STATE.getAndSet(this, CONTENDED) == FREE) {
                waiters.remove(self);
                break;
            }
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
            // A wake-up may have been meant for somebody else or for nobody: enter the queue once only.
            waiters.remove(self);
        }
        if (interrupted) {
            self.interrupt();
        }
    }
}
