package io.sherd.testkit.storm;

import io.sherd.testkit.storm.StormPlan.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Storm after storm, over one or more of the grounds given, after each planted fault was found in a storm. What each participant
 * asks for follows from the seed; how they meet does not.
 */
public final class StormRuns {
    private static final int MOST_GROUNDS = 3;
    private static final int CONTROL_RUNS = 20;
    private static final Duration CONTROL_PATIENCE = Duration.ofMillis(1_500);

    private final List<Supplier<Ground>> grounds;
    private final long seed;
    private final Duration patience;
    private final Consumer<String> log;

    /**
     * Prepares.
     *
     * @param grounds make empty grounds
     * @param seed what everything is drawn from
     * @param patience how long nothing moves before a storm counts as hanging
     * @param log gets lines for a person to read, from any thread
     */
    public StormRuns(List<Supplier<Ground>> grounds, long seed, Duration patience, Consumer<String> log) {
        this.grounds = List.copyOf(grounds);
        this.seed = seed;
        this.patience = patience;
        this.log = log;
    }

    /**
     * Runs the controls and then storms, until one has shown something.
     *
     * @param runs how many storms
     * @return the figures
     * @throws InterruptedException if the thread is interrupted
     */
    public StormReport run(int runs) throws InterruptedException {
        int caught = 0;
        Random controls = new Random(~seed);
        for (StormFault fault : StormFault.values()) {
            boolean shown = isFound(fault, controls);
            caught += shown ? 1 : 0;
            log.accept("control " + fault + " (" + fault.description() + "): " + (shown ? "caught" : "NOT CAUGHT"));
        }
        Random random = new Random(seed);
        long operations = 0;
        long deadlocks = 0;
        for (int run = 0; run < runs; run++) {
            StormPlan plan = StormPlan.draw(random);
            List<Ground> mix = new ArrayList<>();
            int count = 1 + random.nextInt(MOST_GROUNDS);
            for (int i = 0; i < count; i++) {
                mix.add(grounds.get(random.nextInt(grounds.size())).get());
            }
            Storm storm = new Storm(mix, plan, log);
            storm.run(new SplittableRandom(random.nextLong()), patience);
            operations += storm.operations();
            deadlocks += storm.deadlocks();
            if (!storm.isClean()) {
                log.accept("in storm " + run + ": " + plan + " over "
                        + mix.stream().map(Ground::name).toList());
                return new StormReport(
                        run + 1,
                        operations,
                        deadlocks,
                        storm.hung() ? 1 : 0,
                        storm.kept(),
                        storm.wrong(),
                        StormFault.values().length,
                        caught);
            }
            mix.forEach(Ground::close);
        }
        return new StormReport(runs, operations, deadlocks, 0, 0, 0, StormFault.values().length, caught);
    }

    private static boolean isFound(StormFault fault, Random random) throws InterruptedException {
        for (int run = 0; run < CONTROL_RUNS; run++) {
            StormPlan plan = StormPlan.ofLocks(fault == StormFault.UNTOLD ? Order.RANDOM : Order.ASCENDING);
            Storm storm = new Storm(List.of(fault.ground(plan.keys())), plan, line -> {});
            storm.run(new SplittableRandom(random.nextLong()), CONTROL_PATIENCE);
            if (fault.isShownBy(storm)) {
                return true;
            }
        }
        return false;
    }
}
