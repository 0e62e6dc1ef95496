package io.sherd.testkit.storm;

import io.sherd.testkit.storm.Ground.Held;
import io.sherd.testkit.storm.StormPlan.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * One storm: participants ask for keys in the orders of a plan, and each must come to its end. Meanwhile nobody else may have a
 * key that one of them holds, and only those are told of a deadlock who could be in one. Afterwards no key is held, and the
 * maps have counted what was done.
 */
final class Storm {
    /** What is printed of the findings. */
    private static final int SHOWN = 20;

    /** The keys of one ground as the participants see them. */
    private static final class Keys {
        /** Who has the key, or 0. */
        final AtomicIntegerArray holders;

        /** Counted by those who had it. Plain: the hold must order these writes. */
        final long[] counts;

        /** Counted by others. */
        final AtomicLongArray writes;

        Keys(int keys) {
            holders = new AtomicIntegerArray(keys);
            counts = new long[keys];
            writes = new AtomicLongArray(keys);
        }
    }

    private final List<Ground> grounds;
    private final StormPlan plan;
    private final Consumer<String> log;
    private final List<Keys> keys = new ArrayList<>();
    private final List<Participant> participants = new ArrayList<>();
    private final LongAdder operations = new LongAdder();
    private final LongAdder deadlocks = new LongAdder();
    private final AtomicLong wrong = new AtomicLong();
    private boolean hung;
    private int kept;

    Storm(List<Ground> grounds, StormPlan plan, Consumer<String> log) {
        this.grounds = grounds;
        this.plan = plan;
        this.log = log;
        grounds.forEach(ground -> keys.add(new Keys(plan.keys())));
    }

    List<Ground> grounds() {
        return grounds;
    }

    StormPlan plan() {
        return plan;
    }

    long operations() {
        return operations.sum();
    }

    long deadlocks() {
        return deadlocks.sum();
    }

    long wrong() {
        return wrong.get();
    }

    boolean hung() {
        return hung;
    }

    int kept() {
        return kept;
    }

    boolean isClean() {
        return !hung && kept == 0 && wrong() == 0;
    }

    /** Lets it blow; returns when all are done, or when nothing has moved for as long as patience lasts. */
    void run(SplittableRandom random, Duration patience) throws InterruptedException {
        int all = plan.threads() + plan.virtual() + plan.owners();
        CountDownLatch done = new CountDownLatch(all);
        for (int i = 0; i < all; i++) {
            SplittableRandom own = random.split();
            participants.add(
                    i < plan.threads() + plan.virtual()
                            ? new ThreadParticipant(this, i + 1, own, i >= plan.threads(), done::countDown)
                            : new OwnerParticipant(this, i + 1, own, done::countDown));
        }
        participants.forEach(Participant::start);
        long moved = operations();
        long since = System.nanoTime();
        while (!done.await(50, TimeUnit.MILLISECONDS)) {
            long now = operations();
            if (now != moved) {
                moved = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > patience.toNanos()) {
                hung = true;
                dump();
                participants.forEach(Participant::sendHome);
                done.await(1, TimeUnit.SECONDS);
                return;
            }
        }
        examine();
    }

    private void dump() {
        log.accept("nothing moves any more:");
        for (Participant participant : participants) {
            participant.describe().forEach(log);
        }
    }

    private void examine() {
        for (int ground = 0; ground < grounds.size(); ground++) {
            Ground on = grounds.get(ground);
            Keys of = keys.get(ground);
            for (int key = 0; key < plan.keys(); key++) {
                try (Held held = on.tryLock(key)) {
                    if (held == null) {
                        kept++;
                        log.accept("key " + key + " of " + on.name() + " is held by nobody who still runs");
                        continue;
                    }
                }
                long expected = of.counts[key] + of.writes.get(key);
                if (on.hasValues() && on.count(key) != expected) {
                    wrong("key " + key + " of " + on.name() + " counts " + on.count(key) + " instead of " + expected);
                }
            }
        }
    }

    // ---- for participants

    /** Something moved. */
    void step() {
        operations.increment();
    }

    void wrong(String what) {
        if (wrong.incrementAndGet() <= SHOWN) {
            log.accept("wrong: " + what);
        }
    }

    /** Somebody has keys now. */
    void enter(int who, int ground, List<Integer> taken) {
        step();
        for (int key : taken) {
            int other = keys.get(ground).holders.getAndSet(key, who);
            if (other != 0) {
                wrong("key " + key + " of " + grounds.get(ground).name() + " is held by " + other + " and " + who);
            }
        }
    }

    /** Somebody is about to give keys back, and has counted them or not. */
    void leave(int who, int ground, List<Integer> taken, boolean counted) {
        Keys of = keys.get(ground);
        for (int key : taken) {
            if (counted) {
                of.counts[key]++;
            }
            if (!of.holders.compareAndSet(key, who, 0)) {
                wrong("key " + key + " of " + grounds.get(ground).name() + " was taken from " + who);
            }
        }
    }

    /** Somebody has counted without holding. */
    void wrote(int ground, List<Integer> written) {
        step();
        written.forEach(key -> keys.get(ground).writes.incrementAndGet(key));
    }

    /** Somebody was told of a deadlock. */
    void told(Participant who, boolean mayHold, Throwable what) {
        deadlocks.increment();
        step();
        if (plan.order() != Order.RANDOM) {
            wrong(who + " is told of a deadlock where there can be none: " + what);
        } else if (!mayHold) {
            wrong(who + " is told of a deadlock and holds nothing: " + what);
        }
    }
}
