package io.sherd.disk;

import io.sherd.spi.HoldTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A part of the map: the keys whose hash begins with the shard's number. */
final class Shard extends Unplaced {
    private static final VarHandle LIVE;
    private static final VarHandle ERASURES;

    private static final int EXPECT_MISSES = 8;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            LIVE = lookup.findVarHandle(Shard.class, "live", long.class);
            ERASURES = lookup.findVarHandle(Shard.class, "erasures", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final int index;
    final Mutex lock = new Mutex();
    final Lane lane;

    /** Written under the lock. */
    volatile Table table;

    private volatile long live;

    /** Grows <i>before</i> a key goes: whoever found a key absent twice, and this as it was, knows that it was absent in between. */
    private volatile long erasures;

    /** Slots that are not empty; guarded by the lock. */
    int used;

    /** What {@link Index#place} has looked at, so that it does look; guarded by the lock. */
    long touched;

    /** Keys removed since the table was made; guarded by the lock. */
    int removed;

    /** The keys that somebody holds or waits for; null if there are none; guarded by the lock. */
    @Nullable
    HoldTable holds;

    /**
     * Whether look-ups found nothing lately: half of the range and more says that they should ask the filter first. Read and
     * written by readers without any order; it decides what a look-up costs, not what it answers.
     */
    private int missing;

    Shard(int index, Lane lane, Table table) {
        this.index = index;
        this.lane = lane;
        this.table = table;
    }

    /** Whether to ask the filter before the slots: it saves a miss the look at them, and costs a hit the look at the filter. */
    boolean expectsMisses() {
        return missing >= EXPECT_MISSES;
    }

    /** Takes note of a look-up that found its key. Nothing is written while all do. */
    void found(int tag) {
        if (missing > 0 && isNoted(tag)) {
            missing--;
        }
    }

    /** Takes note of a look-up that found nothing. It counts twice, since a filter saves more than it costs. */
    void missed(int tag) {
        if (missing < 2 * EXPECT_MISSES && isNoted(tag)) {
            missing += 2;
        }
    }

    /** One in eight, so that readers who find some keys and miss others seldom write into each other's caches. */
    private static boolean isNoted(int tag) {
        return (tag & 7) == 0;
    }

    /** The number of entries; exact under the lock. */
    long live() {
        return live;
    }

    /** The slots that are not empty, and those that keys without one will take at most. Under the lock. */
    int usedAtMost() {
        return used + unplacedCount();
    }

    long erasures() {
        return erasures;
    }

    /** Under the lock. */
    void countErasure() {
        ERASURES.setRelease(this, erasures + 1);
    }

    /** Under the lock. A volatile write would wait until all earlier ones are seen, at each change of the map. */
    void setLive(long count) {
        LIVE.setRelease(this, count);
    }
}
