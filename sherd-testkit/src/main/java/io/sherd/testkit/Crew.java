package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The threads that a test starts. Whatever one of them throws fails the test, and none of them outlives it unnoticed. */
final class Crew implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    private final ThreadFactory threads;
    private final List<Job<?>> jobs = new ArrayList<>();

    private Crew(ThreadFactory threads) {
        this.threads = threads;
    }

    static Crew ofPlatformThreads() {
        return new Crew(Thread.ofPlatform().daemon().name("crew-", 0).factory());
    }

    static Crew ofVirtualThreads() {
        return new Crew(Thread.ofVirtual().name("crew-", 0).factory());
    }

    /** Starts one thread. */
    <T extends @Nullable Object> Job<T> start(Callable<T> body) {
        Job<T> job = new Job<>(body, threads);
        jobs.add(job);
        job.thread.start();
        return job;
    }

    /** Starts {@code count} threads which begin together, and returns when all are done. */
    void together(int count, Body body) throws InterruptedException {
        CyclicBarrier start = new CyclicBarrier(count);
        List<Job<@Nullable Void>> started = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = i;
            started.add(start(() -> {
                start.await();
                body.run(index);
                return null;
            }));
        }
        for (Job<?> job : started) {
            job.result();
        }
    }

    /** Waits for every thread. */
    @Override
    public void close() {
        AssertionError first = null;
        for (Job<?> job : jobs) {
            try {
                job.result();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + job.thread, e);
            } catch (AssertionError failure) {
                job.thread.interrupt();
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** What one thread of several does. */
    @FunctionalInterface
    interface Body {
        void run(int index) throws Exception;
    }

    /** One thread and what it returns. */
    static final class Job<T extends @Nullable Object> {
        final Thread thread;
        private final FutureTask<T> task;

        private Job(Callable<T> body, ThreadFactory threads) {
            task = new FutureTask<>(body);
            thread = threads.newThread(task);
        }

        boolean isDone() {
            return task.isDone();
        }

        /** What the thread returned, once it has. */
        T result() throws InterruptedException {
            try {
                return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException failure) {
                throw new AssertionError(thread.getName() + " failed: " + failure.getCause(), failure.getCause());
            } catch (TimeoutException late) {
                AssertionError failure = new AssertionError(thread.getName() + " is not done after " + PATIENCE_SECONDS
                        + " s; it is " + thread.getState() + " at the place given as cause");
                Throwable place = new Throwable(thread.getName());
                place.setStackTrace(thread.getStackTrace());
                failure.initCause(place);
                throw failure;
            }
        }

        /** Returns when the thread waits for something; fails if it ends instead, or never stops running. */
        void awaitWaiting() {
            awaitWaiting(() -> true);
        }

        /** Returns when the thread waits for a key, and the graph of those who wait knows it; short waits for other things do not count. */
        void awaitWaitingForKey() {
            awaitWaiting(() -> Arrays.stream(thread.getStackTrace())
                    .filter(frame -> frame.getClassName().startsWith("io.sherd."))
                    .findFirst()
                    .filter(frame -> frame.getClassName().equals("io.sherd.spi.Waiter")
                            && frame.getMethodName().equals("await"))
                    .isPresent());
        }

        private void awaitWaiting(BooleanSupplier forThat) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (true) {
                Thread.State state = thread.getState();
                assertThat(task.isDone())
                        .as("%s went on instead of waiting", thread)
                        .isFalse();
                boolean waits = state == Thread.State.WAITING
                        || state == Thread.State.TIMED_WAITING
                        || state == Thread.State.BLOCKED;
                if (waits && forThat.getAsBoolean()) {
                    return;
                }
                assertThat(System.nanoTime())
                        .as("%s has neither ended nor begun to wait, but is %s", thread, state)
                        .isLessThan(deadline);
                LockSupport.parkNanos(20_000);
            }
        }
    }
}
