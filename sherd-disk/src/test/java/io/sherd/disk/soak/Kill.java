package io.sherd.disk.soak;

import io.sherd.testkit.soak.KillHarness;
import io.sherd.testkit.soak.KillOptions;
import io.sherd.testkit.soak.KillReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./soak kill}: no write that returned is lost when the process is killed. */
@Command(
        name = "kill",
        description = "Kills a writing process at random moments and checks that no write that returned is lost.",
        showDefaultValues = true)
final class Kill implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Mixin
    private SeedOptions options;

    @Option(names = "--runs", paramLabel = "N", description = "How many times to kill.", defaultValue = "200")
    private int runs;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where to put the maps; a new temporary directory if not given.")
    private @Nullable Path directory;

    @Option(
            names = "--no-controls",
            description = "Leave out the planted faults, which show first that the harness finds what it looks for.")
    private boolean noControls;

    @Override
    public Integer call() throws Exception {
        options.requirePositive("--runs", runs);
        long from = options.start("kill", runs);
        Path root = directory == null ? Files.createTempDirectory("sherd-soak-") : Files.createDirectories(directory);
        KillOptions kills =
                new KillOptions(DiskMapStore.Factory.class, runs, from, root, !noControls, PATIENCE, List.of());
        KillReport report = new KillHarness(kills, options::say).run();
        if (report.isClean() && directory == null) {
            Files.delete(root);
        }
        options.say(report.summary());
        return report.isClean() ? 0 : 1;
    }
}
