package io.sherd.disk;

import java.lang.foreign.MemorySegment;
import java.nio.MappedByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The writing half of the map, on encoded keys and values.
 *
 * <p>A writer takes the shard's lock, waits until nobody holds the key (without the lock), finds the slot, appends a record to
 * the shard's lane, and writes its address into the slot. The lane's lock is taken within the shard's, never the other way
 * round. What fails before the slot is written leaves the map as it was: a record without an index word is dead. A value too
 * large for a lane is stored before the lock is taken, in a file of its own to which the record refers.
 *
 * <p>A key or a value is one word, or an array where that is not null. Nothing here waits for a flush.
 */
final class Store {
    final Holds holds;
    private final MapFiles files;
    private final Log log;
    private final Index index;
    private final RecordReader reader;

    Store(MapFiles files, Function<RecordHold, Object> keyOf) {
        this.files = files;
        this.log = files.log;
        this.index = files.index;
        this.reader = files.reader;
        this.holds = new Holds(files, keyOf);
    }

    /** Puts a value, or removes the key if {@code hasValue} is false. */
    Outcome write(
            When when,
            long hash,
            long keyWord,
            byte @Nullable [] key,
            boolean hasValue,
            long valueWord,
            byte @Nullable [] value,
            long expectedWord,
            byte @Nullable [] expected) {
        DataFile large = storeLarge(value);
        Shard shard = index.shard(hash);
        Outcome outcome = null;
        shard.lock.lock();
        try {
            files.checkWritable();
            holds.awaitFree(shard, hash, keyWord, key);
            outcome =
                    change(shard, when, hash, keyWord, key, hasValue, valueWord, value, large, expectedWord, expected);
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        } finally {
            shard.lock.unlock();
            if (large != null && (outcome == null || !outcome.applied())) {
                log.discard(large);
            }
        }
        return outcome;
    }

    /** Stores a value apart if its record would be too large for a lane; null if it would not. */
    @Nullable
    DataFile storeLarge(byte @Nullable [] value) {
        if (value == null || !isLarge(value)) {
            return null;
        }
        return files.writeLarge(value);
    }

    boolean isLarge(byte @Nullable [] value) {
        return value != null && value.length > log.maxValue();
    }

    /** What is there for a key. Under the shard's lock. */
    Outcome present(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        int slot = index.locate(shard.table, index.tag(hash), keyWord, key);
        if (slot < 0) {
            return Outcome.MISSED;
        }
        long address = Table.address(shard.table.getPlain(slot));
        return new Outcome(address, largeAt(address), false);
    }

    /** Makes one change. Under the shard's lock, by whoever may change the key. */
    Outcome change(
            Shard shard,
            When when,
            long hash,
            long keyWord,
            byte @Nullable [] key,
            boolean hasValue,
            long valueWord,
            byte @Nullable [] value,
            @Nullable DataFile large,
            long expectedWord,
            byte @Nullable [] expected) {
        if (hasValue) {
            index.makeRoom(shard);
        }
        Table table = shard.table;
        int tag = index.tag(hash);
        if (!table.mayHave(tag)) {
            return hasValue && (when == When.ALWAYS || when == When.ABSENT)
                    ? insertNew(shard, table, tag, keyWord, key, valueWord, value, large)
                    : Outcome.MISSED;
        }
        int slot = index.locate(table, tag, keyWord, key);
        if (slot < 0) {
            if (!hasValue || when == When.PRESENT || when == When.EQUAL) {
                return Outcome.MISSED;
            }
            long address = append(shard, keyWord, key, true, valueWord, value, large);
            Index.insert(shard, table, ~slot, tag, address);
            return Outcome.INSERTED;
        }
        long previous = Table.address(table.getPlain(slot));
        if (when == When.ABSENT || (when == When.EQUAL && !hasValueAt(previous, expectedWord, expected))) {
            return new Outcome(previous, largeAt(previous), false);
        }
        Outcome outcome = new Outcome(previous, largeAt(previous), true);
        long address = append(shard, keyWord, key, hasValue, valueWord, value, large);
        log.countDead(previous);
        if (hasValue) {
            table.setRelease(slot, Table.word(tag, address));
        } else {
            log.countDead(address);
            Index.erase(shard, table, slot);
        }
        return outcome;
    }

