package io.sherd.disk.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.testkit.soak.KillHarness;
import io.sherd.testkit.soak.KillOptions;
import io.sherd.testkit.soak.KillReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No write that returned is lost when the process is killed; {@code ./soak kill --runs 1000} is the long form. */
final class DiskMapKillTest {
    private static final int KILLS = 50;

    @Test
    void fiftyKillsLoseNothingAndEveryPlantedFaultIsFound(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        List<String> log = new ArrayList<>(List.of("replay: ./soak kill --runs " + KILLS + " --seed " + seed));
        KillOptions options = new KillOptions(
                DiskMapStore.Factory.class, KILLS, seed, directory, true, Duration.ofSeconds(90), List.of());

        KillReport report = new KillHarness(options, log::add).run();

        assertThat(report.isClean())
                .as("%s%n%s", report.summary(), String.join("\n", log))
                .isTrue();
        assertThat(report.kills()).isEqualTo(KILLS);
        assertThat(report.controls()).isPositive();
    }
}
