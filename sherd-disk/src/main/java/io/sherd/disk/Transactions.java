package io.sherd.disk;

import io.sherd.KeyDeadlockException;
import io.sherd.Transaction;
import io.sherd.TransactionConflictException;
import io.sherd.TransactionStats;
import io.sherd.spi.HeldEntry;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs transactions again until they commit, and counts what became of them.
 *
 * <p>After some failures the keys that the last attempt touched are held during the next, so that nobody can be in its way over
 * these again.
 */
final class Transactions<K, V> {
    /** How often a transaction is tried, and how often of these without holding its keys. */
    private static final int ATTEMPTS = 64;

    private static final int OPTIMISTIC_ATTEMPTS = 8;

    private final Function<Map<Object, ?>, DiskTransaction<K, V>> begin;
    private final Function<Collection<? extends K>, Map<Object, RecordEntry<K, V>>> hold;
    private final LongAdder commits = new LongAdder();
    private final LongAdder conflicts = new LongAdder();
    private final LongAdder aborts = new LongAdder();

    /**
     * Describes how a map does it.
     *
     * @param begin begins an attempt that holds some keys
     * @param hold holds keys
     */
    Transactions(
            Function<Map<Object, ?>, DiskTransaction<K, V>> begin,
            Function<Collection<? extends K>, Map<Object, RecordEntry<K, V>>> hold) {
        this.begin = begin;
        this.hold = hold;
    }

    TransactionStats stats() {
        return new TransactionStats(commits.sum(), conflicts.sum(), aborts.sum());
    }

    /** Runs a transaction; {@code durable} waits until what it wrote is safe. */
    <R extends @Nullable Object> @Nullable R run(
            Function<? super Transaction<K, V>, ? extends R> body, Runnable durable) {
        DiskTransaction<K, V> attempt = null;
        for (int attempts = 1; attempts <= ATTEMPTS; attempts++) {
            Map<Object, RecordEntry<K, V>> held =
                    attempt == null || attempts <= OPTIMISTIC_ATTEMPTS ? Map.of() : holdUnlessDeadlock(attempt.keys());
            attempt = begin.apply(held);
            boolean committed = false;
            R result = null;
            try {
                boolean finished = false;
                try {
                    result = body.apply(attempt);
                    finished = attempt.conflict() == null && !attempt.isAborted();
                } catch (DiskTransaction.Ended ended) {
                    finished = false;
                } catch (Throwable failure) {
                    if (attempt.conflict() == null) {
                        throw failure;
                    }
                } finally {
                    attempt.end();
                }
                if (attempt.isAborted()) {
                    aborts.increment();
                    return null;
                }
                committed = finished && attempt.commit();
            } catch (Throwable failure) {
                aborts.increment();
                throw failure;
            } finally {
                held.values().forEach(HeldEntry::close);
            }
            if (committed) {
                commits.increment();
                if (attempt.isChanging()) {
                    durable.run();
                }
                return result;
            }
            conflicts.increment();
            backOff(attempts);
        }
        aborts.increment();
        throw new TransactionConflictException(
                Objects.requireNonNull(Objects.requireNonNull(attempt).conflict()), ATTEMPTS);
    }

    /**
     * Holds the keys of a transaction, or none of them if that would close a circle of those who wait: the circle may be one of these
     * keys alone, which are given back. If it is one of keys that the thread holds beside the transaction, the commit finds it
     * again.
     */
    private Map<Object, RecordEntry<K, V>> holdUnlessDeadlock(Collection<? extends K> keys) {
        try {
            return hold.apply(keys);
        } catch (KeyDeadlockException circle) {
            return Map.of();
        }
    }

    private static void backOff(int attempts) {
        for (int spins = ThreadLocalRandom.current().nextInt(1 << Math.min(attempts + 2, 10)); spins > 0; spins--) {
            Thread.onSpinWait();
        }
    }
}
