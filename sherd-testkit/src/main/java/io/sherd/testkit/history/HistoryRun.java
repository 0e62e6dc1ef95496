package io.sherd.testkit.history;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.Transaction;
import io.sherd.TransactionConflictException;
import io.sherd.testkit.history.Observed.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Threads that read and write few keys in many ways, and the history that they leave.
 *
 * <p>Each value is written once, so it is a version. Absence must be one too: the threads go in rounds, and in a round a key may be
 * removed once, and only if it was present at its beginning. So all who find a key absent in one round have found the same
 * absence, which gets a number of its own.
 */
final class HistoryRun {
    private static final int OPERATIONS_OF_A_ROUND = 40;

    private final Registers registers;
    private final boolean transacts;
    private final int keys;
    private final int threads;
    private final int rounds;
    private final long life;
    private final Absences absences;
    private final IntFunction<Recorder> recording;
    private final AtomicIntegerArray mayBeRemoved;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    HistoryRun(Registers registers, int keys, int threads, int rounds) {
        this(registers, keys, threads, rounds, 0, Absences.inMemory(keys), number -> new Recorder("T" + number));
    }

    /**
     * A part of a longer history.
     *
     * @param life a number that no other part has
     * @param absences what absence is called, as the part before has left it
     * @param recording where the threads note what they do
     */
    HistoryRun(
            Registers registers,
            int keys,
            int threads,
            int rounds,
            long life,
            Absences absences,
            IntFunction<Recorder> recording) {
        this.registers = registers;
        this.transacts = registers.transacts();
        this.keys = keys;
        this.threads = threads;
        this.rounds = rounds;
        this.life = life;
        this.absences = absences;
        this.recording = recording;
        this.mayBeRemoved = new AtomicIntegerArray(keys);
    }

