package io.sherd.disk;

import io.sherd.spi.HoldTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A part of the map: the keys whose hash begins with the shard's number. */
final class Shard {
    private static final VarHandle LIVE;
    private static final VarHandle ERASURES;

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

    /** Keys removed since the table was made; guarded by the lock. */
    int removed;

    /** The keys that somebody holds or waits for; null if there are none; guarded by the lock. */
    @Nullable
    HoldTable holds;

    Shard(int index, Lane lane, Table table) {
        this.index = index;
        this.lane = lane;
        this.table = table;
    }

    /** The number of entries; exact under the lock. */
    long live() {
        return live;
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
