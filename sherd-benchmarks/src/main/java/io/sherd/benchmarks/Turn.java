package io.sherd.benchmarks;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Lets virtual threads have their turns.
 *
 * <p>At the end of an iteration JMH waits until each thread has seen it, and those that have go on with the operation meanwhile. Virtual
 * threads give a processor away only where they wait; where none ever does, those without a processor would be waited for for ever.
 */
@State(Scope.Thread)
public class Turn {
    private static final int OPERATIONS = 1 << 10;

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
    @SuppressWarnings("ThreadPriorityCheck") // without it those without a processor get none
    final void next() {
        if (virtual && ++operations % OPERATIONS == 0) {
            Thread.yield();
        }
    }
}
