package io.sherd.disk;

import java.nio.MappedByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a write found, and whether it took place.
 *
 * @param previous the address of the key's record before, or {@link Index#ABSENT}
 * @param large the file of that record's value if it has one, which may be deleted as soon as the shard's lock is given back
 * @param applied whether the write took place
 */
record Outcome(long previous, @Nullable MappedByteBuffer large, boolean applied) {
    static final Outcome INSERTED = new Outcome(Index.ABSENT, null, true);
    static final Outcome MISSED = new Outcome(Index.ABSENT, null, false);

    boolean wasPresent() {
        return previous != Index.ABSENT;
    }
}
