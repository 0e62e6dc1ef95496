package io.sherd.testkit;

import io.sherd.ShardedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A key that a thread of its own holds, inside a function of the map, until it is told to let go. */
final class Hold implements AutoCloseable {
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final AtomicInteger runs = new AtomicInteger();
    private final Crew.Job<@Nullable Object> holder;
    private @Nullable RuntimeException failure;

    /** Returns when the key is held. The function will return {@code result}. */
    Hold(Crew crew, ShardedMap<Object, Object> map, Means means, Object key, @Nullable Object result)
            throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        Supplier<@Nullable Object> function = () -> {
            runs.incrementAndGet();
            held.countDown();
            awaitUninterruptibly(letGo);
            if (failure != null) {
                throw failure;
            }
            return result;
        };
        holder = crew.start(() -> {
            try {
                return means.apply(map, key, function);
            } catch (RuntimeException thrown) {
                if (thrown.equals(failure)) {
                    return null;
                }
                throw thrown;
            }
        });
        while (!held.await(10, TimeUnit.MILLISECONDS)) {
            if (holder.isDone()) {
                throw new AssertionError(means + " ended without a run of its function: " + holder.result());
            }
        }
    }

    /** Lets the function return, and answers what the map's operation returned. */
    @Nullable
    Object release() throws InterruptedException {
        letGo.countDown();
        Object result = holder.result();
        if (runs.get() != 1) {
            throw new AssertionError("the function ran " + runs + " times");
        }
        return result;
    }

    /** Lets the function throw, and returns when the map's operation has thrown the same. */
    void releaseThrowing(RuntimeException exception) throws InterruptedException {
        failure = exception;
        letGo.countDown();
        if (holder.result() != null) {
            throw new AssertionError("the function threw, but the operation returned");
        }
    }

    Thread thread() {
        return holder.thread;
    }

    /** Lets go if that was not done, so that a failed test does not leave others waiting. */
    @Override
    public void close() {
        letGo.countDown();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
