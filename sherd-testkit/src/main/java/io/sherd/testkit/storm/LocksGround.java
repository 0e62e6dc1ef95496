package io.sherd.testkit.storm;

import io.sherd.KeyLocks;
import io.sherd.LockedKey;
import io.sherd.LockedKeys;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link KeyLocks}: keys without values. */
public final class LocksGround implements Ground {
    private final KeyLocks<Integer> locks = new KeyLocks<>();

    /** Creates new locks. */
    public LocksGround() {}

    private static Held held(LockedKey<Integer> key) {
        return new Held() {
            @Override
            public void add() {}

            @Override
            public void close() {
                key.close();
            }
        };
    }

    @Override
    public String name() {
        return "KeyLocks";
    }

    @Override
    public Held lock(int key) {
        return held(locks.lock(key));
    }

    @Override
    public @Nullable Held tryLock(int key) {
        LockedKey<Integer> held = locks.tryLock(key);
        return held == null ? null : held(held);
    }

    @Override
    public @Nullable Held tryLock(int key, Duration wait) throws InterruptedException {
        LockedKey<Integer> held = locks.tryLock(key, wait);
        return held == null ? null : held(held);
    }

    @Override
    public Held lockAll(List<Integer> keys) {
        LockedKeys held = locks.lockAll(keys);
        return new Held() {
            @Override
            public void add() {}

            @Override
            public void close() {
                held.close();
            }
        };
    }

    @Override
    public boolean hasValues() {
        return false;
    }
}
