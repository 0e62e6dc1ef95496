package io.sherd.disk;

import io.sherd.disk.Lane.Position;
import java.lang.foreign.MemorySegment;
import java.nio.MappedByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The writing half of the map, on encoded keys and values.
 *
 * <p>A writer takes the shard's lock, waits until nobody holds the key (without the lock), finds the slot, appends a record to
 * the shard's lane, and writes its address into the slot. The lane's lock is taken within the shard's, never the other way
 * round. What fails before the record is appended leaves the map as it was, and nothing can fail between that and the slot. A new key gets its slot later, if the filter
 * knows that it is new, see {@link Unplaced}. A value too large for a lane is stored before the lock is taken, in a file of its own to which the record refers.
 *
 * <p>Several keys that change together are a {@link Commit}: the locks of all their shards are taken, in the order of the
 * shards. Nobody waits for a key meanwhile.
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

    /** Deletes what was stored apart for changes that are not made. */
    void discard(List<Commit.Change> changes) {
        for (Commit.Change change : changes) {
            DataFile large = change.large;
            if (large != null) {
                log.discard(large);
            }
        }
    }

    boolean isLarge(byte @Nullable [] value) {
        return value != null && value.length > log.maxValue();
    }

    /** What is there for a key. Under the shard's lock. */
    Outcome present(Shard shard, long hash, long keyWord, byte @Nullable [] key) {
        int slot = index.locate(shard, index.tag(hash), keyWord, key);
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
                    ? insertNew(shard, index.writable(shard, table), tag, keyWord, key, valueWord, value, large)
                    : Outcome.MISSED;
        }
        int slot = index.locate(shard, tag, keyWord, key);
        if (slot < 0) {
            if (!hasValue || when == When.PRESENT || when == When.EQUAL) {
                return Outcome.MISSED;
            }
            table = index.writable(shard, table);
            long address = append(shard, keyWord, key, true, valueWord, value, large);
            Index.insert(shard, table, ~slot, tag, address);
            return Outcome.INSERTED;
        }
        long previous = Table.address(table.getPlain(slot));
        if (when == When.ABSENT || (when == When.EQUAL && !hasValueAt(previous, expectedWord, expected))) {
            return new Outcome(previous, largeAt(previous), false);
        }
        Outcome outcome = new Outcome(previous, largeAt(previous), true);
        table = index.writable(shard, table);
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

    /** Puts a key that the filter says is absent, and that goes without a slot for now. */
    private Outcome insertNew(
            Shard shard,
            Table table,
            int tag,
            long keyWord,
            byte @Nullable [] key,
            long valueWord,
            byte @Nullable [] value,
            @Nullable DataFile large) {
        Index.makeRoomUnplaced(shard);
        long address = append(shard, keyWord, key, true, valueWord, value, large);
        Index.insertUnplaced(shard, table, tag, address);
        return Outcome.INSERTED;
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
        long address;
        lane.lock();
        try {
            address = appendLocked(lane, keyWord, key, hasValue, valueWord, value, large);
        } finally {
            lane.unlock();
        }
        refer(large);
        return address;
    }

    /** Takes the locks of all shards that a sorted list names, each once, in order. */
    static void lock(List<Shard> shards) {
        int locked = 0;
        try {
            for (; locked < shards.size(); locked++) {
                shards.get(locked).lock.lock();
            }
        } finally {
            if (locked < shards.size()) {
                unlock(shards.subList(0, locked));
            }
        }
    }

    static void unlock(List<Shard> shards) {
        for (Shard shard : shards) {
            shard.lock.unlock();
        }
    }

    /** Makes all changes of a commit, or none. Under the locks of all their shards, by whoever may change the keys. */
    void apply(Commit commit) {
        Commit.Change[] changes = commit.changes;
        if (changes.length == 0) {
            return;
        }
        try {
            for (int from = 0, to; from < changes.length; from = to) {
                to = endOfShard(changes, from);
                index.makeRoom(changes[from].shard, to - from);
            }
            files.beginWriting();
            append(changes);
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        }
        if (changes.length > 1) {
            announce(commit);
        }
        for (Commit.Change change : changes) {
            settle(change);
        }
        if (changes.length > 1) {
            for (int from = 0; from < changes.length; from = endOfShard(changes, from)) {
                changes[from].shard.table.commit = null;
            }
        }
    }

    private static void announce(Commit commit) {
        Commit.Change[] changes = commit.changes;
        for (int from = 0; from < changes.length; from = endOfShard(changes, from)) {
            changes[from].shard.table.commit = commit;
        }
        for (Commit.Change change : changes) {
            if (!change.hasValue) {
                change.shard.countErasure();
            }
        }
        commit.done();
    }

    private static int endOfShard(Commit.Change[] changes, int from) {
        int to = from + 1;
        while (to < changes.length && changes[to].shard == changes[from].shard) {
            to++;
        }
        return to;
    }

    /** Appends the records of a commit: one as it is, several in groups, at most one group a lane unless they are large. */
    private void append(Commit.Change[] changes) {
        if (changes.length == 1) {
            Commit.Change only = changes[0];
            only.address =
                    append(only.shard, only.keyWord, only.key, only.hasValue, only.valueWord, only.value, only.large);
            return;
        }
        List<List<Commit.Change>> groups = groups(changes);
        Position first = null;
        boolean whole = false;
        try {
            for (List<Commit.Change> group : groups) {
                Position begin = append(group, first, groups.size());
                first = first == null ? begin : first;
            }
            whole = true;
        } finally {
            if (!whole) {
                countDead(changes);
            }
        }
    }

    /** Appends a group, and answers where it begins; the first one of its transaction begins there too. */
    private Position append(List<Commit.Change> group, @Nullable Position first, int groups) {
        int bytes = 0;
        for (Commit.Change change : group) {
            bytes += size(change);
        }
        Lane lane = group.getFirst().shard.lane;
        lane.lock();
        try {
            Position begin = lane.beginGroup(bytes);
            boolean ended = false;
            try {
                for (Commit.Change change : group) {
                    change.address = appendLocked(
                            lane,
                            change.keyWord,
                            change.key,
                            change.hasValue,
                            change.valueWord,
                            change.value,
                            change.large);
                }
                log.countDead(lane.endGroup(begin, first == null ? begin : first, groups));
                ended = true;
            } finally {
                if (!ended) {
                    lane.giveUpGroup(begin);
                }
            }
            return begin;
        } finally {
            lane.unlock();
        }
    }

    /** Counts what was appended of changes that are not made. */
    private void countDead(Commit.Change[] changes) {
        for (Commit.Change change : changes) {
            if (change.address != Index.ABSENT) {
                log.countDeadRecord(change.address);
            }
        }
    }

    /** The changes by lane, divided where one group would be too large for the rest of a file. */
    private List<List<Commit.Change>> groups(Commit.Change[] changes) {
        List<List<Commit.Change>> groups = new ArrayList<>();
        for (int lane = 0; lane < log.lanes(); lane++) {
            List<Commit.Change> group = new ArrayList<>();
            long bytes = 0;
            for (Commit.Change change : changes) {
                if (change.shard.lane.index == lane) {
                    int size = size(change);
                    if (!group.isEmpty() && bytes + size > log.maxGroup()) {
                        groups.add(group);
                        group = new ArrayList<>();
                        bytes = 0;
                    }
                    group.add(change);
                    bytes += size;
                }
            }
            if (!group.isEmpty()) {
                groups.add(group);
            }
        }
        return groups;
    }

    /** The bytes that the record of a change takes. */
    private int size(Commit.Change change) {
        int keyLength = change.key == null ? Long.BYTES : (reader.hasPrefix() ? Integer.BYTES : 0) + change.key.length;
        int valueLength = !change.hasValue
                ? 0
                : change.large != null ? Records.REFERENCE : change.value == null ? Long.BYTES : change.value.length;
        return Records.size(keyLength + valueLength);
    }

    /** Makes the index tell of a change whose record is appended. There is room. */
    private void settle(Commit.Change change) {
        refer(change.large);
        Shard shard = change.shard;
        Table table = shard.table;
        int tag = index.tag(change.hash);
        int slot = index.locate(table, tag, change.keyWord, change.key);
        if (slot >= 0) {
            log.countDead(Table.address(table.getPlain(slot)));
        }
        if (!change.hasValue) {
            log.countDead(change.address);
            if (slot >= 0) {
                Index.erase(shard, table, slot);
            }
        } else if (slot >= 0) {
            table.setRelease(slot, Table.word(tag, change.address));
        } else {
            Index.insert(shard, table, ~slot, tag, change.address);
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
        return lane.append(Records.PUT_LARGE, keyWord, key, prefixed, 0, reference, reference.length);
    }

    /**
     * Says that a record that counts refers to a large value, so that an image must name its file. Not before it is certain that
     * the record counts: the file of one that does not is deleted, and a map is not opened when a file is missing that its image
     * names.
     */
    private static void refer(@Nullable DataFile large) {
        if (large != null) {
            large.referenced = true;
        }
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

    /** The table of a shard, with all keys in it; for tests. */
    Table tableOf(int shard) {
        return Index.wholeTable(shard(shard));
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
            Index.place(shard);
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
