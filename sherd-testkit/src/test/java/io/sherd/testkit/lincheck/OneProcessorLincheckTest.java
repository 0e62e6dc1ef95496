package io.sherd.testkit.lincheck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds that somebody else writes down, and those who wait for them. Where there are several processors, model checking spends
 * its search in the spinning that comes before; so this runs in a JVM that sees one.
 */
@Tag("one-processor")
final class OneProcessorLincheckTest {
    @BeforeAll
    static void thereIsOneProcessor() {
        assertThat(Runtime.getRuntime().availableProcessors()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                HeapLocksLincheckTest.Small.class,
                HeapLocksLincheckTest.Objects.class,
                HeapLocksLincheckTest.Growing.class,
                HeapLocksLincheckTest.Splitting.class
            })
    void everyInterleavingOfHoldersIsLinearizable(Class<? extends LockOperations> operations) {
        LincheckRuns.modelCheckLocks(operations);
    }

    @ParameterizedTest
    @ValueSource(classes = {HeapTransactions.Small.class, HeapTransactions.Apart.class})
    void everyInterleavingOfTransactionsIsLinearizable(Class<? extends TransactionOperations> operations) {
        LincheckRuns.modelCheckTransactions(operations);
    }
}
