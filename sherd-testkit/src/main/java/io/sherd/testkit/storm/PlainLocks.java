package io.sherd.testkit.storm;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What storms must find fault with: one plain lock for each key, so that a circle of holders stands still. */
final class PlainLocks implements Ground {
    private final ReentrantLock[] locks;

    PlainLocks(int keys) {
        locks = Stream.generate(ReentrantLock::new).limit(keys).toArray(ReentrantLock[]::new);
    }

    private static Held held(ReentrantLock lock) {
        return new Held() {
            @Override
            public void add() {}

            @Override
            public void close() {
                lock.unlock();
            }
        };
    }

    @Override
    public String name() {
        return "plain locks";
    }

    /** Can be interrupted, so that those who stand still can be told to go home. */
    @Override
    public Held lock(int key) {
        try {
            locks[key].lockInterruptibly();
        } catch (InterruptedException end) {
            throw new IllegalStateException("sent home", end);
        }
        return held(locks[key]);
    }

    @Override
    public @Nullable Held tryLock(int key) {
        return locks[key].tryLock() ? held(locks[key]) : null;
    }

    @Override
    public @Nullable Held tryLock(int key, Duration wait) throws InterruptedException {
        return locks[key].tryLock(wait.toNanos(), TimeUnit.NANOSECONDS) ? held(locks[key]) : null;
    }

    @Override
    public Held lockAll(List<Integer> keys) {
        List<Held> held = keys.stream().sorted().map(this::lock).toList();
        return new Held() {
            @Override
            public void add() {}

            @Override
            public void close() {
                held.forEach(Held::close);
            }
        };
    }

    @Override
    public boolean hasValues() {
        return false;
    }
}
