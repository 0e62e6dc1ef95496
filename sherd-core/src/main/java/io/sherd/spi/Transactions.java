package io.sherd.spi;

import io.sherd.KeyDeadlockException;
import io.sherd.Transaction;
import io.sherd.TransactionConflictException;
import io.sherd.TransactionStats;
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
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class Transactions<K, V> {
    /** How often a transaction is tried, and how often of these without holding its keys. */
    private static final int ATTEMPTS = 64;

    private static final int OPTIMISTIC_ATTEMPTS = 8;

    /** Ends a body that was aborted, or has seen that it cannot commit. */
    public static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /**
         * Without a stack trace; nobody but {@link #run} catches it.
         *
         * @param message why
         */
        public Ended(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * What a body reads and writes, once.
     *
     * @param <K> the type of keys
     * @param <V> the type of values
     */
    public interface Attempt<K, V> extends Transaction<K, V> {
        /** Ends the body: what is asked after this is an {@link IllegalStateException}. */
        void end();

        /**
         * Whether the body has aborted.
         *
         * @return whether nothing shall be written
         */
        boolean isAborted();

        /**
         * Why the attempt has failed.
         *
         * @return the key that somebody else changed, or null if none is known
         */
        @Nullable
        K conflict();

        /**
         * What the body has asked for.
         *
         * @return the keys
         */
        Collection<K> keys();

        /**
         * Writes what the body wrote, without waiting until it is durable.
         *
         * @return false if something that was read has changed
         */
        boolean commit();

        /** Called after the commit, when all keys are given back; may wait until the commit is durable. */
        default void written() {}
    }

    private final Function<Map<Object, ?>, ? extends Attempt<K, V>> begin;
    private final Function<Collection<K>, ? extends Map<Object, ? extends HeldEntry<K, V>>> hold;
    private final LongAdder commits = new LongAdder();
    private final LongAdder conflicts = new LongAdder();
    private final LongAdder aborts = new LongAdder();

    /**
     * Describes how a map does it.
     *
     * @param begin begins an attempt that holds some keys, or none, given by their identity
     * @param hold holds keys
     */
    public Transactions(
            Function<Map<Object, ?>, ? extends Attempt<K, V>> begin,
            Function<Collection<K>, ? extends Map<Object, ? extends HeldEntry<K, V>>> hold) {
        this.begin = begin;
        this.hold = hold;
    }

    /**
     * What became of all transactions so far.
     *
     * @return the counts
     */
    public TransactionStats stats() {
        return new TransactionStats(commits.sum(), conflicts.sum(), aborts.sum());
    }

    /**
     * Runs a transaction; see {@link io.sherd.ShardedMap#transact}.
     *
     * @param body what to do
     * @param <R> the type of its answer
     * @return its answer, or null if it was aborted
     */
    public <R extends @Nullable Object> @Nullable R run(Function<? super Transaction<K, V>, ? extends R> body) {
        Objects.requireNonNull(body, "body");
        Attempt<K, V> attempt = null;
        for (int attempts = 1; attempts <= ATTEMPTS; attempts++) {
            Map<Object, ? extends HeldEntry<K, V>> held =
                    attempt == null || attempts <= OPTIMISTIC_ATTEMPTS ? Map.of() : holdUnlessDeadlock(attempt.keys());
            attempt = begin.apply(held);
            R result = null;
            boolean committed = false;
            try {
                boolean finished = false;
                try {
                    result = body.apply(attempt);
                    finished = attempt.conflict() == null && !attempt.isAborted();
                } catch (Ended ended) {
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
                if (!held.isEmpty()) {
                    held.values().forEach(HeldEntry::close);
                }
            }
            if (committed) {
                commits.increment();
                attempt.written();
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
    private Map<Object, ? extends HeldEntry<K, V>> holdUnlessDeadlock(Collection<K> keys) {
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
