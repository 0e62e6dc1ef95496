package io.sherd.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds the records of keys: the shards, and how a hash leads to a shard, a tag and a slot. */
final class Index {
    /** The address that stands for absence. */
    static final long ABSENT = 0;

    static final int MIN_LOG = 5;

    final Shard[] shards;
    final RecordReader reader;
    private final Log log;
    private final int shardBits;
    private final int tagShift;

    Index(Log log, RecordReader reader, int shardBits) {
        this.log = log;
        this.reader = reader;
        this.shardBits = shardBits;
        this.tagShift = 40 - shardBits;
        this.shards = new Shard[1 << shardBits];
    }

    /** Fills all shards with empty tables of a size. */
    void createShards(int tableLog) {
        MemorySegment words = allocate((long) shards.length << (tableLog + 3));
        long bytes = 8L << tableLog;
        for (int i = 0; i < shards.length; i++) {
            shards[i] = new Shard(i, laneOf(i), new Table(words.asSlice(i * bytes, bytes), tableLog));
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
        return (int) (hash >>> 1 >>> (63 - shardBits));
    }

    Shard shard(long hash) {
        return shards[shardNumber(hash)];
    }

    int tag(long hash) {
        return (int) (hash >>> tagShift) & 0xffffff;
    }

    /** The address of a key's record. Takes no lock. */
    long find(long hash, long keyWord, byte @Nullable [] key) {
        Table table = shards[shardNumber(hash)].table;
        int tag = tag(hash);
        for (int slot = table.home(tag); ; slot = slot + 1 & table.mask) {
            long word = table.getAcquire(slot);
            if (word == 0) {
                return ABSENT;
            }
            if (Table.tag(word) == tag && Table.isLive(word)) {
                long address = Table.address(word);
                if (reader.hasKey(log.bytes(address), log.offset(address), keyWord, key)) {
                    return address;
                }
            }
        }
    }

    /** The slot of a key, or the complement of the slot where it would go. Under the shard's lock. */
    int locate(Table table, int tag, long keyWord, byte @Nullable [] key) {
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
                if (reader.hasKey(log.bytes(address), log.offset(address), keyWord, key)) {
                    return slot;
                }
            }
        }
    }

    /** Puts a new word into a free slot. Under the shard's lock. */
    static void insert(Shard shard, Table table, int slot, long word) {
        if (table.getPlain(slot) == 0) {
            shard.used++;
        }
        table.setRelease(slot, word);
        shard.setLive(shard.live() + 1);
    }

    /** Takes the word of a slot out; slots that no probe needs to pass become empty. Under the shard's lock. */
    static void erase(Shard shard, Table table, int slot) {
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
        shard.setLive(shard.live() - 1);
    }

    /** Replaces a table that is too full. Under the shard's lock. */
    void grow(Shard shard) {
        Table old = shard.table;
        int tableLog = shard.live() >= old.capacity() >> 1 ? old.log + 1 : old.log;
        if (tableLog > Table.MAX_LOG) {
            throw new DiskMapException("map " + log.directory + ": a shard is full at " + shard.live()
                    + " entries; create the map with more shards");
        }
        Table table = new Table(allocate(8L << tableLog), tableLog);
        for (int i = 0; i < old.capacity(); i++) {
            long word = old.getPlain(i);
            if (Table.isLive(word)) {
                int slot = table.home(Table.tag(word));
                while (table.getPlain(slot) != 0) {
                    slot = slot + 1 & table.mask;
                }
                table.setPlain(slot, word);
            }
        }
        shard.used = (int) shard.live();
        shard.table = table;
    }

    /** Makes the table of an empty shard larger. Under the shard's lock, or before the map is used. */
    void presize(Shard shard, int tableLog) {
        shard.table = new Table(allocate(8L << tableLog), tableLog);
        shard.used = 0;
    }

    /** Empties a shard. Under the shard's lock. */
    void reset(Shard shard) {
        presize(shard, Math.min(shard.table.log, 12));
        shard.setLive(0);
    }

    /**
     * Memory for a table: native memory, or where the process allows no more of it, a private mapping of a scratch file, which
     * counts against no limit of the process.
     */
    private MemorySegment allocate(long bytes) {
        try {
            return Arena.ofAuto().allocate(bytes, 64);
        } catch (OutOfMemoryError limitReached) {
            return log.io.call("make room for the index", () -> scratch(bytes));
        }
    }

    private MemorySegment scratch(long bytes) throws IOException {
        Path path = log.directory.resolve("index-" + Long.toUnsignedString(System.nanoTime(), 36) + ".tmp");
        try (BlockFile file = log.storage.create(path)) {
            file.extend(bytes);
            return file.map(FileChannel.MapMode.PRIVATE, 0, bytes);
        } finally {
            log.storage.delete(path);
        }
    }
}
