package io.sherd.testkit.lincheck;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Transactions and asynchronous operations of the heap map by stress, among everything else that reads and writes their keys; {@code ./soak lincheck} is the
 * long form.
 */
@Tag("lincheck")
final class HeapTransactionsLincheckTest {

    static List<Class<? extends AsyncOperations>> states() {
        return HeapTransactions.all();
    }

    @ParameterizedTest
    @MethodSource("states")
    void racingThreadsAreLinearizable(Class<? extends AsyncOperations> operations) {
        LincheckRuns.stressTransactions(operations);
    }
}
