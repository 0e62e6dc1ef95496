package io.sherd.spi;

import io.sherd.LockedEntry;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What every {@link LockedEntry} does by itself: keep what was set until it is closed.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public abstract class HeldEntry<K, V> implements LockedEntry<K, V> {
    private final K key;

    /** The value that was set, if one was. */
    private @Nullable V now;

    private boolean changed;
    private boolean closed;

    /** Set while the entry belongs to several that are closed together. */
    private boolean grouped;

    /**
     * Creates an open entry.
     *
     * @param key the key
     */
    protected HeldEntry(K key) {
        this.key = key;
    }

    /**
     * Writes the value if that was changed, and gives the key back.
     *
     * @param changed whether there is anything to write
     * @param value the value to write, or null to remove the entry
     */
    protected abstract void release(boolean changed, @Nullable V value);

    /** Called after {@link #release} of a change that closes with this entry; may wait until it is durable. */
    protected void written() {}

    /**
     * The value from before.
     *
     * @return the value when the key was locked, or null
     */
    public abstract @Nullable V before();

    /**
     * Whether there is anything to write.
     *
     * @return whether a value was set or removed
     */
    public final boolean isChanged() {
        return changed;
    }

    /**
     * The value to write, if any.
     *
     * @return the value, or null to remove the entry
     */
    public final @Nullable V now() {
        return changed ? now : before();
    }

    /** Leaves closing to a group. */
    final void joinGroup() {
        grouped = true;
    }

    /** Ends the use of an entry of a group; the group gives it back. */
    final void endInGroup() {
        closed = true;
    }

    /** For a group that ends: writes the value, whether or not others see it already, and gives the key back. */
    public final void giveBack() {
        release(changed && (now != null || before() != null), now());
    }

    /** Closes without waiting until the write is durable. */
    final void closeEarly() {
        closed = true;
        giveBack();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The entry of key " + key + " is closed: lock the key again");
        }
    }

    @Override
    public final K key() {
        return key;
    }

    @Override
    public final @Nullable V value() {
        checkOpen();
        return now();
    }

    @Override
    public final @Nullable V setValue(V value) {
        Objects.requireNonNull(value, "value");
        checkOpen();
        V old = now();
        now = value;
        changed = true;
        return old;
    }

    @Override
    public final V setValueIfAbsent(Supplier<? extends V> supplier) {
        Objects.requireNonNull(supplier, "supplier");
        checkOpen();
        V present = now();
        if (present != null) {
            return present;
        }
        V made = Objects.requireNonNull(supplier.get(), "what the supplier answered");
        setValue(made);
        return made;
    }

    @Override
    public final @Nullable V remove() {
        checkOpen();
        V old = now();
        now = null;
        changed = true;
        return old;
    }

    @Override
    public final void discard() {
        checkOpen();
        now = null;
        changed = false;
    }

    @Override
    public final void close() {
        if (closed || grouped) {
            return;
        }
        closed = true;
        giveBack();
        if (changed) {
            written();
        }
    }

    @Override
    public final String toString() {
        return "LockedEntry[" + key + (closed ? ", closed]" : "=" + now() + "]");
    }
}
