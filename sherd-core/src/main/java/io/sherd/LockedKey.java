package io.sherd;

/**
 * A key that is held until this is closed; see {@link KeyLocks}. Any thread may close it.
 *
 * @param <K> the type of keys
 */
public interface LockedKey<K> extends AutoCloseable {
    /**
     * The key.
     *
     * @return the key as it was given; also after closing
     */
    K key();

    /** Gives the key back. Closing again does nothing. Never waits for another holder. */
    @Override
    void close();
}
