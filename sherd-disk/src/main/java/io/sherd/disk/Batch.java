package io.sherd.disk;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Changes that are made shard by shard, each shard's under one acquisition of its lock. */
final class Batch {
    private static final int CAPACITY = 1 << 12;
    private static final long MAX_BYTES = 1 << 24;

    private final MapFiles files;
    private final Store store;
    private final Index index;
    private final boolean puts;
    private final long[] order = new long[CAPACITY];
    private final Change[] changes = new Change[CAPACITY];
    private int count;
    private long bytes;

    /** One change, encoded. */
    private static final class Change {
        final long hash;
        final long keyWord;
        final byte @Nullable [] key;
        final long valueWord;
        final byte @Nullable [] value;

        Change(long hash, long keyWord, byte @Nullable [] key, long valueWord, byte @Nullable [] value) {
            this.hash = hash;
            this.keyWord = keyWord;
            this.key = key;
            this.valueWord = valueWord;
            this.value = value;
        }
    }

    /**
     * Creates an empty batch.
     *
     * @param files the map's files
     * @param store where to make the changes
     * @param puts whether it puts values; else it removes keys
     */
    Batch(MapFiles files, Store store, boolean puts) {
        this.files = files;
        this.store = store;
        this.index = files.index;
        this.puts = puts;
    }

    /** Adds a change, and makes those added before if there are many. */
    int add(long hash, long keyWord, byte @Nullable [] key, long valueWord, byte @Nullable [] value) {
        order[count] = (long) index.shardNumber(hash) << 32 | count;
        changes[count] = new Change(hash, keyWord, key, valueWord, value);
        count++;
        bytes += value == null ? 0 : value.length;
        return count == CAPACITY || bytes > MAX_BYTES ? apply() : 0;
    }

    /** Makes the changes in the order of shards, for one key in the order given; answers how many keys were present. */
    int apply() {
        Arrays.sort(order, 0, count);
        int present = 0;
        int next = 0;
        while (next < count) {
            Shard shard = index.shards[(int) (order[next] >>> 32)];
            shard.lock.lock();
            try {
                while (next < count && order[next] >>> 32 == shard.index) {
                    present += apply(shard, changes[(int) order[next]]) ? 1 : 0;
                    next++;
                }
            } catch (InternalError | IndexOutOfBoundsException e) {
                throw files.unreadable(e);
            } finally {
                shard.lock.unlock();
            }
        }
        count = 0;
        bytes = 0;
        return present;
    }

    private boolean apply(Shard shard, Change change) {
        files.checkWritable();
        store.holds.awaitFree(shard, change.hash, change.keyWord, change.key);
        return store.change(
                        shard,
                        puts ? When.ALWAYS : When.PRESENT,
                        change.hash,
                        change.keyWord,
                        change.key,
                        puts,
                        change.valueWord,
                        change.value,
                        null,
                        0,
                        null)
                .wasPresent();
    }
}
