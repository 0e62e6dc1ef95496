package io.sherd.disk;

import io.sherd.spi.HoldTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A part of the map: the keys whose hash begins with the shard's number. */
final class Shard {
    private static final VarHandle LIVE;

    static {
        try {
            LIVE = MethodHandles.lookup().findVarHandle(Shard.class, "live", long.class);
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

    /** Under the lock. A volatile write would wait until all earlier ones are seen, at each change of the map. */
    void setLive(long count) {
        LIVE.setRelease(this, count);
    }
}
