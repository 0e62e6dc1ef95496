package io.sherd.disk.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.testkit.history.HistoryReport;
import io.sherd.testkit.history.HistoryRuns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What happens to a disk map has a serial order: single operations, reads of several keys under {@code lockAll}, and transactions
 * as soon as the map has them.
 */
final class DiskHistoryTest {
    private static final int RUNS = 15;

    @Test
    void everyHistoryHasASerialOrder(@TempDir Path directory) throws InterruptedException {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        List<String> log = new ArrayList<>(List.of("seed: " + seed + " (-Dsherd.soak.seed)"));

        HistoryReport report = new HistoryRuns(List.of(new DiskRegisters(directory)), seed, log::add).run(RUNS);

        assertThat(report.isClean())
                .as("%s%n%s", report.summary(), String.join("\n", log))
                .isTrue();
    }
}
