package io.sherd.benchmarks;

import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Lets virtual threads have their turns.
 *
 * <p>At the end of an iteration JMH waits until each thread has seen it, and those that have go on with the operation meanwhile. Virtual
 * threads give a processor away only where they wait; where none ever does, those without a processor would be waited for for ever.
 *
 * <p>They park for it. A yield does not do: a thread that yields comes back to the queue of its carrier, and a carrier looks for threads
 * that came from elsewhere only when that queue is empty. As long as each carrier has two that yield to each other, a thread that was
 * woken by a timer, by the main thread or from a monitor never gets a processor. Seen in JDK 25: the owner of a monitor waited like that
 * for minutes.
 */
@State(Scope.Thread)
public class Turn {
    private static final int OPERATIONS = 1 << 12; // a wait and its timer are some microseconds

    private boolean virtual;
    private int operations;

    /** For JMH. */
    public Turn() {}

    /** Looks which kind of thread this is. */
    @Setup
    public void start() {
        virtual = Thread.currentThread().isVirtual();
    }

    /** Called with each operation. */
    final void next() {
        if (virtual && ++operations % OPERATIONS == 0) {
            LockSupport.parkNanos(1);
        }
    }
}
