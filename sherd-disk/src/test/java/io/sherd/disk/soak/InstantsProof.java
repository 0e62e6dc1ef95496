package io.sherd.disk.soak;

import io.sherd.SnapshotMode;
import io.sherd.testkit.soak.Instants;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./soak instants}: a snapshot of the heap map is one instant, whatever writers do meanwhile. */
@Command(
        name = "instants",
        description =
                "Takes snapshots of a heap map while writers keep invariants over several keys, and checks that none"
                        + " violates one; snapshots in the mode CLONE must be found out.",
        showDefaultValues = true)
final class InstantsProof implements Callable<Integer> {
    private static final int CONTROL_RUNS = 300;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Option(names = "--runs", paramLabel = "N", description = "How many snapshots to take.", defaultValue = "10000")
    private int runs;

    @Option(names = "--seed", paramLabel = "S", description = "What everything is drawn from; random if not given.")
    private @Nullable Long seed;

    @Override
    public Integer call() throws Exception {
        if (runs < 1) {
            throw new ParameterException(spec.commandLine(), "--runs: " + runs + " given, but at least 1 is needed");
        }
        PrintWriter out = spec.commandLine().getOut();
        long from = seed == null ? RandomGenerator.getDefault().nextLong() : seed;
        say(out, "seed: " + from + " (again: ./soak instants --runs " + runs + " --seed " + from + ")");
        Instants.Result control = new Instants(SnapshotMode.CLONE, 64, false, from).run(CONTROL_RUNS);
        say(
                out,
                "control, CLONE: " + control.wrong() + " of " + control.snapshots() + " wrong; "
                        + control.firstWrong());
        int snapshots = 0;
        long writes = 0;
        long wrong = 0;
        int settings = 8;
        for (int setting = 0; setting < settings && snapshots < runs; setting++) {
            SnapshotMode mode = setting % 2 == 0 ? SnapshotMode.COW : SnapshotMode.CACHED;
            int shards = (setting & 2) == 0 ? 64 : 1;
            boolean objects = (setting & 4) != 0;
            int count = (runs - snapshots + settings - setting - 1) / (settings - setting);
            Instants.Result result = new Instants(mode, shards, objects, from + setting).run(count);
            say(
                    out,
                    String.format(
                            Locale.ROOT,
                            "%s, %d shards at first, %s: %d snapshots, %d writes, %d wrong%s",
                            mode,
                            shards,
                            objects ? "strings" : "integers",
                            result.snapshots(),
                            result.writes(),
                            result.wrong(),
                            result.wrong() == 0 ? "" : "; first: " + result.firstWrong()));
            snapshots += result.snapshots();
            writes += result.writes();
            wrong += result.wrong();
        }
        boolean caught = control.wrong() > 0;
        say(
                out,
                "instants: " + snapshots + " snapshots, " + writes + " operations, " + wrong + " wrong, "
                        + (caught ? 1 : 0) + " of 1 controls caught");
        return wrong == 0 && caught ? 0 : 1;
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
