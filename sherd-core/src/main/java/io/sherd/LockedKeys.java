package io.sherd;

/** Keys that are held together until this is closed; see {@link KeyLocks#lockAll}. Any thread may close it. */
@FunctionalInterface
public interface LockedKeys extends AutoCloseable {
    /** Gives the keys back. Closing again does nothing. */
    @Override
    void close();
}
