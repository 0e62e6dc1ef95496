package io.sherd.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several keys that change at one instant: what a transaction wrote, or what was set in entries that are closed together.
 *
 * <p>{@link Store#apply} makes the changes, with the locks of all their shards taken from beginning to end:
 *
 * <ol>
 *   <li>The tables get room, and all keys that had no slot get one. Nothing that follows grows a table.
 *   <li>The records are appended, in groups ({@link Lane}). Recovery applies all groups of a transaction or none, so this step
 *       may end half way, by a failure or with the process. It is the last one that can fail.
 *   <li>The commit is announced in the tables: from here on readers who begin look into it first.
 *   <li>It is {@link #done}. This is the instant: before it readers pass it by, after it they take its addresses.
 *   <li>The words of the tables are written, and the announcements taken back.
 * </ol>
 *
 * <p>Why no reader sees a part. One that found a change saw {@code done}, or a word that was written after it; so whatever
 * it reads next, it finds the announcement, or the table as it is when that was taken back. One that began before the announcement
 * and finds an old word answers what was true when it began. Nobody else writes to these shards meanwhile, so what a late reader
 * takes from the commit was true when it found the announcement, or when the commit was done after that.
 *
 * <p>A reader pays for this with one look at a field of the table, next to those that it needs anyway.
 */
final class Commit {
    /** What {@link #find} answers for a key that does not change. */
    static final long UNCHANGED = -1;

    /** The change of one key. */
    static final class Change {
        final Shard shard;
        final long hash;
        final long keyWord;
        final byte @Nullable [] key;
        final boolean hasValue;
        final long valueWord;
        final byte @Nullable [] value;

        /** The file of a value that is too large for a lane. */
        @Nullable
        DataFile large;

        /** The address of its record, once that is appended. */
        long address;

        Change(
                Shard shard,
                long hash,
                long keyWord,
                byte @Nullable [] key,
                boolean hasValue,
                long valueWord,
                byte @Nullable [] value) {
            this.shard = shard;
            this.hash = hash;
            this.keyWord = keyWord;
            this.key = key;
            this.hasValue = hasValue;
            this.valueWord = valueWord;
            this.value = value;
        }
    }

    /** In the order of hashes, and so of shards. */
    final Change[] changes;

    private volatile boolean done;

    Commit(List<Change> changes) {
        this.changes = changes.toArray(Change[]::new);
        Arrays.sort(this.changes, (a, b) -> Long.compareUnsigned(a.hash, b.hash));
    }

    /** The shards of the changes, in order. */
    List<Shard> shards() {
        List<Shard> shards = new ArrayList<>();
        for (Change change : changes) {
            if (shards.isEmpty() || shards.getLast() != change.shard) {
                shards.add(change.shard);
            }
        }
        return shards;
    }

    /** The instant. */
    void done() {
        done = true;
    }

    /** The address of a key's new record, {@link Index#ABSENT} if the key goes, {@link #UNCHANGED} if there is nothing to say. */
    long find(long hash, long keyWord, byte @Nullable [] key) {
        if (!done) {
            return UNCHANGED;
        }
        int low = 0;
        int high = changes.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(changes[middle].hash, hash) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (; low < changes.length && changes[low].hash == hash; low++) {
            Change change = changes[low];
            if (change.keyWord == keyWord && Arrays.equals(change.key, key)) {
                return change.hasValue ? change.address : Index.ABSENT;
            }
        }
        return UNCHANGED;
    }
}
