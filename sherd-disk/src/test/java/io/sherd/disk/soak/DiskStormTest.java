package io.sherd.disk.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.testkit.storm.StormReport;
import io.sherd.testkit.storm.StormRuns;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Storms over disk maps and others always end; {@code ./soak deadlock} is the long form. */
final class DiskStormTest {
    private static final int RUNS = 60;

    @Test
    void everyStormEnds(@TempDir Path directory) throws InterruptedException {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        Queue<String> log = new ConcurrentLinkedQueue<>(List.of("seed: " + seed + " (-Dsherd.soak.seed)"));

        StormReport report =
                new StormRuns(DiskGrounds.all(directory), seed, Duration.ofSeconds(30), log::add).run(RUNS);

        assertThat(report.isClean())
                .as("%s%n%s", report.summary(), String.join("\n", log))
                .isTrue();
    }
}
