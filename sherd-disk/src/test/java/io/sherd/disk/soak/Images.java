package io.sherd.disk.soak;

import io.sherd.testkit.soak.ImageHarness;
import io.sherd.testkit.soak.ImageReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./soak images}: a damaged image is refused, or is what it was. */
@Command(
        name = "images",
        description =
                "Damages images, by accident and on purpose, and checks that each is refused or equal to the original,"
                        + " in a JVM with a heap of 48 MiB.",
        showDefaultValues = true)
final class Images implements Callable<Integer> {
    private static final String HEAP = "-Xmx48m";
    private static final long HANGS_AFTER_SECONDS = 3600;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Option(names = "--runs", paramLabel = "N", description = "How many images to damage.", defaultValue = "10000")
    private int runs;

    @Option(names = "--seed", paramLabel = "S", description = "What everything is drawn from; random if not given.")
    private @Nullable Long seed;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (runs < 1) {
            throw new ParameterException(spec.commandLine(), "--runs: " + runs + " given, but at least 1 is needed");
        }
        PrintWriter out = spec.commandLine().getOut();
        long from = seed == null ? RandomGenerator.getDefault().nextLong() : seed;
        out.println("seed: " + from + " (again: ./soak images --runs " + runs + " --seed " + from + ")");
        out.flush();
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Images.class.getName(),
                        Integer.toString(runs),
                        Long.toString(from)))
                .inheritIO()
                .start();
        try {
            if (!child.waitFor(HANGS_AFTER_SECONDS, TimeUnit.SECONDS)) {
                out.println("images: hangs");
                return 1;
            }
            return child.exitValue() == 0 ? 0 : 1;
        } finally {
            child.destroyForcibly();
        }
    }

    /**
     * The child.
     *
     * @param args the number of runs, and the seed
     */
    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory("sherd-soak-images-");
        ImageReport report = new ImageHarness(
                        Long.parseLong(args[0]), Long.parseLong(args[1]), directory, System.out::println)
                .run();
        Files.delete(directory);
        System.out.println(report.summary());
        System.exit(report.isClean() ? 0 : 1);
    }
}
