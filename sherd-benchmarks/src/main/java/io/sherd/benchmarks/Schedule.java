package io.sherd.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a plan: all forks once, then all again, as many rounds as were asked for. Within a condition the systems run one
 * after the other, another one first in each round, so that a drift of the machine hits all. The rows so far are written
 * after every round; an interrupted run has a result.
 */
final class Schedule {
    private static final Duration FORK_LIMIT = Duration.ofMinutes(30);

    private final List<List<Fork>> plan;
    private final int rounds;
    private final @Nullable Duration limit;
    private final Path out;
    private final PrintWriter progress;
    private final Map<RowKey, List<Double>> samples = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    /**
     * Describes a run.
     *
     * @param plan the forks
     * @param rounds how many rounds
     * @param limit after how long everything ends, or null
     * @param out where the rows go
     * @param progress where the progress lines go
     */
    Schedule(List<List<Fork>> plan, int rounds, @Nullable Duration limit, Path out, PrintWriter progress) {
        this.plan = plan;
        this.rounds = rounds;
        this.limit = limit;
        this.out = out;
        this.progress = progress;
    }

    /** Runs everything. */
    void run() throws IOException, InterruptedException {
        long began = System.nanoTime();
        for (int round = 0; round < rounds; round++) {
            for (List<Fork> condition : plan) {
                for (int turn = 0; turn < condition.size(); turn++) {
                    Fork fork = condition.get((turn + round) % condition.size());
                    if (fork.rounds(rounds) <= round) {
                        continue;
                    }
                    Duration left = left(began);
                    if (!left.isPositive()) {
                        progress.printf(
                                "the time is up in round %d of %d: no further measurement%n", round + 1, rounds);
                        write();
                        return;
                    }
                    run(fork, round, left);
                }
            }
            write();
        }
    }

    /** How long the next fork may take. */
    private Duration left(long began) {
        return limit == null ? FORK_LIMIT : limit.minusNanos(System.nanoTime() - began);
    }

    private void run(Fork fork, int round, Duration left) throws InterruptedException {
        long began = System.nanoTime();
        String title = String.format(Locale.ROOT, "%d/%d %s %s", round + 1, rounds, fork.label(), fork.system());
        try {
            List<Sample> measured = fork.run(left);
            StringBuilder line = new StringBuilder(title).append(':');
            for (Sample sample : measured) {
                samples.computeIfAbsent(sample.key(), key -> new ArrayList<>()).add(sample.value());
                line.append(String.format(
                        Locale.ROOT,
                        " %s %.4g %s;",
                        sample.key().workload(),
                        sample.value(),
                        sample.key().unit()));
            }
            progress.printf("%s (%.1f s)%n", line.substring(0, line.length() - 1), (System.nanoTime() - began) / 1e9);
        } catch (IOException e) {
            if (limit != null && System.nanoTime() - began >= left.toNanos()) {
                progress.println(title + " was cut off");
                return;
            }
            failures.add(title);
            progress.println(title + " FAILED: " + e.getMessage());
        }
    }

    private void write() throws IOException {
        RowFile.write(out, rows());
    }

    /** The rows so far, in the order in which their conditions were first met. */
    Collection<Row> rows() {
        List<Row> rows = new ArrayList<>();
        samples.forEach((key, values) -> rows.add(Row.of(key, values)));
        return rows;
    }

    /** The titles of the forks that failed. */
    List<String> failures() {
        return List.copyOf(failures);
    }
}