    /** Runs, and answers what was recorded. */
    List<Observed> run(SplittableRandom random) throws InterruptedException {
        CyclicBarrier barrier = new CyclicBarrier(threads, this::beginRound);
        List<Recorder> recorders = new ArrayList<>();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Recorder recorder = recording.apply(i);
            recorders.add(recorder);
            Worker worker = new Worker(i, recorder, random.split());
            Thread.Builder builder =
                    i % 3 == 2 ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
            all.add(builder.start(() -> {
                try {
                    for (int round = 0; round < rounds; round++) {
                        if (recorder.isNearlyFull()) {
                            return; // and all others wait
                        }
                        barrier.await();
                        worker.round();
                    }
                } catch (BrokenBarrierException another) {
                    return;
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                    barrier.reset();
                }
            }));
        }
        for (Thread thread : all) {
            thread.join();
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new AssertionError("a worker ended by " + thrown, thrown);
        }
        return recorders.stream().flatMap(recorder -> recorder.all().stream()).toList();
    }

    private void beginRound() {
        for (int key = 0; key < keys; key++) {
            boolean present = registers.map().containsKey(key);
            mayBeRemoved.set(key, present ? 1 : 0);
            if (present) {
                absences.renew(key);
            }
        }
    }

    /** What one thread does. */
    private final class Worker {
        private final Recorder recorder;
        private final SplittableRandom random;
        private long last;

        Worker(int number, Recorder recorder, SplittableRandom random) {
            this.recorder = recorder;
            this.random = random;
            this.last = life << 48 | (long) (number + 1) << 40;
        }

        private long version(int key, @Nullable Long value) {
            return value == null ? absences.of(key) : value;
        }

        private int key() {
            return random.nextInt(keys);
        }

        private boolean takesRemoval(int key) {
            return random.nextInt(6) == 0 && mayBeRemoved.compareAndSet(key, 1, 0);
        }

        void round() {
            for (int i = 0; i < OPERATIONS_OF_A_ROUND; i++) {
                int draw = random.nextInt(transacts ? 20 : 12);
                switch (draw) {
                    case 0, 1, 2 -> get(key());
                    case 3, 4 -> put(key());
                    case 5 -> remove(key());
                    case 6, 7 -> compute(key());
                    case 8 -> exchange(key());
                    case 9 -> putIfAbsent(key());
                    case 10, 11 -> lockAll(some());
                    default -> transact(some(), draw < 14);
                }
            }
        }

        private List<Integer> some() {
            List<Integer> shuffled =
                    new ArrayList<>(IntStream.range(0, keys).boxed().toList());
            for (int i = 0; i < shuffled.size(); i++) {
                int other = random.nextInt(i, shuffled.size());
                Integer at = shuffled.get(i);
                shuffled.set(i, shuffled.get(other));
                shuffled.set(other, at);
            }
            return List.copyOf(shuffled.subList(0, 2 + random.nextInt(Math.min(3, keys - 1))));
        }

        private void get(int key) {
            recorder.begin("get");
            recorder.read(key, version(key, registers.get(key)));
            recorder.end(Outcome.COMMITTED);
        }

        private void put(int key) {
            recorder.begin("put");
            long value = ++last;
            recorder.intend(key, value);
            recorder.read(key, version(key, registers.map().put(key, value)));
            recorder.write(key, value);
            recorder.end(Outcome.COMMITTED);
        }

        private void remove(int key) {
            if (!takesRemoval(key)) {
                get(key);
                return;
            }
            recorder.begin("remove");
            recorder.intend(key, absences.of(key));
            recorder.read(key, version(key, registers.map().remove(key)));
            recorder.write(key, absences.of(key));
            recorder.end(Outcome.COMMITTED);
        }

        private void compute(int key) {
            recorder.begin("compute");
            var _ = registers.map().compute(key, (same, old) -> {
                long value = ++last;
                recorder.read(key, version(key, old));
                recorder.write(key, value);
                return value;
            });
            recorder.end(Outcome.COMMITTED);
        }

        private void exchange(int key) {
            Long expected = registers.map().get(key);
            long value = ++last;
            recorder.begin("compareAndExchange");
            recorder.intend(key, value);
            Long witness = registers.map().compareAndExchange(key, expected, value);
            recorder.read(key, version(key, witness));
            if (expected == null ? witness == null : expected.equals(witness)) {
                recorder.write(key, value);
            }
            recorder.end(Outcome.COMMITTED);
        }

        private void putIfAbsent(int key) {
            long value = ++last;
            recorder.begin("putIfAbsent");
            recorder.intend(key, value);
            Long old = registers.map().putIfAbsent(key, value);
            recorder.read(key, version(key, old));
            if (old == null) {
                recorder.write(key, value);
            }
            recorder.end(Outcome.COMMITTED);
        }

        private void lockAll(List<Integer> some) {
            int writes = registers.together() ? some.size() : 1;
            boolean discards = random.nextInt(6) == 0;
            recorder.begin("lockAll");
            try (LockedEntries<Integer, Long> entries = registers.map().lockAll(some)) {
                for (int key : some) {
                    LockedEntry<Integer, Long> entry = entries.get(key);
                    recorder.read(key, version(key, entry.value()));
                    if (writes-- > 0 && random.nextBoolean()) {
                        entry.setValue(++last);
                        recorder.write(key, last);
                    }
                }
                if (discards) {
                    entries.discard();
                }
            }
            recorder.end(discards ? Outcome.ABORTED : Outcome.COMMITTED);
        }

        private void transact(List<Integer> some, boolean readsOnly) {
            boolean aborts = random.nextInt(8) == 0;
            Integer removal = !readsOnly && takesRemoval(some.getFirst()) ? some.getFirst() : null;
            boolean[] writes = new boolean[some.size()];
            for (int i = 0; i < writes.length; i++) {
                writes[i] = !readsOnly && random.nextBoolean();
            }
            try {
                Object done = registers.transact(tx -> {
                    recorder.begin("transact");
                    body(tx, some, writes, removal);
                    if (aborts) {
                        throw tx.abort();
                    }
                    return true;
                });
                recorder.end(done == null ? Outcome.ABORTED : Outcome.COMMITTED);
            } catch (TransactionConflictException late) {
                recorder.end(Outcome.ABORTED);
            }
        }

        private void body(
                Transaction<Integer, Long> tx, List<Integer> some, boolean[] writes, @Nullable Integer removal) {
            if (IntStream.range(0, writes.length).noneMatch(i -> writes[i]) && removal == null) {
                var found = tx.getAll(some);
                some.forEach(key -> recorder.read(key, version(key, found.get(key))));
                return;
            }
            for (int i = 0; i < writes.length; i++) {
                int key = some.get(i);
                recorder.read(key, version(key, tx.get(key)));
                if (removal != null && removal == key) {
                    recorder.read(key, version(key, tx.remove(key)));
                    recorder.write(key, absences.of(key));
                } else if (writes[i]) {
                    long value = ++last;
                    recorder.read(key, version(key, tx.put(key, value)));
                    recorder.write(key, value);
                }
            }
            int again = some.get(some.size() - 1);
            recorder.read(again, version(again, tx.get(again)));
        }
    }

    @Override
    public String toString() {
        return "keys=" + keys + " threads=" + threads + " rounds=" + rounds;
    }
}
