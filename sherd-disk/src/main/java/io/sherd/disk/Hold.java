package io.sherd.disk;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive right to change one key. It is in the list of its shard while it has an owner or waiters; everything but the
 * read of {@link #owner} is guarded by the shard's lock.
 *
 * <p>Whenever there is no owner but there are waiters, the first of them has been unparked since it became the first or since
 * the owner left, whichever was later. So no wake-up is lost, whoever comes between.
 */
final class Hold {
    final long hash;
    final long keyWord;
    final byte @Nullable [] key;
    final ArrayDeque<Thread> waiters = new ArrayDeque<>();
    volatile @Nullable Thread owner;

    @Nullable
    Hold next;

    Hold(long hash, long keyWord, byte @Nullable [] key) {
        this.hash = hash;
        this.keyWord = keyWord;
        this.key = key;
    }

    boolean isFor(long otherHash, long otherWord, byte @Nullable [] otherKey) {
        return hash == otherHash && keyWord == otherWord && Arrays.equals(key, otherKey);
    }
}
