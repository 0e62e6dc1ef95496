package io.sherd.testkit.storm;

import io.sherd.KeyDeadlockException;
import io.sherd.TransactionConflictException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Somebody who asks for keys in a storm. */
abstract class Participant {
    private record Place(int ground, int key) {}

    final Storm storm;
    final int number;
    final RandomGenerator random;
    final Runnable done;
    private final Deque<Place> held = new ConcurrentLinkedDeque<>();
    private volatile @Nullable Step asksFor;

    Participant(Storm storm, int number, RandomGenerator random, Runnable done) {
        this.storm = storm;
        this.number = number;
        this.random = random;
        this.done = done;
    }

    abstract void start();

    /** Ends a wait that would never end, where that is possible. */
    abstract void sendHome();

    /** Where it is now. */
    abstract Collection<StackTraceElement> place();

    List<String> describe() {
        List<String> text = new ArrayList<>();
        text.add(this + " holds " + held + " and asks for " + asksFor);
        place().forEach(frame -> text.add("    at " + frame));
        return text;
    }

    static List<StackTraceElement> place(Thread thread) {
        return Arrays.asList(thread.getStackTrace());
    }

    final Ground ground(Step step) {
        return storm.grounds().get(step.ground());
    }

    final boolean holdsAny() {
        return !held.isEmpty();
    }

    final boolean holds(Step step) {
        return step.keys().stream().anyMatch(key -> held.contains(new Place(step.ground(), key)));
    }

    /** Whether the step is to be taken: one that asks for what is held already is left out unless the plan has such. */
    final boolean takes(Step step) {
        if (holds(step) && !storm.plan().ownKeys()) {
            return false;
        }
        asksFor = step;
        return true;
    }

    final void enter(Step step) {
        if (holds(step)) {
            storm.wrong(this + " got what it holds already, by " + step);
        }
        asksFor = null;
        step.keys().forEach(key -> held.add(new Place(step.ground(), key)));
        storm.enter(number, step.ground(), step.keys());
    }

    final void leave(Step step, boolean counted) {
        storm.leave(number, step.ground(), step.keys(), counted);
        step.keys().forEach(key -> held.remove(new Place(step.ground(), key)));
    }

    final void wrote(Step step) {
        if (holds(step)) {
            storm.wrong(this + " wrote what it holds, by " + step);
        }
        asksFor = null;
        storm.wrote(step.ground(), step.keys());
    }

    /** What it was told instead of getting what it asked for; which must be as the contract says. */
    final void refused(Step step, Throwable reason) {
        asksFor = null;
        if (reason instanceof KeyDeadlockException) {
            // lockAll may be in a circle by the keys that it has taken itself
            storm.told(this, holdsAny() || step.how() == Step.How.LOCK_ALL, reason);
        } else if (reason instanceof TransactionConflictException) {
            storm.step();
        } else if (reason instanceof IllegalStateException && holds(step)) {
            storm.step();
        } else {
            storm.wrong(this + " is refused " + step + ": " + reason);
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + " " + number;
    }
}
