package io.sherd.disk.soak;

import io.sherd.testkit.soak.KillHarness;
import io.sherd.testkit.soak.KillOptions;
import io.sherd.testkit.soak.KillReport;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./soak kill}: no write that returned is lost when the process is killed. */
@Command(
        name = "kill",
        description = "Kills a writing process at random moments and checks that no write that returned is lost.",
        showDefaultValues = true)
final class Kill implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Option(names = "--runs", paramLabel = "N", description = "How many times to kill.", defaultValue = "200")
    private int runs;

    @Option(names = "--seed", paramLabel = "S", description = "What everything is drawn from; random if not given.")
    private @Nullable Long seed;

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
        if (runs < 1) {
            throw new ParameterException(spec.commandLine(), "--runs: " + runs + " given, but at least 1 is needed");
        }
        PrintWriter out = spec.commandLine().getOut();
        long from = seed == null ? RandomGenerator.getDefault().nextLong() : seed;
        say(out, "seed: " + from + " (again: ./soak kill --runs " + runs + " --seed " + from + ")");
        Path root = directory == null ? Files.createTempDirectory("sherd-soak-") : Files.createDirectories(directory);
        KillOptions options =
                new KillOptions(DiskMapStore.Factory.class, runs, from, root, !noControls, PATIENCE, List.of());
        KillReport report = new KillHarness(options, line -> say(out, line)).run();
        if (report.isClean() && directory == null) {
            Files.delete(root);
        }
        say(out, report.summary());
        return report.isClean() ? 0 : 1;
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
