package io.sherd;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One key of a map, held: nobody else changes it until {@link #close}. The key may be present or absent.
 *
 * <p>What is set here is seen here at once, and by everybody else in one step when the entry is closed; readers go on
 * meanwhile and see the value from before. After {@link #discard} nobody sees anything of it.
 *
 * {@snippet :
 * try (LockedEntry<String, Account> entry = accounts.lock("alice")) {
 *     Account account = entry.setValueIfAbsent(Account::new);
 *     entry.setValue(account.plus(bank.ask("alice"))); // slow: other keys go on, alice's readers too
 * }
 * }
 *
 * <p>Not safe for use by several threads at once; it may be handed from one to another, which closes it. While it is open, the
 * thread that took it cannot write the key in another way: that throws {@link IllegalStateException}.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface LockedEntry<K, V> extends AutoCloseable {
    /**
     * The key. May be called after closing.
     *
     * @return the key as it was given
     */
    K key();

    /**
     * The value as it was set here, or else as it was when the key was locked.
     *
     * @return the value, or null if there is none
     * @throws IllegalStateException if the entry is closed
     */
    @Nullable
    V value();

    /**
     * Whether there is a value.
     *
     * @return whether {@link #value} is not null
     * @throws IllegalStateException if the entry is closed
     */
    default boolean isPresent() {
        return value() != null;
    }

    /**
     * Sets the value.
     *
     * @param value the new value
     * @return the value before, or null if there was none
     * @throws NullPointerException if {@code value} is null; nothing is changed
     * @throws IllegalStateException if the entry is closed
     */
    @Nullable
    V setValue(V value);

    /**
     * Sets the value if there is none.
     *
     * @param supplier makes the value; not called if there is one, and may take its time and use the map, other than this key
     * @return the value, which was there or is new
     * @throws NullPointerException if {@code supplier} is null or answers null; nothing is changed
     * @throws IllegalStateException if the entry is closed
     */
    V setValueIfAbsent(Supplier<? extends V> supplier);

    /**
     * Takes the value away.
     *
     * @return the value before, or null if there was none
     * @throws IllegalStateException if the entry is closed
     */
    @Nullable
    V remove();

    /**
     * Drops what was set here: the value is again what it was when the key was locked. The key stays held.
     *
     * @throws IllegalStateException if the entry is closed
     */
    void discard();

    /**
     * Writes what was set here and gives the key back. Closing again does nothing.
     *
     * <p>Locking behaviour: never waits for another holder. On a map that keeps its entries on disk it returns when
     * the write is as durable as the map promises.
     */
    @Override
    void close();
}
