package io.sherd.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds the records of keys: the shards, and how a hash leads to a shard, a tag and a slot. */
final class Index {
    /** The address that stands for absence. */
    static final long ABSENT = 0;

    /** Tables of these sizes, the second not among them, grow fourfold if keys alone have filled them. */
    private static final int FOURFOLD_FROM = 7;

    private static final int FOURFOLD_TO = 12;

    private static final int MAX_ALLOCATION = 1 << 30;
    private static final int LINE = 64;

    /** The largest table that a shard keeps when it is emptied. */
    private static final int MAX_EMPTY_LOG = 12;

    final Shard[] shards;
    final RecordReader reader;
    final Cuts cuts;
    private final Log log;

    /** Whether the process had no more native memory once. */
    private volatile boolean isLimitReached;

    private final int shardBits;
    private final int shardShift;
    private final int tagShift;

    Index(Log log, RecordReader reader, int shardBits) {
        this.log = log;
        this.reader = reader;
        this.shardBits = shardBits;
        this.shardShift = 63 - shardBits;
        this.tagShift = 40 - shardBits;
        this.shards = new Shard[1 << shardBits];
        this.cuts = new Cuts(this, log);
    }

    /** Fills all shards with empty tables of a size. */
    void createShards(int tableLog) {
        int size = Table.size(tableLog);
        int together = Math.clamp(MAX_ALLOCATION / size, 1, shards.length);
        for (int from = 0; from < shards.length; from += together) {
            int to = Math.min(shards.length, from + together);
            MappedByteBuffer bytes = allocate((to - from) * size);
            for (int i = from; i < to; i++) {
                shards[i] = new Shard(i, laneOf(i), new Table(slice(bytes, (i - from) * size, size), tableLog));
            }
        }
    }

    /** Fills all shards from an image. */
    void loadShards(CheckpointImage image) {
        for (int i = 0; i < shards.length; i++) {
            Shard shard = new Shard(i, laneOf(i), image.table(i));
            shard.used = image.shards().get(i).used();
            shard.setLive(image.shards().get(i).live());
            shards[i] = shard;
        }
    }

    private Lane laneOf(int shard) {
        return log.lane(shard & log.lanes() - 1);
    }

    int shardBits() {
        return shardBits;
    }

    int shardNumber(long hash) {
        return (int) (hash >>> 1 >>> shardShift);
    }

    Shard shard(long hash) {
        return shards[shardNumber(hash)];
    }

    int tag(long hash) {
        return (int) (hash >>> tagShift) & 0xffffff;
    }

    /**
     * The address of a record whose key may be the one with this hash, as its word is at the home of the tag or next to it and has the tag. If the key is that one,
     * {@link #find} could have answered the same; if not, or if this answers {@link #ABSENT}, nothing is known. Takes no lock.
     */
    long candidate(Shard shard, int tag) {
        Table table = shard.table;
        if (table.commit != null) {
            return ABSENT;
        }
        long word = table.nearHome(tag);
        return Table.tag(word) == tag ? Table.liveAddress(word) : ABSENT;
    }

    /** Whether a key with this tag is surely absent, as far as look-ups ask for that first at the moment. Takes no lock. */
    boolean isRuledOut(Shard shard, int tag) {
        if (!shard.expectsMisses()) {
            return false;
        }
        Table table = shard.table;
        if (table.commit != null || table.mayHave(tag)) {
            return false;
        }
        shard.missed(tag);
        return true;
    }

    /** The address of a key's record. Takes no lock. */
    long find(long hash, long keyWord, byte @Nullable [] key) {
        return find(hash, keyWord, key, null);
    }

    /** The address of the record of a short string. Takes no lock. */
    long find(long hash, String text) {
        return find(hash, 0, null, new ShortText(text));
    }

