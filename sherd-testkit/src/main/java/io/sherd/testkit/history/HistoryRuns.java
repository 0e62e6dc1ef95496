package io.sherd.testkit.history;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * History after history over the maps given, after each planted fault was found in one. What each thread does follows from the
 * seed; how they meet does not.
 */
public final class HistoryRuns {
    private static final int CONTROL_RUNS = 30;

    private final List<Supplier<Registers>> maps;
    private final long seed;
    private final Consumer<String> log;

    /**
     * Prepares.
     *
     * @param maps make empty maps
     * @param seed what everything is drawn from
     * @param log gets lines for a person to read
     */
    public HistoryRuns(List<Supplier<Registers>> maps, long seed, Consumer<String> log) {
        this.maps = List.copyOf(maps);
        this.seed = seed;
        this.log = log;
    }

    /**
     * Runs the controls and then histories, until one has shown something.
     *
     * @param runs how many histories
     * @return the figures
     * @throws InterruptedException if the thread is interrupted
     */
    public HistoryReport run(int runs) throws InterruptedException {
        Random controls = new Random(~seed);
        int caught = 0;
        for (HistoryFault fault : HistoryFault.values()) {
            boolean shown = isFound(fault, controls);
            caught += shown ? 1 : 0;
            log.accept("control " + fault + " (" + fault.description() + "): " + (shown ? "caught" : "NOT CAUGHT"));
        }
        int all = HistoryFault.values().length;
        Random random = new Random(seed);
        long operations = 0;
        for (int run = 0; run < runs; run++) {
            Supplier<Registers> map = maps.get(run % maps.size());
            HistoryRun history;
            List<String> wrong = new ArrayList<>();
            try (Registers registers = map.get()) {
                history = draw(registers, random);
                List<Observed> observed = history.run(new SplittableRandom(random.nextLong()));
                operations += observed.size();
                SerializabilityChecker.check(observed).forEach(anomaly -> wrong.add(anomaly.toString()));
            }
            long transfers = random.nextLong();
            try (Registers registers = map.get()) {
                if (registers.transacts()) {
                    String sum = new TransferRun(registers, 8, 3, 300).run(new SplittableRandom(transfers));
                    if (sum != null) {
                        wrong.add(sum);
                    }
                }
            }
            if (!wrong.isEmpty()) {
                wrong.forEach(log);
                log.accept("in history " + run + ": " + history);
                return new HistoryReport(run + 1, operations, wrong.size(), all, caught);
            }
        }
        return new HistoryReport(runs, operations, 0, all, caught);
    }

    private static HistoryRun draw(Registers registers, RandomGenerator random) {
        return new HistoryRun(registers, 2 + random.nextInt(9), 2 + random.nextInt(4), 5 + random.nextInt(20));
    }

    private static boolean isFound(HistoryFault fault, Random random) throws InterruptedException {
        for (int run = 0; run < CONTROL_RUNS; run++) {
            Registers registers = fault.plant(ShardedMap.onHeap().build());
            HistoryRun history = new HistoryRun(registers, 4, 4, 20);
            if (!SerializabilityChecker.check(history.run(new SplittableRandom(random.nextLong())))
                    .isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
