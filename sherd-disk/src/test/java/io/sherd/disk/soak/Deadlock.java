package io.sherd.disk.soak;

import io.sherd.testkit.storm.StormReport;
import io.sherd.testkit.storm.StormRuns;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./soak deadlock}: holders of keys in random orders all come to an end. */
@Command(
        name = "deadlock",
        description =
                "Holds keys of several maps in random orders and checks that everybody comes to an end, if need be by a"
                        + " KeyDeadlockException, and that no key stays held.",
        showDefaultValues = true)
final class Deadlock implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Mixin
    private SeedOptions options;

    @Option(names = "--runs", paramLabel = "N", description = "How many storms.", defaultValue = "1000")
    private int runs;

    @Override
    public Integer call() throws Exception {
        options.requirePositive("--runs", runs);
        long seed = options.start("deadlock", runs);
        Path root = options.temporary();
        StormReport report = new StormRuns(DiskGrounds.all(root), seed, PATIENCE, options::say).run(runs);
        if (report.isClean()) {
            SeedOptions.delete(root);
        }
        options.say(report.summary());
        return report.isClean() ? 0 : 1;
    }
}
