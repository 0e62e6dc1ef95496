package io.sherd.testkit.storm;

import io.sherd.testkit.storm.Ground.Held;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A thread, which may be virtual. What it does later it does inside what it does first. */
final class ThreadParticipant extends Participant {
    private static final int LONGEST_WAIT_MICROS = 3_000;

    /** Ends a round, everything that was taken being given back on the way; what went wrong is noted already. */
    private static final class Over extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Over(Throwable cause) {
            super(cause);
        }
    }

    @FunctionalInterface
    private interface Asking {
        @Nullable
        Held ask() throws InterruptedException;
    }

    private final Thread thread;
    private volatile boolean home;

    ThreadParticipant(Storm storm, int number, RandomGenerator random, boolean virtual, Runnable done) {
        super(storm, number, random, done);
        this.thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon())
                .name("participant " + number)
                .unstarted(this::run);
    }

    @Override
    void start() {
        thread.start();
    }

    @Override
    void sendHome() {
        home = true;
        thread.interrupt();
    }

    @Override
    Collection<StackTraceElement> place() {
        return place(thread);
    }

    private void run() {
        try {
            for (int round = 0; round < storm.plan().rounds() && !home; round++) {
                try {
                    take(storm.plan().steps(random, storm.grounds(), true), 0);
                } catch (Over over) {
                    storm.step();
                }
                if (holdsAny()) {
                    storm.wrong(this + " holds something after its round");
                }
            }
        } catch (Throwable failure) {
            storm.wrong(this + " ends by " + failure + " at " + place(Thread.currentThread()));
        } finally {
            done.run();
        }
    }

    private void take(List<Step> steps, int at) {
        if (at == steps.size()) {
            if (random.nextInt(8) == 0) {
                LockSupport.parkNanos(1_000);
            }
            return;
        }
        Step step = steps.get(at);
        if (!takes(step)) {
            take(steps, at + 1);
            return;
        }
        Ground ground = ground(step);
        switch (step.how()) {
            case LOCK -> hold(steps, at, () -> ground.lock(step.key()));
            case TRY_LOCK -> hold(steps, at, () -> ground.tryLock(step.key()));
            case TRY_LOCK_FOR_SOME_TIME -> {
                Duration wait = Duration.ofNanos(1_000L * random.nextInt(LONGEST_WAIT_MICROS));
                hold(steps, at, () -> ground.tryLock(step.key(), wait));
            }
            case LOCK_ALL -> hold(steps, at, () -> ground.lockAll(step.keys()));
            case COMPUTE -> write(step, () -> ground.compute(step.key(), () -> inside(steps, at)));
            case ADD -> {
                write(step, () -> ground.add(step.key()));
                wrote(step);
                take(steps, at + 1);
            }
            case TRANSACT -> {
                write(step, () -> ground.transact(step.keys()));
                wrote(step);
                take(steps, at + 1);
            }
        }
    }

    private void hold(List<Step> steps, int at, Asking asking) {
        Step step = steps.get(at);
        Held held;
        try {
            held = asking.ask();
        } catch (Throwable reason) {
            if (!home) {
                refused(step, reason);
            }
            throw new Over(reason);
        }
        if (held == null) {
            storm.step();
            take(steps, at + 1);
            return;
        }
        boolean counted = false;
        enter(step);
        try {
            take(steps, at + 1);
            if (random.nextInt(4) != 0) {
                held.add();
                counted = true;
            }
        } finally {
            leave(step, counted);
            held.close();
        }
    }

    private void write(Step step, Runnable write) {
        try {
            write.run();
        } catch (Over over) {
            throw over;
        } catch (Throwable reason) {
            if (!home) {
                refused(step, reason);
            }
            throw new Over(reason);
        }
    }

    private void inside(List<Step> steps, int at) {
        boolean counted = false;
        enter(steps.get(at));
        try {
            take(steps, at + 1);
            counted = true;
        } finally {
            leave(steps.get(at), counted);
        }
    }
}
