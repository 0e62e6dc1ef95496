package io.sherd.disk.soak;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the proofs have in common: the help, the seed, and how they speak. */
final class SeedOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Option(names = "--seed", paramLabel = "S", description = "What everything is drawn from; random if not given.")
    private @Nullable Long seed;

    void requirePositive(String name, int value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), name + ": " + value + " given, but at least 1 is needed");
        }
    }

    /** Prints the seed. */
    long start(String name, int runs) {
        long from = seed == null ? RandomGenerator.getDefault().nextLong() : seed;
        say("seed: " + from + " (again: ./soak " + name + " --runs " + runs + " --seed " + from + ")");
        return from;
    }

    Path temporary() throws IOException {
        return Files.createTempDirectory("sherd-soak-");
    }

    static void delete(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        }
    }

    void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        synchronized (out) {
            out.println(line);
            out.flush();
        }
    }
}
