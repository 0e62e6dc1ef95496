package io.sherd;

import org.jspecify.annotations.Nullable;

/** A key of which its table alone does not say what it has at the instant of a snapshot; see {@link Epochs}. */
final class Doubt {
    final Segment segment;
    final int hash;
    final Object key;

    /** What a reader saw. */
    @Nullable
    Object value;

    Doubt(Segment segment, int hash, Object key) {
        this.segment = segment;
        this.hash = hash;
        this.key = key;
        this.value = segment.get(hash, key);
    }

    /** Looks again, and answers whether there is another value. */
    boolean look() {
        Object now = segment.get(hash, key);
        if (Segment.isSame(now, value)) {
            return false;
        }
        value = now;
        return true;
    }
}
