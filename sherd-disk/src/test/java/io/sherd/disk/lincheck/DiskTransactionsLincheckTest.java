package io.sherd.disk.lincheck;

import io.sherd.testkit.lincheck.AsyncOperations;
import io.sherd.testkit.lincheck.LincheckRuns;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Transactions and asynchronous operations of the disk map by stress, among everything else that reads and writes their keys; {@code
 * ./soak lincheck} is the long form.
 */
@Tag("lincheck")
final class DiskTransactionsLincheckTest {
    private static DiskTransactions maps;

    @BeforeAll
    static void open(@TempDir Path directory) {
        maps = DiskTransactions.open(directory);
    }

    @AfterAll
    static void close() {
        maps.close();
    }

    static List<Class<? extends AsyncOperations>> states() {
        return DiskTransactions.all();
    }

    @ParameterizedTest
    @MethodSource("states")
    void racingThreadsAreLinearizable(Class<? extends AsyncOperations> operations) {
        LincheckRuns.stressTransactions(operations);
    }
}
