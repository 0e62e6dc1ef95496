package io.sherd.disk.soak;

import io.sherd.testkit.soak.ImageHarness;
import io.sherd.testkit.soak.ImageReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

    @Mixin
    private SeedOptions options;

    @Option(names = "--runs", paramLabel = "N", description = "How many images to damage.", defaultValue = "10000")
    private int runs;

    @Override
    public Integer call() throws IOException, InterruptedException {
        options.requirePositive("--runs", runs);
        long from = options.start("images", runs);
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
                options.say("images: hangs");
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
