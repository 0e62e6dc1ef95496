package io.sherd;

import io.sherd.spi.Hold;
import org.jspecify.annotations.Nullable;

/** The hold of a key of a heap map. Guarded by the lock of the segment that has the key at the time. */
final class KeyHold extends Hold {
    final Object key;

    /**
     * Where the owner, who does not know yet that the hold was written down for it, may write the value still; null if it
     * knows, or has no such place. See {@link SegmentLock}.
     */
    @Nullable
    ValuePlace place;

    KeyHold(int hash, Object key, long owner) {
        super(hash, owner);
        this.key = key;
    }

    @Override
    protected Object key() {
        return key;
    }

    @SuppressWarnings("ReferenceEquality") // as a fast path
    boolean isFor(Object other) {
        return other == key || other.equals(key);
    }

    boolean isMine() {
        return owner() == Thread.currentThread().threadId();
    }

    boolean mayBeWritten() {
        return place != null;
    }
}