    private long find(long hash, long keyWord, byte @Nullable [] key, @Nullable ShortText text) {
        Shard shard = shards[shardNumber(hash)];
        int tag = tag(hash);
        for (; ; ) {
            long state = shard.unplacedState(); // before the table
            Table table = shard.table;
            Commit commit = table.commit;
            if (commit != null) {
                long address = commit.find(hash, keyWord, text == null ? key : text.toBytes());
                if (address != Commit.UNCHANGED) {
                    return address;
                }
            }
            if (shard.expectsMisses() && !table.mayHave(tag)) {
                shard.missed(tag);
                return ABSENT;
            }
            long address = probe(table, tag, keyWord, key, text);
            if (address == ABSENT && Unplaced.count(state) != 0) {
                address = probe(shard, state, tag, keyWord, key, text);
                if (!shard.isUnplacedSince(state)) {
                    continue;
                }
            }
            if (address == ABSENT) {
                shard.missed(tag);
            } else {
                shard.found(tag);
            }
            return address;
        }
    }

    /** The address of a key's record, if it has no slot and nothing was placed meanwhile. Takes no lock. */
    private long probe(
            Shard shard, long state, int tag, long keyWord, byte @Nullable [] key, @Nullable ShortText text) {
        for (int i = 0; i < Unplaced.count(state); i++) {
            long word = shard.unplacedAcquire(i);
            if (Table.tag(word) == tag && Table.isLive(word)) {
                long address = Table.address(word);
                if (hasKey(address, keyWord, key, text)) {
                    return address;
                }
            }
        }
        return ABSENT;
    }

    /** The address of a key's record by the words of a table. Takes no lock. */
    long probe(Table table, int tag, long keyWord, byte @Nullable [] key) {
        return probe(table, tag, keyWord, key, null);
    }

    private long probe(Table table, int tag, long keyWord, byte @Nullable [] key, @Nullable ShortText text) {
        for (int slot = table.home(tag); ; slot = slot + 1 & table.mask) {
            long word = table.getAcquire(slot);
            if (word == 0) {
                return ABSENT;
            }
            if (Table.tag(word) == tag && Table.isLive(word)) {
                long address = Table.address(word);
                if (hasKey(address, keyWord, key, text)) {
                    return address;
                }
            }
        }
    }

    private boolean hasKey(long address, long keyWord, byte @Nullable [] key, @Nullable ShortText text) {
        MappedByteBuffer bytes = log.bytes(address);
        int offset = log.offset(address);
        return text == null ? reader.hasKey(bytes, offset, keyWord, key) : RecordReader.hasKey(bytes, offset, text);
    }

    /**
     * The slot of a key, which is placed now if it has none yet, or the complement of the slot where it would go. Under the shard's
     * lock.
     */
    int locate(Shard shard, int tag, long keyWord, byte @Nullable [] key) {
        if (shard.placing) {
            place(shard);
        }
        int slot = locate(shard.table, tag, keyWord, key);
        if (slot < 0 && probe(shard, shard.unplacedState(), tag, keyWord, key, null) != ABSENT) {
            place(shard);
            slot = locate(shard.table, tag, keyWord, key);
        }
        return slot;
    }

    /** The slot of a key in a table that lacks nothing, or the complement of the slot where it would go. Under the shard's lock. */
    int locate(Table table, int tag, long keyWord, byte @Nullable [] key) {
        return locate(table, tag, keyWord, key, ABSENT);
    }

    /** Whether the records of two words have the same key. */
    boolean sameKey(long word, long other) {
        long a = Table.address(word);
        long b = Table.address(other);
        return reader.sameKey(log.bytes(a), log.offset(a), log.bytes(b), log.offset(b));
    }

    /** The slot of the key that a record has, or the complement of the slot where it would go. Under the shard's lock. */
    int locate(Table table, int tag, long record) {
        return locate(table, tag, 0, null, record);
    }

    private int locate(Table table, int tag, long keyWord, byte @Nullable [] key, long record) {
        int free = -1;
        for (int slot = table.home(tag); ; slot = slot + 1 & table.mask) {
            long word = table.getPlain(slot);
            if (word == 0) {
                return ~(free >= 0 ? free : slot);
            }
            if (word == Table.TOMBSTONE) {
                free = free >= 0 ? free : slot;
            } else if (Table.tag(word) == tag) {
                long address = Table.address(word);
                if (record == ABSENT
                        ? reader.hasKey(log.bytes(address), log.offset(address), keyWord, key)
                        : reader.sameKey(
                                log.bytes(record), log.offset(record), log.bytes(address), log.offset(address))) {
                    return slot;
                }
            }
        }
    }

