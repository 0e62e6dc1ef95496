package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to a map is linearizable while it is rebalanced. */
@Tag("lincheck")
final class HeapRebalanceLincheckTest {

    /** Begins with one table of numbers. */
    public static final class Numbers extends RebalanceOperations {
        public Numbers() {
            super(ShardedMap.onHeap().shards(1).build());
        }
    }

    /** Begins with two shards and tables of objects, with a key in each. */
    public static final class Objects extends RebalanceOperations {
        public Objects() {
            super(ShardedMap.onHeap().shards(2).hasher((Integer key) -> key).build());
        }
    }

    /** All keys have one hash, and there are so many that some stand outside the table. */
    public static final class Colliding extends RebalanceOperations {
        public Colliding() {
            super(Filled.with(7, ShardedMap.onHeap().shards(1).hasher(key -> 7).build()));
        }
    }

    /** For one kind of map: a step has so many accesses that each takes Lincheck half a minute. */
    @Tag("model-checking")
    @Test
    void everyInterleavingIsLinearizable() {
        LincheckRuns.modelCheckLocks(Numbers.class);
    }

    @ParameterizedTest
    @ValueSource(classes = {Numbers.class, Objects.class, Colliding.class})
    void racingThreadsAreLinearizable(Class<? extends LockOperations> operations) {
        LincheckRuns.stressLocks(operations);
    }
}
