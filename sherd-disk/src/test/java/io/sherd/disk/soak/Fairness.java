package io.sherd.disk.soak;

import io.sherd.ShardedMap;
import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.testkit.storm.Starvation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./soak fairness}: how often who waits for a key is overtaken. */
@Command(
        name = "fairness",
        description =
                "Lets threads take one key without a pause, and another one wait for it, and says how often that was overtaken and how long"
                        + " it waited at most. How threads meet is up to the system; the seed is not used.",
        showDefaultValues = true)
final class Fairness implements Callable<Integer> {
    /** If a hold takes longer than a waiter has patience: a few, and what a thread that is not scheduled misses. */
    private static final int MOST = 50;

    /** However short the holds are. */
    private static final Duration LONGEST = Duration.ofSeconds(2);

    @Mixin
    private SeedOptions options;

    @Option(names = "--runs", paramLabel = "N", description = "How many waits of each kind.", defaultValue = "2000")
    private int runs;

    @Override
    public Integer call() throws Exception {
        options.requirePositive("--runs", runs);
        Path root = options.temporary();
        long most = 0;
        Duration longest = Duration.ZERO;
        int starved = 0;
        try (DiskMap<Integer, Long> disk =
                DiskMap.builder(Codecs.int32(), Codecs.int64()).open(root.resolve("map"))) {
            ShardedMap<Integer, Long> heap = ShardedMap.onHeap().build();
            for (ShardedMap<Integer, Long> map : List.of(heap, disk)) {
                for (Starvation.Means means : Starvation.Means.values()) {
                    for (Duration hold : new Duration[] {Duration.ZERO, Duration.ofMillis(2)}) {
                        Starvation.Report report = new Starvation(map, 3, hold).run(runs, means);
                        boolean bad = report.longest().compareTo(LONGEST) > 0
                                || (!hold.isZero() && report.mostOvertaken() > MOST);
                        starved += bad ? 1 : 0;
                        most = hold.isZero() ? most : Math.max(most, report.mostOvertaken());
                        longest = longest.compareTo(report.longest()) < 0 ? report.longest() : longest;
                        options.say((map instanceof DiskMap ? "disk map" : "heap map") + ", holds of " + hold.toMillis()
                                + " ms, "
                                + means + ": overtaken at most " + report.mostOvertaken() + " times, longest wait "
                                + report.longest().toNanos() / 1_000 + " us");
                    }
                }
            }
        }
        SeedOptions.delete(root);
        options.say("fairness: waits=" + 12L * runs + " overtaken at most " + most
                + " times by holds of 2 ms, longest wait " + longest.toMillis() + " ms, starved=" + starved);
        return starved == 0 ? 0 : 1;
    }
}
