package io.sherd.disk;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: writers that come together share one flush.
 *
 * <p>Rounds are numbered. A round that starts after a record was appended covers it; one that is under way may have passed it
 * already. So a writer, after its append, reads the number of the round started last and waits for the next one to be done.
 * One thread runs the rounds, so no two can mix up what they covered. A writer that arrives while a round runs waits for at
 * most two.
 */
final class Committer {
    private final Log log;
    private final Path directory;
    private final AtomicReference<@Nullable Waiter> arrived = new AtomicReference<>();
    private volatile long started;
    private volatile long done;
    private volatile @Nullable Throwable failure;
    private volatile boolean idle;
    private volatile boolean closed;
    private final Thread flusher;

    Committer(Log log, Path directory) {
        this.log = log;
        this.directory = directory;
        this.flusher = new Thread(this::run, "sherd-flush " + directory.getFileName());
        flusher.setDaemon(true);
        flusher.start();
    }

    private static final class Waiter {
        final Thread thread = Thread.currentThread();
        final long round;

        @Nullable
        Waiter next;

        Waiter(long round) {
            this.round = round;
        }
    }

    /** Returns when everything that the caller appended is safe. */
    void await() {
        Waiter self = new Waiter(started + 1);
        do {
            self.next = arrived.get();
        } while (!arrived.compareAndSet(self.next, self));
        if (idle) {
            LockSupport.unpark(flusher);
        }
        boolean interrupted = false;
        while (done < self.round && failure == null && !closed) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            self.thread.interrupt();
        }
        if (done < self.round) {
            Throwable cause = failure;
            if (cause == null) {
                throw new MapClosedException(directory);
            }
            throw log.io.failure("flush", cause);
        }
    }

    private void run() {
        while (!closed && failure == null) {
            if (arrived.get() == null) {
                idle = true;
                if (arrived.get() == null && !closed) {
                    LockSupport.park(this);
                }
                idle = false;
                continue;
            }
            long round = started + 1;
            started = round;
            try {
                log.force();
            } catch (Throwable e) {
                failure = e;
            }
            if (failure == null && !closed) {
                done = round;
            }
            release();
        }
        // nobody is served any longer: whoever comes sees why, and those who came are woken
        release();
    }

    /** Wakes those whose round is done, and keeps the others. */
    private void release() {
        Waiter waiter = arrived.getAndSet(null);
        boolean ended = closed || failure != null;
        while (waiter != null) {
            Waiter next = waiter.next;
            if (waiter.round <= done || ended) {
                LockSupport.unpark(waiter.thread);
            } else {
                do {
                    waiter.next = arrived.get();
                } while (!arrived.compareAndSet(waiter.next, waiter));
            }
            waiter = next;
        }
    }

    /** Ends the thread, after the last append; {@code safe} says that all of them were forced. */
    void close(boolean safe) {
        if (safe) {
            done = Long.MAX_VALUE;
        }
        closed = true;
        LockSupport.unpark(flusher);
        boolean interrupted = false;
        while (true) {
            try {
                flusher.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (safe) {
            done = Long.MAX_VALUE; // again: a round may have ended in between
        }
        release();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
