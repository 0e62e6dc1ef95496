package io.sherd.benchmarks;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A map in files that is measured.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
interface DiskStore<K, V> extends AutoCloseable {
    /**
     * Begins the work of one thread, which alone uses and closes the session.
     *
     * @param batch how many operations the thread does of one kind before the others must see them: a store whose advice is
     *     to put many operations into a transaction does so
     */
    Session<K, V> session(int batch);

    /** Reads every key and value; returns the sum of what {@link DiskData#sum} makes of them. */
    long iterate();

    /** The bytes of the log so far, or 0 for a store that has none. */
    default long logBytes() {
        return 0;
    }

    @Override
    void close() throws IOException;

    /** What one thread does with a store. */
    interface Session<K, V> extends AutoCloseable {
        /** The value, or null. Valid until the next call: a store may fill the same object again. */
        @Nullable
        V get(K key);

        void put(K key, V value);

        void remove(K key);

        /** Reads several keys; returns how many are present. */
        default int getAll(List<K> keys) {
            int present = 0;
            for (K key : keys) {
                if (get(key) != null) {
                    present++;
                }
            }
            return present;
        }

        /** Ends the work; what was put is visible to all afterwards. */
        @Override
        void close();
    }
}
