package io.sherd;

import org.jspecify.annotations.Nullable;

/**
 * A transaction was tried as often as the map allows, and each time others changed what it had read. Nothing of it was
 * written; it may be tried again when there is less to meet.
 */
public final class TransactionConflictException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Not serialized: a key may be anything. */
    private final transient @Nullable Object key;

    /** How often it was tried. */
    private final int attempts;

    /**
     * Creates the exception.
     *
     * @param key the key over which it failed last
     * @param attempts how often it was tried
     */
    public TransactionConflictException(Object key, int attempts) {
        super("Transaction given up after " + attempts + " attempts: others kept changing key " + key
                + " between its reads and its end; make the body shorter, or lock the keys first with lockAll");
        this.key = key;
        this.attempts = attempts;
    }

    /**
     * The key over which the transaction failed last.
     *
     * @return the key; null after deserialization
     */
    public @Nullable Object key() {
        return key;
    }

    /**
     * How often it was tried.
     *
     * @return at least 1
     */
    public int attempts() {
        return attempts;
    }
}
