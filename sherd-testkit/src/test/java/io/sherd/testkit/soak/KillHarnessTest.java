package io.sherd.testkit.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness tried on a store that is right by its simplicity, and with faults planted in it. */
final class KillHarnessTest {

    @Test
    void findsNothingInARightStoreAndEveryPlantedFault(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        List<String> log = new ArrayList<>(List.of("seed " + seed));
        KillOptions options = new KillOptions(
                AppendLogStore.Factory.class, 8, seed, directory, true, Duration.ofSeconds(60), List.of());

        KillReport report = new KillHarness(options, log::add).run();

        assertThat(report.isClean())
                .as("%s%n%s", report.summary(), String.join("\n", log))
                .isTrue();
        assertThat(report.kills()).isEqualTo(8);
        assertThat(report.acknowledged()).isPositive();
        assertThat(report.controls()).isPositive();
    }

    @Test
    void summaryIsOneLineOfFigures() {
        KillReport report = new KillReport(9, 8, 100, 99, 1, 2, 0, 3, 7, 6);
        assertThat(report.summary())
                .isEqualTo("kill: runs=9 kills=8 operations=100 acknowledged=99 lost=1 wrong=2 hangs=0 errors=3"
                        + " controls=6/7 caught");
        assertThat(report.isClean()).isFalse();
    }
}
