package io.sherd.testkit.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A history over several lives of one map, each but the last ended by a kill of its process.
 *
 * <p>What each thread does stands in a {@link Journal}. An operation that was in flight at the kill has an unknown outcome: if anybody
 * finds what it wrote, in this life or a later one, it has committed as a whole, else it has not. Each life begins with looks at all keys: in a
 * transaction, one by one, and by a traversal. All lives are checked as one history. So a commit that returned and is not there any more
 * is a fault ({@link Anomaly.Kind#REAL_TIME} or older reads), and half of one is a read skew.
 *
 * <p>The times of all processes are those of one clock, {@link System#nanoTime}, which on Linux is the same for all.
 */
public final class KilledHistory {
    /** More than a life has. */
    private static final int ENDLESS = Integer.MAX_VALUE;

    private final Path directory;
    private final int keys;
    private final int threads;
    private final List<Observed> all = new ArrayList<>();
    private long unknown;
    private long lastKill = Long.MIN_VALUE;

    /**
     * A history of the keys from 0 on.
     *
     * @param directory where the journals are, beside the map
     * @param keys how many keys
     * @param threads how many threads use them
     */
    public KilledHistory(Path directory, int keys, int threads) {
        this.directory = directory;
        this.keys = keys;
        this.threads = threads;
    }

    private Path journal(int life, int thread) {
        return directory.resolve("life-" + life + "-thread-" + thread);
    }

    private Absences absences() {
        return new Absences(Journal.words(directory.resolve("absences"), keys + 1), keys);
    }

    /**
     * Lives until killed, or until the journals are full: to be called in the process that is killed.
     *
     * @param registers the map as it was found
     * @param life the number of this life
     * @param seed what the threads draw from
     * @param looked what to do after the looks, before the threads begin
     * @throws InterruptedException if the thread is interrupted
     */
    public void live(Registers registers, int life, long seed, Runnable looked) throws InterruptedException {
        Absences absences = absences();
        look(registers, new Recorder("", Journal.create(journal(life, threads))), absences);
        looked.run();
        new HistoryRun(
                        registers,
                        keys,
                        threads,
                        ENDLESS,
                        life,
                        absences,
                        thread -> new Recorder("", Journal.create(journal(life, thread))))
                .run(new SplittableRandom(seed));
    }

    private void look(Registers registers, Recorder recorder, Absences absences) {
        List<Integer> every = IntStream.range(0, keys).boxed().toList();
        registers.transact(tx -> {
            recorder.begin("look");
            Map<Integer, Long> found = tx.getAll(every);
            every.forEach(key -> recorder.read(key, version(found.get(key), key, absences)));
            return true;
        });
        recorder.end(Observed.Outcome.COMMITTED);
        for (int key : every) {
            recorder.begin("get");
            recorder.read(key, version(registers.get(key), key, absences));
            recorder.end(Observed.Outcome.COMMITTED);
        }
        Long[] walked = new Long[keys];
        registers.map().forEach((key, value) -> {
            if (key < keys) {
                walked[key] = value;
            }
        });
        recorder.begin("traversal");
        every.forEach(key -> recorder.read(key, version(walked[key], key, absences)));
        recorder.end(Observed.Outcome.COMMITTED);
    }

    private static long version(@Nullable Long value, int key, Absences absences) {
        return value == null ? absences.of(key) : value;
    }

    /**
     * Takes in what a life left, after it was killed.
     *
     * @param life its number; one after the other
     * @throws IOException if its journals cannot be deleted
     */
    public void ended(int life) throws IOException {
        long killedAt = System.nanoTime();
        for (int thread = 0; thread <= threads; thread++) {
            Path file = journal(life, thread);
            for (Observed observed : Journal.readAll(file, "L" + life + "T" + thread, killedAt)) {
                if (observed.began() < lastKill) {
                    throw new IllegalStateException("the clocks of processes differ here: " + observed
                            + " began before " + lastKill + ", when the life before had ended");
                }
                unknown += observed.outcome() == Observed.Outcome.UNKNOWN ? 1 : 0;
                all.add(observed);
            }
            Files.deleteIfExists(file);
        }
        lastKill = killedAt;
    }

    /**
     * Judges all lives, with a last look at what is there.
     *
     * @param registers the map as the last life left it
     * @return what is wrong
     */
    public List<Anomaly> check(Registers registers) {
        Recorder last = new Recorder("end");
        look(registers, last, absences());
        all.addAll(last.all());
        return SerializabilityChecker.check(all);
    }

    /**
     * How much was recorded.
     *
     * @return operations, attempts in vain among them
     */
    public long operations() {
        return all.size();
    }

    /**
     * How many were in flight when their process was killed.
     *
     * @return operations of unknown outcome
     */
    public long unknown() {
        return unknown;
    }
}
