package io.sherd.testkit.lincheck;

import io.sherd.HeapMapBuilder;
import io.sherd.ShardedMap;
import java.util.List;
import java.util.function.Consumer;

/** Transactions of heap maps in the states that matter, for the tests and for a long run. */
public final class HeapTransactions {
    private static final int STATES = 4;
    private static final int RUNS = 2_000;
    private static final int MOST_SCENARIOS = 12;

    private HeapTransactions() {}

    private static HeapMapBuilder<Object, Object> one() {
        return ShardedMap.onHeap().shards(1).maxShards(1);
    }

    /** Both keys in one small table. */
    public static final class Small extends TransactionOperations {
        /** Creates the map. */
        public Small() {
            super(one().build());
        }
    }

    /** The keys are in different segments. */
    public static final class Apart extends TransactionOperations {
        /** Creates the map. */
        public Apart() {
            super(ShardedMap.onHeap().shards(64).build());
        }
    }

    /** The first insertion replaces the table by a larger one. */
    public static final class Growing extends TransactionOperations {
        private static final int ENTRIES =
                Filled.beforeChange(() -> one().build(), map -> map.shards().bytes());

        /** Creates the map. */
        public Growing() {
            super(Filled.with(ENTRIES, one().build()));
        }
    }

    /** All keys have one hash, and there are so many that some stand outside the table. */
    public static final class Colliding extends TransactionOperations {
        /** Creates the map. */
        public Colliding() {
            super(Filled.with(7, ShardedMap.onHeap().shards(1).hasher(key -> 7).build()));
        }
    }

    /**
     * All states.
     *
     * @return their classes
     */
    public static List<Class<? extends TransactionOperations>> all() {
        return List.of(Small.class, Apart.class, Growing.class, Colliding.class);
    }

    /**
     * Checks all states by stress until scenarios were run so many times.
     *
     * @param invocations how many runs at least
     * @param log gets lines for a person to read
     * @return how many there were
     * @throws AssertionError if one has no sequential explanation
     */
    public static long check(long invocations, Consumer<String> log) {
        long before = Invocations.counted();
        int scenarios = Math.clamp(invocations / (STATES * RUNS), 1, MOST_SCENARIOS);
        while (Invocations.counted() - before < invocations) {
            for (Class<? extends TransactionOperations> state : all()) {
                LincheckRuns.stressTransactions(state, scenarios, RUNS);
            }
            log.accept((Invocations.counted() - before) + " runs of scenarios");
        }
        return Invocations.counted() - before;
    }
}
