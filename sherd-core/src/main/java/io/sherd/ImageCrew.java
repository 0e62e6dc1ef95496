package io.sherd;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Does one piece of work in several threads, of which the caller's is one. The first failure stops all and reaches the caller; no
 * thread outlives {@link #run}.
 */
final class ImageCrew {
    /** A share of the work; each thread runs it once. */
    interface Share {
        void run() throws IOException;
    }

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** Whether something failed, so that the others need not go on. */
    boolean isStopped() {
        return failure.get() != null;
    }

    void run(int threads, Share share) throws IOException {
        List<Thread> others = new ArrayList<>();
        try {
            for (int i = 1; i < threads; i++) {
                others.add(Thread.ofPlatform().daemon().name("sherd-image-" + i).start(() -> attempt(share)));
            }
            attempt(share);
        } catch (Throwable notStarted) {
            failure.compareAndSet(null, notStarted);
        } finally {
            awaitEnd(others);
        }
        switch (failure.get()) {
            case null -> {}
            case IOException failed -> throw failed;
            case RuntimeException failed -> throw failed;
            case Error failed -> throw failed;
            case Throwable impossible -> throw new IllegalStateException(impossible);
        }
    }

    private void attempt(Share share) {
        try {
            share.run();
        } catch (Throwable failed) {
            failure.compareAndSet(null, failed);
        }
    }

    private void awaitEnd(List<Thread> others) {
        boolean interrupted = false;
        for (Thread other : others) {
            for (; ; ) {
                try {
                    other.join();
                    break;
                } catch (InterruptedException stop) {
                    interrupted = true;
                    failure.compareAndSet(
                            null, new InterruptedIOException("interrupted while an image was written or read"));
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
