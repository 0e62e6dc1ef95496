package io.sherd.disk.soak;

import io.sherd.SnapshotMode;
import io.sherd.testkit.soak.Instants;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./soak instants}: a snapshot of the heap map is one instant, whatever writers do meanwhile. */
@Command(
        name = "instants",
        description =
                "Takes snapshots of a heap map while writers keep invariants over several keys, and checks that none"
                        + " violates one; snapshots in the mode CLONE must be found out.",
        showDefaultValues = true)
final class InstantsProof implements Callable<Integer> {
    private static final int CONTROL_RUNS = 300;

    @Mixin
    private SeedOptions options;

    @Option(names = "--runs", paramLabel = "N", description = "How many snapshots to take.", defaultValue = "10000")
    private int runs;

    @Override
    public Integer call() throws Exception {
        options.requirePositive("--runs", runs);
        long from = options.start("instants", runs);
        Instants.Result control = new Instants(SnapshotMode.CLONE, 64, false, from).run(CONTROL_RUNS);
        options.say("control, CLONE: " + control.wrong() + " of " + control.snapshots() + " wrong; "
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
            options.say(String.format(
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
        options.say("instants: " + snapshots + " snapshots, " + writes + " operations, " + wrong + " wrong, "
                + (caught ? 1 : 0) + " of 1 controls caught");
        return wrong == 0 && caught ? 0 : 1;
    }
}
