package io.sherd.testkit.lincheck;

import io.sherd.HeapMapBuilder;
import io.sherd.ShardedMap;
import java.util.List;

/** Transactions, holds, and asynchronous operations of heap maps in the states that matter, for the tests and for a long run. */
public final class HeapTransactions {
    private HeapTransactions() {}

    private static HeapMapBuilder<Object, Object> one() {
        return ShardedMap.onHeap().shards(1).maxShards(1);
    }

    /** Both keys in one small table. */
    public static final class Small extends AsyncOperations {
        /** Creates the map. */
        public Small() {
            super(one().build());
        }
    }

    /** Both keys in one table so large that values, too, are kept as numbers. */
    public static final class NumberValues extends AsyncOperations {
        /** Creates the map. */
        public NumberValues() {
            super(one().initialCapacity(1_000).build());
        }
    }

    /** The keys are in different segments. */
    public static final class Apart extends AsyncOperations {
        /** Creates the map. */
        public Apart() {
            super(ShardedMap.onHeap().shards(64).build());
        }
    }

    /** The first insertion replaces the table by a larger one. */
    public static final class Growing extends AsyncOperations {
        private static final int ENTRIES =
                Filled.beforeChange(() -> one().build(), map -> map.shards().bytes());

        /** Creates the map. */
        public Growing() {
            super(Filled.with(ENTRIES, one().build()));
        }
    }

    /** All keys have one hash, and there are so many that some stand outside the table. */
    public static final class Colliding extends AsyncOperations {
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
    public static List<Class<? extends AsyncOperations>> all() {
        return List.of(Small.class, NumberValues.class, Apart.class, Growing.class, Colliding.class);
    }
}
