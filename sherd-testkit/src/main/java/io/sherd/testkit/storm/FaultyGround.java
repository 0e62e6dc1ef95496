package io.sherd.testkit.storm;

import io.sherd.KeyDeadlockException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Locks with a planted fault. */
final class FaultyGround implements Ground {
    private static final int ONE_IN = 40;

    private final Ground ground;
    private final StormFault fault;
    private final AtomicInteger calls = new AtomicInteger();

    FaultyGround(Ground ground, StormFault fault) {
        this.ground = ground;
        this.fault = fault;
    }

    private boolean isTime() {
        return calls.incrementAndGet() % ONE_IN == 0;
    }

    @Override
    public String name() {
        return ground.name() + " with a fault";
    }

    private Held after(Held held) {
        if (fault != StormFault.KEPT) {
            return held;
        }
        return new Held() {
            @Override
            public void add() {
                held.add();
            }

            @Override
            public void close() {
                if (!isTime()) {
                    held.close();
                }
            }
        };
    }

    @Override
    public Held lock(int key) {
        if (fault == StormFault.FALSE_ALARM && isTime()) {
            throw new KeyDeadlockException(List.of(key), List.of("nobody"));
        }
        if (fault == StormFault.SHARED && isTime()) {
            return new Held() {
                @Override
                public void add() {}

                @Override
                public void close() {}
            };
        }
        return after(ground.lock(key));
    }

    @Override
    public @Nullable Held tryLock(int key) {
        Held held = ground.tryLock(key);
        return held == null ? null : after(held);
    }

    @Override
    public @Nullable Held tryLock(int key, Duration wait) throws InterruptedException {
        Held held = ground.tryLock(key, wait);
        return held == null ? null : after(held);
    }

    @Override
    public Held lockAll(List<Integer> keys) {
        return after(ground.lockAll(keys));
    }

    @Override
    public boolean hasValues() {
        return false;
    }
}
