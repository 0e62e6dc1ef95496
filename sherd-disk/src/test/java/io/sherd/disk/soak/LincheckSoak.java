package io.sherd.disk.soak;

import io.sherd.testkit.lincheck.HeapTransactions;
import java.util.concurrent.Callable;
import org.jetbrains.lincheck.LincheckAssertionError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./soak lincheck}: transactions among everything else, by stress. */
@Command(
        name = "lincheck",
        description =
                "Runs scenarios of transactions, holds and writes on heap maps by Lincheck, with real threads, until there were so many runs."
                        + " Lincheck draws them itself and takes no seed.",
        showDefaultValues = true)
final class LincheckSoak implements Callable<Integer> {
    @Mixin
    private SeedOptions options;

    @Option(names = "--runs", paramLabel = "N", description = "How many runs of scenarios.", defaultValue = "1000000")
    private int runs;

    @Override
    public Integer call() {
        options.requirePositive("--runs", runs);
        try {
            long done = HeapTransactions.check(runs, options::say);
            options.say("lincheck: runs=" + done + " wrong=0");
            return 0;
        } catch (LincheckAssertionError found) {
            options.say(String.valueOf(found.getMessage()));
            options.say("lincheck: wrong=1");
            return 1;
        }
    }
}
