package io.sherd.disk.soak;

import io.sherd.ShardedMap;
import io.sherd.testkit.history.HistoryReport;
import io.sherd.testkit.history.HistoryRuns;
import io.sherd.testkit.history.Registers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./soak serializable}: recorded histories have a serial order, and money is conserved. */
@Command(
        name = "serializable",
        description =
                "Records what threads do to maps in transactions and otherwise, and checks that there is a serial order"
                        + " in the order of time which explains it; then transfers money and checks its sum.",
        showDefaultValues = true)
final class Serializable implements Callable<Integer> {
    @Mixin
    private SeedOptions options;

    @Option(names = "--runs", paramLabel = "N", description = "How many histories.", defaultValue = "500")
    private int runs;

    @Option(
            names = "--kills",
            paramLabel = "N",
            description = "How often to kill the process of a disk map, beside that.",
            defaultValue = "100")
    private int kills;

    @Override
    public Integer call() throws Exception {
        options.requirePositive("--runs", runs);
        options.requirePositive("--kills", kills);
        long seed = options.start("serializable", runs);
        Path root = options.temporary();
        List<Supplier<Registers>> maps = List.of(
                () -> new Registers(ShardedMap.onHeap().build(), true, () -> {}),
                () -> new Registers(
                        ShardedMap.onHeap().shards(1).hasher(key -> 7).build(), true, () -> {}),
                () -> new Registers(ShardedMap.onHeap().hasher(Object::hashCode).build(), true, () -> {}),
                new DiskRegisters(root));
        HistoryReport report = new HistoryRuns(maps, seed, options::say).run(runs);
        options.say(report.summary());
        HistoryKills.Report killed = new HistoryKills(root, seed, options::say).run(kills);
        boolean clean = report.isClean() && killed.isClean();
        if (clean) {
            SeedOptions.delete(root);
        }
        options.say(report.summary() + "; over kills: " + killed.summary());
        return clean ? 0 : 1;
    }
}