    /** Puts a new word into a free slot. Under the shard's lock. */
    static void insert(Shard shard, Table table, int slot, int tag, long address) {
        if (table.getPlain(slot) == 0) {
            shard.used++;
        }
        table.add(tag);
        table.setRelease(slot, Table.word(tag, address));
        shard.setLive(shard.live() + 1);
    }

    /** Makes room for one more key without a slot. Before anything is written, as it takes memory. Under the shard's lock. */
    static void makeRoomUnplaced(Shard shard) {
        if (shard.isUnplacedFull()) {
            place(shard);
            shard.makeRoomUnplaced(shard.table);
        }
    }

    /** Adds a new key, for which there is room, without a slot for now. The table may be written. Under the shard's lock. */
    static void insertUnplaced(Shard shard, Table table, int tag, long address) {
        table.add(tag);
        shard.addUnplaced(Table.word(tag, address));
        shard.setLive(shard.live() + 1);
    }

    /** Gives a slot to every key that has none: afterwards the table says all that is in the shard. Under the shard's lock. */
    static void place(Shard shard) {
        int count = shard.unplacedCount();
        if (count == 0) {
            return;
        }
        Table table = shard.table;
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += table.getPlain(table.home(Table.tag(shard.unplaced(i))));
        }
        shard.touched = sum; // keeps the reads above, which overlap, from being dropped
        shard.placing = true;
        for (int i = 0; i < count; i++) {
            place(shard, table, shard.unplaced(i));
        }
        shard.allPlaced();
        shard.placing = false;
    }

    /** Gives a slot to a word, unless it got one before placing was broken off. */
    private static void place(Shard shard, Table table, long word) {
        int slot = table.home(Table.tag(word));
        long found = table.getPlain(slot);
        while (Table.isLive(found) && found != word) {
            slot = slot + 1 & table.mask;
            found = table.getPlain(slot);
        }
        if (found != word) {
            shard.used += found == 0 ? 1 : 0;
            table.setRelease(slot, word);
        }
    }

    /** The table of a shard with all keys in it that are there at the call. Takes the shard's lock if need be. */
    static Table wholeTable(Shard shard) {
        if (Unplaced.count(shard.unplacedState()) != 0) {
            shard.lock.lock();
            try {
                place(shard);
            } finally {
                shard.lock.unlock();
            }
        }
        return shard.table;
    }

    /** Takes the word of a slot out; slots that no probe needs to pass become empty. Under the shard's lock. */
    static void erase(Shard shard, Table table, int slot) {
        shard.countErasure();
        if (table.getPlain(slot + 1 & table.mask) == 0) {
            int last = slot;
            do {
                table.setRelease(last, 0);
                shard.used--;
                last = last - 1 & table.mask;
            } while (table.getPlain(last) == Table.TOMBSTONE);
        } else {
            table.setRelease(slot, Table.TOMBSTONE);
        }
        shard.removed++;
        shard.setLive(shard.live() - 1);
    }

    /**
     * What to write to instead of a shard's table: the table itself, or a copy if a cut in use has it. Slots stay where they are.
     * Under the shard's lock.
     */
    Table writable(Shard shard, Table table) {
        return table.frozen ? thaw(shard, table) : table;
    }

    private Table thaw(Shard shard, Table table) {
        if (!cuts.need(shard.index, table)) {
            table.frozen = false;
            return table;
        }
        int size = Table.size(table.log);
        Table copy = new Table(allocate(size), table.log);
        copy.bytes.put(0, table.bytes, 0, size);
        shard.table = copy;
        return copy;
    }

    /** Makes room for one more entry, and now and then a new filter. Under the shard's lock. */
    void makeRoom(Shard shard) {
        Table table = shard.table;
        if (shard.usedAtMost() >= table.limit() || shard.removed > table.capacity()) {
            grow(shard, 0);
        }
    }

    /** Makes room for some more entries at once, in a table that may be written and has all keys. Under the shard's lock. */
    void makeRoom(Shard shard, int entries) {
        place(shard);
        Table table = shard.table;
        if (shard.used + (long) entries > table.limit()) {
            int larger = shard.live() >= table.capacity() >> 1 ? table.log + 1 : 0;
            grow(shard, Math.max(larger, Table.logFor(shard.live() + entries)));
        }
        writable(shard, shard.table);
    }

    /** Whether to copy a table more often would cost more than the room: small ones take little, large ones much of it. */
    private static boolean isOfMiddleSize(Table table) {
        return table.log >= FOURFOLD_FROM && table.log < FOURFOLD_TO;
    }

    /**
     * Replaces a table that is too full, or whose filter knows many keys that are gone, by one that has a least size. Under the
     * shard's lock.
     */
    private void grow(Shard shard, int minimum) {
        if (shard.placing) {
            place(shard);
        }
        Table old = shard.table;
        int tableLog = old.log;
        int used = shard.usedAtMost();
        if (used >= old.limit() && shard.live() >= old.capacity() >> 1) {
            tableLog += isOfMiddleSize(old) && shard.live() == used ? 2 : 1;
        }
        tableLog = Math.max(tableLog, minimum);
        if (tableLog > Table.MAX_LOG) {
            throw new DiskMapException("map " + log.directory + ": a shard is full at " + shard.live()
                    + " entries; create the map with more shards");
        }
        Table table = new Table(allocate(Table.size(tableLog)), tableLog);
        for (int i = 0; i < old.capacity(); i++) {
            long word = old.getPlain(i);
            if (Table.isLive(word)) {
                take(table, word);
            }
        }
        for (int i = 0; i < shard.unplacedCount(); i++) {
            take(table, shard.unplaced(i));
        }
        shard.used = (int) shard.live();
        shard.removed = 0;
        shard.table = table;
        shard.allPlaced();
    }

    /** Puts a word into a table that nobody reads yet. */
    private static void take(Table table, long word) {
        int tag = Table.tag(word);
        int slot = table.home(tag);
        while (table.getPlain(slot) != 0) {
            slot = slot + 1 & table.mask;
        }
        table.add(tag);
        table.setRelease(slot, word);
    }

    /** Makes the table of an empty shard larger. Nothing waits for a slot. Under the shard's lock, or before the map is used. */
    void presize(Shard shard, int tableLog) {
        shard.table = new Table(allocate(Table.size(tableLog)), tableLog);
        shard.used = 0;
        shard.removed = 0;
    }

    /** Empties a shard. Under the shard's lock. */
    void reset(Shard shard) {
        shard.countErasure();
        presize(shard, Math.min(shard.table.log, MAX_EMPTY_LOG));
        shard.setLive(0);
    }

    /**
     * Memory for a table: native memory, or where the process allows no more of it, a private mapping of a scratch file, which
     * counts against no limit of the process.
     */
    private MappedByteBuffer allocate(int bytes) {
        if (!isLimitReached) {
            try {
                return slice(ByteBuffer.allocateDirect(bytes + 2 * LINE).alignedSlice(LINE), 0, bytes);
            } catch (OutOfMemoryError limitReached) {
                isLimitReached = true; // each try waits for half a second
            }
        }
        return log.io.call("make room for the index", () -> scratch(bytes));
    }

    private static MappedByteBuffer slice(ByteBuffer buffer, int from, int bytes) {
        return (MappedByteBuffer) buffer.slice(from, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private MappedByteBuffer scratch(int bytes) throws IOException {
        Path path = log.directory.resolve("index-" + Long.toUnsignedString(System.nanoTime(), 36) + ".tmp");
        try (BlockFile file = log.storage.create(path)) {
            file.extend(bytes);
            return file.buffer(FileChannel.MapMode.PRIVATE, bytes);
        } finally {
            log.storage.delete(path);
        }
    }
}
