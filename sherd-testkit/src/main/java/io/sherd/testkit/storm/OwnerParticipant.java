package io.sherd.testkit.storm;

import io.sherd.testkit.storm.Ground.Async;
import io.sherd.testkit.storm.Ground.Held;
import io.sherd.testkit.storm.Step.How;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A participant that is no thread. All keys of a round are of one map, since an owner is one of a view; in the function of a last
 * step it may go to another map, where it acts for that function.
 */
final class OwnerParticipant extends Participant {
    private static final ExecutorService EXECUTOR = Executors.newVirtualThreadPerTaskExecutor();

    private record Taken(Step step, Held held) {}

    private volatile boolean home;

    OwnerParticipant(Storm storm, int number, RandomGenerator random, Runnable done) {
        super(storm, number, random, done);
    }

    @Override
    void start() {
        EXECUTOR.execute(() -> round(0));
    }

    @Override
    void sendHome() {
        home = true;
    }

    @Override
    Collection<StackTraceElement> place() {
        return List.of();
    }

    private void round(int round) {
        if (round == storm.plan().rounds() || home) {
            done.run();
            return;
        }
        List<Step> steps = ofOneMap(storm.plan().steps(random, storm.grounds(), false));
        List<Taken> taken = new ArrayList<>();
        CompletableFuture<?> all;
        if (steps.isEmpty()) {
            all = CompletableFuture.completedFuture(null);
        } else {
            Async async = ground(steps.getFirst()).async(this + ", round " + round);
            all = take(async, steps, 0, taken);
        }
        var _ = all.handleAsync(
                (result, failure) -> {
                    try {
                        close(taken);
                        if (holdsAny()) {
                            storm.wrong(this + " holds something after its round");
                        }
                    } catch (Throwable e) {
                        storm.wrong(this + " cannot give back: " + e);
                    }
                    round(round + 1);
                    return null;
                },
                EXECUTOR);
    }

    private List<Step> ofOneMap(List<Step> steps) {
        return steps.stream()
                .filter(step -> ground(step).hasValues())
                .filter(step -> step.ground()
                        == steps.stream()
                                .filter(any -> ground(any).hasValues())
                                .findFirst()
                                .orElseThrow()
                                .ground())
                .toList();
    }

    /** Takes one step after the other; fails, with the reason noted, if one is refused. */
    private CompletableFuture<?> take(Async async, List<Step> steps, int at, List<Taken> taken) {
        while (at < steps.size() && !takes(steps.get(at))) {
            at++;
        }
        if (at == steps.size()) {
            return CompletableFuture.completedFuture(null);
        }
        Step step = steps.get(at);
        int next = at + 1;
        if (step.how() == How.LOCK || step.how() == How.LOCK_ALL) {
            CompletableFuture<Held> held = step.how() == How.LOCK ? async.lock(step.key()) : async.lockAll(step.keys());
            return noted(step, held).thenCompose(came -> {
                enter(step);
                taken.add(new Taken(step, came));
                return take(async, steps, next, taken);
            });
        }
        if (step.how() == How.COMPUTE) {
            return noted(step, async.compute(step.key(), () -> inside(step)))
                    .thenCompose(done -> take(async, steps, next, taken));
        }
        return noted(step, async.add(step.key())).thenCompose(done -> {
            wrote(step);
            return take(async, steps, next, taken);
        });
    }

    /** In a function, in which another map may be asked for a key that is given back at once. */
    private CompletionStage<?> inside(Step step) {
        enter(step);
        Step then = last(step);
        if (then == null || !takes(then)) {
            leave(step, true);
            return CompletableFuture.completedFuture(null);
        }
        Async other = ground(then).async(this + ", within its function");
        return noted(then, other.lock(then.key())).handle((held, failure) -> {
            if (held != null) {
                enter(then);
                leave(then, false);
                held.close();
            }
            leave(step, failure == null);
            if (failure != null) {
                throw new CompletionException(new Noted());
            }
            return null;
        });
    }

    /** A step that is above the given one also where keys are taken in ascending order. */
    private @Nullable Step last(Step step) {
        int ground = storm.grounds().size() - 1;
        if (ground == step.ground() || !storm.grounds().get(ground).hasValues() || random.nextBoolean()) {
            return null;
        }
        return new Step(How.LOCK, ground, List.of(random.nextInt(storm.plan().keys())));
    }

    /** Stands for a failure that was noted where it happened. */
    private static final class Noted extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private <T> CompletableFuture<T> noted(Step step, CompletableFuture<T> future) {
        return future.handle((result, failure) -> {
            if (failure == null) {
                return result;
            }
            Throwable reason =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (!(reason instanceof Noted)) {
                refused(step, reason);
            }
            throw new CompletionException(new Noted());
        });
    }

    private void close(List<Taken> taken) {
        for (Taken each : taken.reversed()) {
            boolean counted = random.nextInt(4) != 0;
            if (counted) {
                each.held().add();
            }
            leave(each.step(), counted);
            each.held().close();
        }
    }
}
