package io.sherd.testkit;

import java.util.concurrent.atomic.AtomicBoolean;

/** A key, equal to itself alone, that cannot be compared or hashed while somebody wants it so. */
final class FragileKey {
    private final int hash;
    private final AtomicBoolean breaks;

    FragileKey(int hash, AtomicBoolean breaks) {
        this.hash = hash;
        this.breaks = breaks;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // equal to itself alone
    public boolean equals(Object other) {
        check();
        return this == other;
    }

    @Override
    public int hashCode() {
        check();
        return hash;
    }

    private void check() {
        if (breaks.get()) {
            throw new UnsupportedOperationException("on purpose");
        }
    }
}
