package io.sherd.disk.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Histories over kills of the process have a serial order; {@code ./soak serializable} is the long form. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class HistoryKillTest {
    private static final int KILLS = 40;

    @Test
    void everyHistoryOverKillsHasASerialOrder(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        List<String> log = new ArrayList<>(List.of("seed: " + seed + " (-Dsherd.soak.seed)"));

        HistoryKills.Report report = new HistoryKills(directory, seed, log::add).run(KILLS);

        assertThat(report.isClean())
                .as("%s%n%s", report.summary(), String.join("\n", log))
                .isTrue();
        assertThat(report.kills()).isGreaterThanOrEqualTo(KILLS);
        assertThat(report.operations()).isPositive();
    }
}
