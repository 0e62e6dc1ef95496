package io.sherd.spi;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who owns holds or waits for them, and on whose behalf.
 *
 * <p>Threads own under their id. An asynchronous operation owns under a negative number of its own. If it was started by a
 * function that runs under a hold, or for a named owner, then that one is its parent: whoever waits for a key of the parent waits for
 * the operation, too.
 */
final class Owner {
    private static final ScopedValue<Owner> RUNNING = ScopedValue.newInstance();
    private static final AtomicLong LAST = new AtomicLong();

    final long id;
    final @Nullable Owner parent;
    private final @Nullable String name;

    private Owner(long id, @Nullable String name, @Nullable Owner parent) {
        this.id = id;
        this.name = name;
        this.parent = parent;
    }

    /** An owner without a thread that is used by others before. */
    static Owner of(long id, String name) {
        return new Owner(id, name, null);
    }

    /** The calling thread, on behalf of the function that it runs. */
    static Owner thread() {
        Thread thread = Thread.currentThread();
        String name = thread.getName();
        return new Owner(
                thread.threadId(),
                "thread " + (name.isEmpty() ? "" : name + " ") + "#" + thread.threadId()
                        + (thread.isVirtual() ? " (virtual)" : ""),
                running());
    }

    /** A new owner without a thread. */
    static Owner fresh(@Nullable String name, @Nullable Owner parent) {
        return new Owner(LAST.decrementAndGet(), name, parent);
    }

    /** On whose behalf the calling thread runs a function, or null. */
    static @Nullable Owner running() {
        return RUNNING.isBound() ? RUNNING.get() : null;
    }

    /** Runs a function on behalf of this owner. */
    <R extends @Nullable Object> R call(Supplier<? extends R> function) {
        return ScopedValue.where(RUNNING, this).call(function::get);
    }

    String name() {
        return name != null ? name : "async operation #" + -id;
    }

    /** Whether this is the owner with an id, or acts for it. */
    boolean actsFor(long other) {
        for (Owner owner = this; owner != null; owner = owner.parent) {
            if (owner.id == other) {
                return true;
            }
        }
        return false;
    }
}
