package io.sherd.testkit.storm;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that take one key again and again without a pause, and one that comes now and then and has to wait: how often it is overtaken.
 *
 * <p>A thread that gives the key back and asks again at once finds it free, while who was woken is still being scheduled. Without a
 * limit to that it would get the key nearly every time.
 */
public final class Starvation {
    private final ShardedMap<Integer, Long> map;
    private final int pushers;
    private final Duration hold;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /**
     * Prepares.
     *
     * @param map a map without the key 0
     * @param pushers how many threads take the key without a pause
     * @param hold how long they hold it each time
     */
    public Starvation(ShardedMap<Integer, Long> map, int pushers, Duration hold) {
        this.map = map;
        this.pushers = pushers;
        this.hold = hold;
    }

    /**
     * What was seen.
     *
     * @param waits how often the one had to take the key
     * @param mostOvertaken the most times that others took the key between its call and its turn
     * @param longest its longest wait
     */
    public record Report(int waits, long mostOvertaken, Duration longest) {}

    private void push(boolean computes) {
        try {
            while (!over.get()) {
                if (computes) {
                    var _ = map.compute(0, (key, old) -> held());
                } else {
                    try (LockedEntry<Integer, Long> entry = map.lock(0)) {
                        entry.setValue(held());
                    }
                }
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    private long held() {
        long number = taken.incrementAndGet();
        if (!hold.isZero()) {
            LockSupport.parkNanos(hold.toNanos());
        }
        return number;
    }

    /** How the one takes the key. */
    public enum Means {
        /** {@code lock}, by a platform thread. */
        LOCK,
        /** {@code put}, by a virtual thread. */
        PUT,
        /** {@code async().lock}. */
        ASYNC
    }

    private void take(Means means) {
        switch (means) {
            case LOCK -> map.lock(0).close();
            case PUT -> map.put(0, 0L);
            case ASYNC -> map.async().lock(0).join().close();
        }
    }

    /**
     * Lets the one wait so many times.
     *
     * @param waits how often
     * @param means how it takes the key
     * @return what was seen
     * @throws InterruptedException if the thread is interrupted
     */
    public Report run(int waits, Means means) throws InterruptedException {
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < pushers; i++) {
            boolean computes = i % 2 == 1;
            all.add(Thread.ofPlatform().daemon().start(() -> push(computes)));
        }
        long[] worst = new long[2];
        Thread.Builder builder =
                means == Means.PUT ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
        Thread one = builder.start(() -> {
            for (int i = 0; i < waits && failure.get() == null; i++) {
                LockSupport.parkNanos(hold.toNanos() / 3);
                long before = taken.get();
                long began = System.nanoTime();
                take(means);
                worst[0] = Math.max(worst[0], taken.get() - before);
                worst[1] = Math.max(worst[1], System.nanoTime() - began);
            }
        });
        one.join();
        over.set(true);
        for (Thread thread : all) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError("a thread ended by " + failure.get(), Objects.requireNonNull(failure.get()));
        }
        return new Report(waits, worst[0], Duration.ofNanos(worst[1]));
    }
}
