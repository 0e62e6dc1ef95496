package io.sherd.testkit.storm;

import io.sherd.testkit.storm.Step.How;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * What happens in one storm.
 *
 * @param order in what order keys are asked for
 * @param keys the number of keys of each ground
 * @param threads platform threads
 * @param virtual virtual threads
 * @param owners participants that are no threads
 * @param rounds how often each of them begins with nothing
 * @param depth how many steps it takes at most
 * @param ownKeys whether some ask at times for what they hold
 */
record StormPlan(Order order, int keys, int threads, int virtual, int owners, int rounds, int depth, boolean ownKeys) {

    /** In what order keys are asked for, which says whether anybody may be told of a deadlock. */
    enum Order {
        /** Any: circles come about. */
        RANDOM,
        /** One for all: there are no circles. */
        ASCENDING,
        /** All at once, or in a transaction, and nothing beside it: there are no circles. */
        TOGETHER
    }

    private static final int MOST = 5;

    static StormPlan draw(Random random) {
        Order order = switch (random.nextInt(5)) {
            case 0 -> Order.ASCENDING;
            case 1 -> Order.TOGETHER;
            default -> Order.RANDOM;
        };
        return new StormPlan(
                order,
                2 + random.nextInt(7),
                1 + random.nextInt(MOST),
                random.nextInt(MOST),
                random.nextInt(MOST),
                20 + random.nextInt(80),
                2 + random.nextInt(3),
                random.nextInt(3) == 0);
    }

    /** For planted faults: threads alone, who lock. */
    static StormPlan ofLocks(Order order) {
        return new StormPlan(order, 3, 4, 2, 0, 200, 3, false);
    }

    /** What one participant does in one round. */
    List<Step> steps(RandomGenerator random, List<Ground> grounds, boolean thread) {
        return switch (order) {
            case RANDOM -> anyhow(random, grounds, thread);
            case ASCENDING -> ascending(random, grounds, thread);
            case TOGETHER -> List.of(together(random, grounds, thread));
        };
    }

    private List<Step> anyhow(RandomGenerator random, List<Ground> grounds, boolean thread) {
        List<Step> steps = new ArrayList<>();
        int count = 1 + random.nextInt(depth);
        for (int i = 0; i < count; i++) {
            int ground = random.nextInt(grounds.size());
            int draw = random.nextInt(10);
            if (draw == 0) {
                steps.add(together(random, grounds, thread));
            } else if (draw == 1 && i > 0 && grounds.get(ground).hasValues()) {
                steps.add(new Step(How.ADD, ground, List.of(random.nextInt(keys))));
            } else {
                steps.add(
                        new Step(holding(random, grounds.get(ground), thread), ground, List.of(random.nextInt(keys))));
            }
        }
        return steps;
    }

    private List<Step> ascending(RandomGenerator random, List<Ground> grounds, boolean thread) {
        TreeSet<Integer> places = new TreeSet<>();
        int count = 1 + random.nextInt(depth);
        for (int i = 0; i < count; i++) {
            places.add(random.nextInt(keys * grounds.size()));
        }
        List<Step> steps = new ArrayList<>();
        for (int place : places) {
            int ground = place / keys;
            boolean add = place == places.last() && grounds.get(ground).hasValues() && random.nextInt(3) == 0;
            How how = add ? How.ADD : holding(random, grounds.get(ground), thread);
            steps.add(new Step(how, ground, List.of(place % keys)));
        }
        return steps;
    }

    private static How holding(RandomGenerator random, Ground ground, boolean thread) {
        int draw = random.nextInt(8);
        if (draw < 3 && ground.hasValues()) {
            return How.COMPUTE;
        }
        if (thread && draw == 6) {
            return How.TRY_LOCK;
        }
        return thread && draw == 7 ? How.TRY_LOCK_FOR_SOME_TIME : How.LOCK;
    }

    private Step together(RandomGenerator random, List<Ground> grounds, boolean thread) {
        int ground = random.nextInt(grounds.size());
        List<Integer> some = new ArrayList<>();
        int count = 2 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            some.add(random.nextInt(keys));
        }
        boolean transact = thread && grounds.get(ground).transacts() && random.nextBoolean();
        return new Step(
                transact ? How.TRANSACT : How.LOCK_ALL,
                ground,
                some.stream().distinct().toList());
    }
}
