package io.sherd.testkit.lincheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.HeapMapBuilder;
import io.sherd.ShardedMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions and holds of the heap map, model checked. In a process of its own that sees one processor, where threads wait for
 * each other without spinning: each round of a spin would be a place to switch, and the search would not come any further.
 */
@Tag("one-processor")
final class OneProcessorModelTest {

    /** Both keys in one small table. */
    public static final class Small extends TransactionOperations {
        public Small() {
            super(one().build());
        }
    }

    /** The keys are in different segments. */
    public static final class Apart extends TransactionOperations {
        public Apart() {
            super(ShardedMap.onHeap().shards(64).build());
        }
    }

    /** The first insertion replaces the table by a larger one. */
    public static final class Growing extends TransactionOperations {
        private static final int ENTRIES =
                Filled.beforeChange(() -> one().build(), map -> map.shards().bytes());

        public Growing() {
            super(Filled.with(ENTRIES, one().build()));
        }
    }

    private static HeapMapBuilder<Object, Object> one() {
        return ShardedMap.onHeap().shards(1).maxShards(1);
    }

    @BeforeAll
    static void thereIsOneProcessor() {
        assertThat(Runtime.getRuntime().availableProcessors())
                .as("-XX:ActiveProcessorCount=1")
                .isOne();
    }

    @ParameterizedTest
    @ValueSource(classes = {Small.class, Apart.class, Growing.class})
    void everyInterleavingOfTransactionsIsLinearizable(Class<? extends TransactionOperations> operations) {
        LincheckRuns.modelCheckTransactions(operations);
    }
}
