package io.sherd.disk.soak;

import io.sherd.disk.lincheck.DiskTransactions;
import io.sherd.testkit.lincheck.AsyncOperations;
import io.sherd.testkit.lincheck.HeapTransactions;
import io.sherd.testkit.lincheck.LincheckMix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jetbrains.lincheck.LincheckAssertionError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./soak lincheck}: transactions among everything else, on maps of both kinds, by stress. */
@Command(
        name = "lincheck",
        description =
                "Runs scenarios of transactions, holds, plain and asynchronous writes on heap and disk maps by Lincheck, with real threads, until there were so many runs."
                        + " Lincheck draws them itself and takes no seed.",
        showDefaultValues = true)
final class LincheckSoak implements Callable<Integer> {
    @Mixin
    private SeedOptions options;

    @Option(names = "--runs", paramLabel = "N", description = "How many runs of scenarios.", defaultValue = "1000000")
    private int runs;

    @Override
    public Integer call() throws Exception {
        options.requirePositive("--runs", runs);
        Path root = options.temporary();
        try (DiskTransactions _ = DiskTransactions.open(root)) {
            List<Class<? extends AsyncOperations>> states = new ArrayList<>(HeapTransactions.all());
            states.addAll(DiskTransactions.all());
            long done = LincheckMix.check(states, runs, options::say);
            options.say("lincheck: runs=" + done + " wrong=0");
            return 0;
        } catch (LincheckAssertionError found) {
            options.say(String.valueOf(found.getMessage()));
            options.say("lincheck: wrong=1");
            return 1;
        } finally {
            SeedOptions.delete(root);
        }
    }
}