    private long append(
            Shard shard,
            long keyWord,
            byte @Nullable [] key,
            boolean hasValue,
            long valueWord,
            byte @Nullable [] value,
            @Nullable DataFile large) {
        files.beginWriting();
        Lane lane = shard.lane;
        lane.lock();
        try {
            return appendLocked(lane, keyWord, key, hasValue, valueWord, value, large);
        } finally {
            lane.unlock();
        }
    }

    /** Appends a record; the lane's lock is taken. */
    private long appendLocked(
            Lane lane,
            long keyWord,
            byte @Nullable [] key,
            boolean hasValue,
            long valueWord,
            byte @Nullable [] value,
            @Nullable DataFile large) {
        boolean prefixed = reader.hasPrefix();
        if (!hasValue) {
            return lane.append(Records.REMOVE, keyWord, key, prefixed, 0, null, 0);
        }
        if (large == null) {
            int length = value == null ? Long.BYTES : value.length;
            return lane.append(Records.PUT, keyWord, key, prefixed, valueWord, value, length);
        }
        byte[] reference = new byte[Records.REFERENCE];
        MemorySegment target = MemorySegment.ofArray(reference);
        target.set(Bits.LONG, 0, large.number);
        target.set(Bits.LONG, 8, large.previous);
        target.set(Bits.LONG, 16, large.sum());
        long address = lane.append(Records.PUT_LARGE, keyWord, key, prefixed, 0, reference, reference.length);
        large.referenced = true;
        return address;
    }

    /**
     * Puts a key that the filter says is absent. The slot is loaded while the record is written: a load before a lock is taken
     * would be waited for there.
     */
    private Outcome insertNew(
            Shard shard,
            Table table,
            int tag,
            long keyWord,
            byte @Nullable [] key,
            long valueWord,
            byte @Nullable [] value,
            @Nullable DataFile large) {
        files.beginWriting();
        Lane lane = shard.lane;
        int home = table.home(tag);
        long first;
        long address;
        lane.lock();
        try {
            first = table.getPlain(home);
            address = appendLocked(lane, keyWord, key, true, valueWord, value, large);
        } finally {
            lane.unlock();
        }
        Index.insert(shard, table, table.freeSlot(home, first), tag, address);
        return Outcome.INSERTED;
    }

    private @Nullable MappedByteBuffer largeAt(long address) {
        MappedByteBuffer bytes = log.bytes(address);
        int offset = log.offset(address);
        long header = Records.header(bytes, offset);
        if (Records.type(header) != Records.PUT_LARGE) {
            return null;
        }
        DataFile large = log.largeOf(bytes, offset, header);
        return large == null ? null : large.bytes;
    }

    private boolean hasValueAt(long address, long word, byte @Nullable [] expected) {
        RecordReader.Value value = reader.value(log.bytes(address), log.offset(address));
        if (value == null) {
            return false;
        }
        if (expected == null) {
            return value.bytes().getLong(value.offset()) == word;
        }
        return value.length() == expected.length && Bits.equal(value.bytes(), value.offset(), expected);
    }

    /** The table of a shard; for tests. */
    Table tableOf(int shard) {
        return shard(shard).table;
    }

    /** A shard; for tests. */
    Shard shard(int number) {
        return index.shards[number];
    }

    /**
     * Removes all entries of a shard at once, unless one of its keys is held.
     *
     * @param shard the shard
     * @param gone gets what was there, unless null
     * @return whether it did
     */
    boolean empty(Shard shard, @Nullable List<Outcome> gone) {
        shard.lock.lock();
        try {
            files.checkWritable();
            if (shard.holds != null) {
                return false;
            }
            if (shard.live() == 0) {
                return true;
            }
            files.beginWriting();
            long content = (long) shard.index << 32 | index.shardBits();
            shard.lane.lock();
            long record;
            try {
                record = shard.lane.append(Records.CLEAR, content, null, false, 0, null, 0);
            } finally {
                shard.lane.unlock();
            }
            log.countDead(record);
            Table table = shard.table;
            for (int slot = 0; slot < table.capacity(); slot++) {
                long word = table.getPlain(slot);
                if (Table.isLive(word)) {
                    long address = Table.address(word);
                    if (gone != null) {
                        gone.add(new Outcome(address, largeAt(address), true));
                    }
                    log.countDead(address);
                }
            }
            index.reset(shard);
            return true;
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        } finally {
            shard.lock.unlock();
        }
    }
}
