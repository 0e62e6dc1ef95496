package io.sherd.testkit.storm;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What keys are held of in a storm: a map, or locks alone. Keys are numbers from 0. Where there are values, they count the holds
 * that were closed with {@link Held#add}, and the other writes.
 */
public interface Ground extends AutoCloseable {

    /** Keys that are held. */
    interface Held extends AutoCloseable {

        /** Counts one for each of the keys, to be seen when they are closed. */
        void add();

        @Override
        void close();
    }

    /**
     * How reports call it.
     *
     * @return a name
     */
    String name();

    /**
     * Holds a key.
     *
     * @param key the key
     * @return the hold
     */
    Held lock(int key);

    /**
     * Holds a key, if that is possible without waiting.
     *
     * @param key the key
     * @return the hold, or null
     */
    @Nullable
    Held tryLock(int key);

    /**
     * Holds a key, and waits for some time.
     *
     * @param key the key
     * @param wait the longest time
     * @return the hold, or null
     * @throws InterruptedException if the thread is interrupted
     */
    @Nullable
    Held tryLock(int key, Duration wait) throws InterruptedException;

    /**
     * Holds several keys.
     *
     * @param keys the keys
     * @return the hold
     */
    Held lockAll(List<Integer> keys);

    /**
     * Whether keys have values, so that all the following can be called.
     *
     * @return false for locks alone
     */
    boolean hasValues();

    /**
     * Counts one by a function.
     *
     * @param key the key
     * @param inside what the function does before it answers
     */
    default void compute(int key, Runnable inside) {
        throw noValues();
    }

    /**
     * Counts one by a plain write.
     *
     * @param key the key
     */
    default void add(int key) {
        throw noValues();
    }

    /**
     * Whether {@link #transact} can be called.
     *
     * @return whether it has transactions
     */
    default boolean transacts() {
        return false;
    }

    /**
     * Counts one for each of several keys in a transaction.
     *
     * @param keys the keys
     */
    default void transact(List<Integer> keys) {
        throw noValues();
    }

    /**
     * What was counted.
     *
     * @param key the key
     * @return the count
     */
    default long count(int key) {
        throw noValues();
    }

    /**
     * The same for somebody who is no thread.
     *
     * @param owner a name
     * @return for a new owner
     */
    default Async async(String owner) {
        throw noValues();
    }

    private UnsupportedOperationException noValues() {
        return new UnsupportedOperationException(name() + " has locks alone: ask hasValues, and transacts, first");
    }

    /** Closes what stands behind it, after a storm that ended. */
    @Override
    default void close() {}

    /** Holding without a thread, all for one owner. */
    interface Async {

        /**
         * Holds a key.
         *
         * @param key the key
         * @return the hold, when it has come
         */
        CompletableFuture<Held> lock(int key);

        /**
         * Holds several keys.
         *
         * @param keys the keys
         * @return the hold, when it has come
         */
        CompletableFuture<Held> lockAll(List<Integer> keys);

        /**
         * Counts one by a function.
         *
         * @param key the key
         * @param inside what the function waits for before it answers
         * @return when it is done
         */
        CompletableFuture<?> compute(int key, Supplier<CompletionStage<?>> inside);

        /**
         * Counts one by a plain write.
         *
         * @param key the key
         * @return when it is done
         */
        CompletableFuture<?> add(int key);
    }
}
