package io.sherd.testkit.soak;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What was promised, in a mapped file that outlives a killed process.
 *
 * <p>For each key there are two words: what the last write that returned left, and what the last write that began will
 * leave. A writer stores the second word, writes to the store, then stores the first. Each key has one writer at a time,
 * so after a kill the store must hold one of the two, and must hold the first when they are equal. A word is a
 * <em>state</em>: a version and whether the key is present at that version.
 *
 * <p>Counters are incremented by all threads. Each thread keeps how many increments it began and how many returned; the
 * value must lie between the sums. After a crash a counter's uncertain increments are settled by writing a second bank
 * of words and then turning the bank's number, a single store.
 *
 * <p>{@code [magic] [begun, done per thread] [acknowledged, intended per key] [bank, 2 x (base, begun.., done..) per counter]}
 */
final class Ledger {
    /** How many counters there are; their keys follow the other keys. */
    static final int COUNTERS = 32;

    /** The largest number of threads. */
    static final int THREADS = 16;

    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final long TALLIES = 64;
    private static final long TALLY_BYTES = 64;
    private static final long STATES = TALLIES + THREADS * TALLY_BYTES;
    private static final long STATE_BYTES = 2 * Long.BYTES;
    private static final long BANK_BYTES = (1 + 2 * THREADS) * (long) Long.BYTES;
    private static final long COUNTER_BYTES = Long.BYTES + 2 * BANK_BYTES;

    private final MemorySegment words;
    private final int keys;

    private Ledger(MemorySegment words, int keys) {
        this.words = words;
        this.keys = keys;
    }

    static Ledger open(Path file, int keys) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long bytes = STATES + keys * STATE_BYTES + COUNTERS * COUNTER_BYTES;
            return new Ledger(channel.map(MapMode.READ_WRITE, 0, bytes, Arena.ofAuto()), keys);
        }
    }

    static long present(long version) {
        return version << 1 | 1;
    }

    static long absent(long version) {
        return version << 1;
    }

    static boolean isPresent(long state) {
        return (state & 1) != 0;
    }

    static long version(long state) {
        return state >>> 1;
    }

    static String describe(long state) {
        return state == 0 ? "never written" : (isPresent(state) ? "version " : "removed at ") + version(state);
    }

    long acknowledged(int key) {
        return load(STATES + key * STATE_BYTES);
    }

    long intended(int key) {
        return load(STATES + key * STATE_BYTES + Long.BYTES);
    }

    void intend(int thread, int key, long state) {
        store(STATES + key * STATE_BYTES + Long.BYTES, state);
        add(TALLIES + thread * TALLY_BYTES);
    }

    void acknowledge(int thread, int key, long state) {
        store(STATES + key * STATE_BYTES, state);
        add(TALLIES + thread * TALLY_BYTES + Long.BYTES);
    }

    /** Settles a key on the state that was found in the store; each of the two stores alone leaves a right ledger. */
    void settle(int key, long state) {
        store(STATES + key * STATE_BYTES, state);
        store(STATES + key * STATE_BYTES + Long.BYTES, state);
    }

    void beginIncrement(int thread, int counter) {
        add(bank(counter, bankNumber(counter)) + (1 + thread) * (long) Long.BYTES);
        add(TALLIES + thread * TALLY_BYTES);
    }

    void endIncrement(int thread, int counter) {
        add(bank(counter, bankNumber(counter)) + (1 + THREADS + thread) * (long) Long.BYTES);
        add(TALLIES + thread * TALLY_BYTES + Long.BYTES);
    }

    /** The least that a counter may be: all increments that returned. */
    long leastCount(int counter) {
        return count(counter, 1 + THREADS);
    }

    /** The most that a counter may be: all increments that began. */
    long mostCount(int counter) {
        return count(counter, 1);
    }

    void settleCounter(int counter, long value) {
        turnBank(counter, value, 0);
    }

    /** Says that a counter is about to be removed: until it is settled, it may be anything from nothing to what it was. */
    void releaseCounter(int counter) {
        turnBank(counter, 0, mostCount(counter));
    }

    private void turnBank(int counter, long base, long begun) {
        long next = 1 - bankNumber(counter);
        long bank = bank(counter, next);
        words.asSlice(bank, BANK_BYTES).fill((byte) 0);
        store(bank, base);
        store(bank + Long.BYTES, begun);
        store(counterOffset(counter), next);
    }

    /** How many writes began. */
    long operations() {
        return tally(0);
    }

    /** How many writes returned. */
    long acknowledgedOperations() {
        return tally(Long.BYTES);
    }

    private long tally(long offset) {
        long sum = 0;
        for (int thread = 0; thread < THREADS; thread++) {
            sum += load(TALLIES + thread * TALLY_BYTES + offset);
        }
        return sum;
    }

    private long count(int counter, int from) {
        long bank = bank(counter, bankNumber(counter));
        long sum = load(bank);
        for (int thread = 0; thread < THREADS; thread++) {
            sum += load(bank + (from + thread) * (long) Long.BYTES);
        }
        return sum;
    }

    private long counterOffset(int counter) {
        return STATES + keys * STATE_BYTES + counter * COUNTER_BYTES;
    }

    private long bankNumber(int counter) {
        return load(counterOffset(counter));
    }

    private long bank(int counter, long number) {
        return counterOffset(counter) + Long.BYTES + number * BANK_BYTES;
    }

    private long load(long offset) {
        return (long) WORD.getAcquire(words, offset);
    }

    private void store(long offset, long value) {
        WORD.setRelease(words, offset, value);
    }

    /** Adds one to a word that only this thread writes. */
    private void add(long offset) {
        store(offset, load(offset) + 1);
    }
}
