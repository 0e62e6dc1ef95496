package io.sherd.disk;

import io.sherd.spi.HeldEntry;
import org.jspecify.annotations.Nullable;

/** A held key of a disk map. */
final class RecordEntry<K, V> extends HeldEntry<K, V> {
    private final LogMap<K, V> map;
    private final Shard shard;
    private final RecordHold hold;
    private final @Nullable V before;

    RecordEntry(LogMap<K, V> map, Shard shard, RecordHold hold, K key, @Nullable V before) {
        super(key);
        this.before = before;
        this.map = map;
        this.shard = shard;
        this.hold = hold;
    }

    @Override
    public @Nullable V before() {
        return before;
    }

    @Override
    protected void release(boolean changed, @Nullable V value) {
        map.release(shard, hold, changed, value);
    }

    /** The change that was set in this entry. */
    Commit.Change change(long valueWord, byte @Nullable [] value) {
        return new Commit.Change(shard, hold.keyHash, hold.keyWord, hold.key, now() != null, valueWord, value);
    }

    /** Gives the key back and writes nothing. */
    void giveUp() {
        map.release(shard, hold, false, null);
    }

    @Override
    protected void written() {
        map.commit();
    }
}
