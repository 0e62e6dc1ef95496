package io.sherd.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench SUITE}: measures, writes the rows, prints the ratios. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
final class SuiteCommand implements Callable<Integer> {
    private static final Duration QUICK_LIMIT = Duration.ofSeconds(285);

    private final Suite suite;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--quick", description = "End within five minutes: the main conditions only, fewer rounds.")
    private boolean quick;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where to write the rows; default target/bench-SUITE.json of the repository.")
    private @Nullable Path out;

    @Option(names = "--workloads", split = ",", paramLabel = "NAME", description = "Which workloads.")
    private @Nullable List<String> workloads;

    @Option(names = "--systems", split = ",", paramLabel = "NAME", description = "Whom to measure.")
    private @Nullable List<String> systems;

    @Option(names = "--keys", split = ",", paramLabel = "KIND", description = "Kinds of keys: long, string24.")
    private @Nullable List<String> keys;

    @Option(names = "--entries", split = ",", paramLabel = "N", description = "Sizes, for example 1e3,1e6.")
    private @Nullable List<String> entries;

    @Option(
            names = "--threads",
            split = ",",
            paramLabel = "N",
            description = "Numbers of threads; 64v for virtual ones.")
    private @Nullable List<String> threads;

    @Option(
            names = "--gc",
            split = ",",
            paramLabel = "NAME",
            description = "Garbage collectors: G1, Parallel, Z, Serial.")
    private @Nullable List<String> collectors;

    @Option(names = "--rounds", paramLabel = "N", description = "How often to run each fork.")
    private @Nullable Integer rounds;

    @Option(names = "--heap", paramLabel = "SIZE", description = "The heap of each fork, for example 4g.")
    private @Nullable String heap;

    @Option(names = "--beside", description = "Run although another benchmark runs on this machine.")
    private boolean beside;

    SuiteCommand(Suite suite) {
        this.suite = suite;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Selection selection = selection();
        Path root = Path.of(System.getProperty("sherd.root", ""));
        Path file = out != null ? out : root.resolve("target").resolve("bench-" + suite.name() + ".json");
        PrintWriter progress = spec.commandLine().getErr();
        // our lock, below, speaks for the bulk harness as well, which JMH's own does not know of
        System.setProperty("jmh.ignoreLock", "true");
        try (FileChannel channel = FileChannel.open(
                        Path.of(System.getProperty("java.io.tmpdir"), "sherd-bench.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            if (lock == null && !beside) {
                progress.println(
                        "Another benchmark runs on this machine, and both would measure each other. Wait for it, or"
                                + " add --beside when the figures do not matter.");
                return 1;
            }
            return run(selection, root, file, progress);
        }
    }

    private int run(Selection selection, Path root, Path file, PrintWriter progress)
            throws IOException, InterruptedException {
        Workplace workplace = Workplace.under(root);
        try {
            Conditions.print(suite, selection, progress);
            Schedule schedule = new Schedule(
                    suite.plan(selection, workplace), selection.rounds(), quick ? QUICK_LIMIT : null, file, progress);
            schedule.run();
            PrintWriter answer = spec.commandLine().getOut();
            answer.print(RatioTable.render(schedule.rows()));
            answer.flush();
            progress.println("rows: " + file);
            schedule.failures().forEach(failure -> progress.println("failed: " + failure));
            return schedule.failures().isEmpty() ? 0 : 1;
        } finally {
            workplace.remove();
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private Selection selection() {
        Selection defaults = suite.defaults(quick);
        try {
            return new Selection(
                    quick,
                    known("workloads", workloads, suite.workloads(), defaults.workloads()),
                    keys == null
                            ? defaults.keys()
                            : keys.stream().map(KeyKind::of).toList(),
                    entries == null
                            ? defaults.entries()
                            : entries.stream().map(SuiteCommand::count).toList(),
                    threads == null
                            ? defaults.threads()
                            : threads.stream().map(ThreadCount::of).toList(),
                    known("systems", systems, suite.systems(), defaults.systems()),
                    collectors == null
                            ? defaults.collectors()
                            : collectors.stream().map(Collector::of).toList(),
                    rounds(defaults),
                    heap == null ? defaults.heap() : heap);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private int rounds(Selection defaults) {
        if (rounds == null) {
            return defaults.rounds();
        }
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds: " + rounds + " given, but at least 1 is wanted");
        }
        return rounds;
    }

    private static List<String> known(
            String option, @Nullable List<String> given, List<String> all, List<String> defaults) {
        if (given == null) {
            return defaults;
        }
        for (String name : given) {
            if (!all.contains(name)) {
                throw new IllegalArgumentException(option + ": " + name + " given, but one of " + all + " is wanted");
            }
        }
        // in the order of the suite, so that tables of different runs look alike
        return all.stream().filter(given::contains).toList();
    }

    /** A whole number that may be written with an exponent. */
    private static int count(String text) {
        double value = Double.parseDouble(text);
        if (value != Math.rint(value) || value < 1 || value > 1e9) {
            throw new IllegalArgumentException("entries: " + text + " given, but a whole number from 1 up is wanted");
        }
        return (int) value;
    }
}
