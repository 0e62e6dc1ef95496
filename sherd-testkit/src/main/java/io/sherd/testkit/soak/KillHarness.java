package io.sherd.testkit.soak;

import io.sherd.testkit.soak.Fault.Catch;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Kills a writing process again and again, and lets each next process check what the one before left.
 *
 * <p>The runs come in <em>episodes</em>: one directory with one set of settings, from creation through some kills to a last
 * check and a clean close. The directory holds the store and a {@link Ledger} of what was promised; the ledger is a mapped
 * file, so that it is as current as the process was. A child
 *
 * <ol>
 *   <li>opens the store, which recovers,
 *   <li>compares every key with the ledger: it must be what the last write that returned left, or what the one in flight
 *       was to leave; then the size, and a traversal against the reads,
 *   <li>starts writers, each with keys of its own and counters shared by all, a reader, sometimes a thread that forces,
 *   <li>is killed: while it creates or recovers, writes, or closes; at times it closes undisturbed.
 * </ol>
 *
 * <p>Before that, each {@link Fault} is planted in the same store, and must show within some runs.
 *
 * <p>Settings, plans and the operations of each thread follow from the seed. How far threads got when the kill arrived does
 * not: a replay repeats the same attempts, not the same instant.
 */
public final class KillHarness {
    private static final int LONGEST_EPISODE = 16;
    private static final int CONTROL_RUNS = 12;
    private static final Duration CONTROL_PATIENCE = Duration.ofSeconds(5);

    private final KillOptions options;
    private final Consumer<String> log;
    private int runs;
    private int kills;
    private long operations;
    private long acknowledged;
    private long lost;
    private long wrong;
    private int hangs;
    private int errors;
    private int controls;
    private int caught;

    /**
     * Prepares a run.
     *
     * @param options what to do
     * @param log gets lines for a person to read
     */
    public KillHarness(KillOptions options, Consumer<String> log) {
        this.options = options;
        this.log = log;
    }

    /**
     * Runs the controls, then episodes until enough children were killed or something was found.
     *
     * @return the figures
     * @throws IOException if a child cannot be started or a directory cannot be used
     * @throws InterruptedException if the thread is interrupted
     */
    public KillReport run() throws IOException, InterruptedException {
        if (options.controls()) {
            // not from the same random numbers as the episodes, so that these stay the same without controls
            Random seeds = new Random(~options.seed());
            for (Fault fault : Fault.values()) {
                if (fault != Fault.NONE) {
                    control(fault, seeds.nextLong());
                }
            }
        }
        Random random = new Random(options.seed());
        // a child may end before its kill arrives; a store for which all of them do is not worth waiting for
        int most = 2 * options.kills() + LONGEST_EPISODE;
        for (int episode = 0; kills < options.kills() && runs < most && found() == 0; episode++) {
            episode(episode, random.nextLong());
        }
        return new KillReport(runs, kills, operations, acknowledged, lost, wrong, hangs, errors, controls, caught);
    }

    private long found() {
        return lost + wrong + hangs + errors;
    }

    private void control(Fault fault, long seed) throws IOException, InterruptedException {
        controls++;
        Path directory = Files.createDirectories(options.directory().resolve("control-" + fault));
        Random random = new Random(seed);
        StoreSettings settings = StoreSettings.draw(random).withoutSync();
        // only the fault that hangs waits for its watchdog; a slow machine must not make the others look like it
        Duration patience = fault.expected() == Catch.HANG ? CONTROL_PATIENCE : options.patience();
        boolean shown = false;
        for (int run = 0; run < CONTROL_RUNS && !shown; run++) {
            KillPlan plan = fault.expected() == Catch.HANG ? KillPlan.check(run) : KillPlan.busy(run, random);
            RunResult result = KillRun.run(options, patience, directory, settings, plan, fault, seed);
            shown = result.shows(fault.expected());
            if (!shown && !result.isClean()) {
                log.accept("control " + fault + ", " + plan + ":");
                result.text().forEach(log);
                break;
            }
        }
        if (shown) {
            caught++;
        }
        log.accept("control " + fault + " (" + fault.description() + "): " + (shown ? "caught" : "NOT CAUGHT"));
        delete(directory);
    }

    private void episode(int number, long seed) throws IOException, InterruptedException {
        Path directory = Files.createDirectories(options.directory().resolve("episode-" + number));
        Random random = new Random(seed);
        StoreSettings settings = StoreSettings.draw(random);
        int length = 1 + random.nextInt(LONGEST_EPISODE);
        int killsBefore = kills;
        boolean clean = true;
        int run = 0;
        for (; run < length && kills < options.kills() && clean; run++) {
            clean = run(directory, settings, KillPlan.draw(run, random), seed);
        }
        if (clean) {
            clean = run(directory, settings, KillPlan.check(run), seed);
        }
        Ledger ledger = Ledger.open(directory.resolve("ledger"), settings.keys());
        operations += ledger.operations();
        acknowledged += ledger.acknowledgedOperations();
        log.accept("episode " + number + ": " + settings + ", kills " + (kills - killsBefore) + ", operations "
                + ledger.operations() + (clean ? "" : "; its files stay in " + directory));
        if (clean) {
            delete(directory);
        }
    }

    private boolean run(Path directory, StoreSettings settings, KillPlan plan, long seed)
            throws IOException, InterruptedException {
        RunResult result = KillRun.run(options, options.patience(), directory, settings, plan, Fault.NONE, seed);
        runs++;
        kills += result.killed() ? 1 : 0;
        lost += result.lost();
        wrong += result.wrong();
        hangs += result.hung() ? 1 : 0;
        errors += result.failed() ? 1 : 0;
        if (!result.isClean()) {
            log.accept("found by " + plan + " in " + directory + ":");
            result.text().forEach(log);
        }
        return result.isClean();
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
