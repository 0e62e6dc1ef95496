package io.sherd.testkit.soak;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A persistent map as the harness sees it: keys are numbers, values are bytes. An adapter turns them into the keys and
 * values of the store, with {@link Keys}.
 *
 * <p>All methods but {@link #close} are called by many threads at once. A write that returned must survive the end of the
 * process.
 */
public interface StoreUnderTest extends AutoCloseable {

    /**
     * Reads one key.
     *
     * @param key the number of the key
     * @return its value, or null
     */
    byte @Nullable [] get(int key);

    /**
     * Writes one key.
     *
     * @param key the number of the key
     * @param value the new value
     * @return the value before, or null
     */
    byte @Nullable [] put(int key, byte[] value);

    /**
     * Removes one key.
     *
     * @param key the number of the key
     * @return the value before, or null
     */
    byte @Nullable [] remove(int key);

    /**
     * Writes one key if it is absent.
     *
     * @param key the number of the key
     * @param value the new value
     * @return the value that stays, or null if it was written
     */
    byte @Nullable [] putIfAbsent(int key, byte[] value);

    /**
     * Writes one key if it is present.
     *
     * @param key the number of the key
     * @param value the new value
     * @return the value before, or null if nothing was written
     */
    byte @Nullable [] replace(int key, byte[] value);

    /**
     * Writes one key if it has a certain value.
     *
     * @param key the number of the key
     * @param expected the value it must have
     * @param update the new value
     * @return whether it was written
     */
    boolean replace(int key, byte[] expected, byte[] update);

    /**
     * Writes the result of a function of the present value.
     *
     * @param key the number of the key
     * @param function gets the value or null, answers the new value or null to remove
     * @return the new value, or null
     */
    byte @Nullable [] compute(int key, UnaryOperator<byte @Nullable []> function);

    /** Removes everything. */
    void clear();

    /** Returns when everything written before is safe from a loss of power. */
    void force();

    /**
     * The number of keys present; exact when nobody writes.
     *
     * @return at least 0
     */
    long size();

    /**
     * Hands every entry to a visitor.
     *
     * @param visitor gets each entry
     */
    void forEach(Visitor visitor);

    /** Closes the store. A write that meets a closed store throws {@link IllegalStateException}. */
    @Override
    void close();

    /** Takes the entries of a traversal. */
    @FunctionalInterface
    interface Visitor {

        /**
         * Takes one entry.
         *
         * @param key the number of the key; -1 for a key that the harness cannot have written
         * @param value its value
         */
        void visit(int key, byte[] value);
    }
}
