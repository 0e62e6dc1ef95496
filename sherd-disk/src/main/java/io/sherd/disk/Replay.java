package io.sherd.disk;

import io.sherd.disk.CheckpointImage.ShardState;
import io.sherd.disk.Lane.Position;
import java.nio.MappedByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Reads one lane of an era, which was scanned, and applies the records of some of its shards to the index.
 *
 * <p>Records are collected by shard and applied many at a time, so that the shard's table is in a near cache while they are, and
 * few pages of memory are touched. Their slots are looked at first, some at a time, so that misses overlap.
 */
final class Replay implements Callable<Replay> {
    private static final int AHEAD = 32;
    private static final int MAX_PENDING = 1 << 20;
    private static final int MAX_BATCH = 1 << 13;
    private static final int TYPE_SHIFT = 60;
    private static final long MAX_ADDRESS = (1L << TYPE_SHIFT) - 1;

    private final Log log;
    private final RecordReader reader;
    private final Index index;
    private final Filter filter;
    private final LaneScan scan;
    private final Set<Position> incomplete;
    private final int lanes;
    private final int lane;
    private final int part;
    private final int parts;
    private final int firstLog;

    private final @Nullable Pending[] pending;
    private final int batch;
    private final long[] dead;
    private final byte[] key = new byte[Records.MAX_KEY];
    private long touched;

    private long records;

    Replay(
            Log log,
            RecordReader reader,
            Index index,
            Filter filter,
            LaneScan scan,
            Set<Position> incomplete,
            int lanes,
            int lane,
            int part,
            int parts,
            int firstLog) {
        this.log = log;
        this.reader = reader;
        this.index = index;
        this.filter = filter;
        this.scan = scan;
        this.incomplete = incomplete;
        this.lanes = lanes;
        this.lane = lane;
        this.part = part;
        this.firstLog = firstLog;
        this.parts = parts;
        this.dead = new long[log.fileSlots()];
        this.pending = new Pending[index.shards.length];
        this.batch = Math.clamp((long) MAX_PENDING * lanes * parts / index.shards.length, AHEAD, MAX_BATCH);
    }

    /** The records of one shard that were read and not applied: their hashes, their addresses and types. */
    private static final class Pending {
        final long[] hashes;
        final long[] places;
        int count;

        Pending(int capacity) {
            hashes = new long[capacity];
            places = new long[capacity];
        }
    }

    /** Which records the image knows already. */
    record Filter(List<ShardState> shards) {
        boolean passes(int shard, long sequence, long offset) {
            if (shards.isEmpty()) {
                return true;
            }
            Position position = shards.get(shard).position();
            return sequence > position.sequence() || (sequence == position.sequence() && offset >= position.offset());
        }
    }

    @Override
    public Replay call() {
        for (Shard shard : index.shards) {
            if (shard.index % lanes == lane && isMine(shard.index) && shard.live() == 0 && shard.table.log < firstLog) {
                index.presize(shard, firstLog);
            }
        }
        for (DataFile file : scan.read()) {
            read(file, scan.start(file), scan.end(file));
        }
        for (int shard = 0; shard < pending.length; shard++) {
            apply(shard);
        }
        for (int number = 0; number < dead.length; number++) {
            if (dead[number] != 0) {
                log.fileNumbered(number).dead.addAndGet(dead[number]);
            }
        }
        return this;
    }

    private void read(DataFile file, int start, int end) {
        MappedByteBuffer data = file.bytes;
        long endOfIncomplete = 0;
        int size;
        for (int offset = start; offset < end; offset += size) {
            long header = Records.header(data, offset);
            int type = Records.type(header);
            size = Records.size(Records.length(header));
            if (type == Records.GROUP) {
                if (incomplete.contains(Records.firstGroup(data, offset))) {
                    endOfIncomplete = offset + size + Records.groupBytes(data, offset);
                }
                if (part == 0) {
                    file.dead.addAndGet(size);
                }
            } else if (type != Records.END) {
                accept(file, offset, type, offset >= endOfIncomplete);
            }
        }
    }

    /** Takes a record; one that does not count is only counted as dead. */
    private void accept(DataFile file, int offset, int type, boolean counts) {
        if (type == Records.CLEAR) {
            int shard = file.bytes.getInt(offset + Records.HEADER + Integer.BYTES);
            if (isMine(shard) && filter.passes(shard, file.sequence, offset)) {
                apply(shard);
                clear(index.shards[shard]);
                file.dead.addAndGet(Records.size(Long.BYTES));
                records++;
            }
            return;
        }
        long hash = reader.wordKeys
                ? Bits.hash(file.bytes.getLong(offset + Records.HEADER), log.salt)
                : Bits.hash(key, reader.copyKey(file.bytes, offset, key), log.salt);
        int shard = index.shardNumber(hash);
        if (!isMine(shard) || !filter.passes(shard, file.sequence, offset)) {
            return;
        }
        if (!counts) {
            // not its large value: that file was deleted, and its number may be that of another by now
            dead[file.number] += Records.size(Records.length(Records.header(file.bytes, offset)));
            return;
        }
        Pending some = pending[shard];
        if (some == null) {
            some = new Pending(batch);
            pending[shard] = some;
        }
        some.hashes[some.count] = hash;
        some.places[some.count] = log.address(file.number, offset) | (long) type << TYPE_SHIFT;
        if (++some.count == batch) {
            apply(shard);
        }
    }

    private boolean isMine(int shard) {
        return parts == 1 || shard / lanes % parts == part;
    }

    private void apply(int number) {
        Pending some = pending[number];
        if (some == null) {
            return;
        }
        Shard shard = index.shards[number];
        for (int from = 0; from < some.count; from += AHEAD) {
            int to = Math.min(some.count, from + AHEAD);
            Table table = shard.table;
            long sum = 0;
            for (int i = from; i < to; i++) {
                sum += table.getPlain(table.home(index.tag(some.hashes[i])));
            }
            for (int i = from; i < to; i++) {
                int tag = index.tag(some.hashes[i]);
                long word = table.getPlain(table.home(tag));
                if (Table.tag(word) == tag && Table.isLive(word)) {
                    sum += headerAt(Table.address(word)) + headerAt(some.places[i] & MAX_ADDRESS);
                }
            }
            touched += sum; // keeps the reads above from being dropped
            for (int i = from; i < to; i++) {
                long place = some.places[i];
                apply(shard, some.hashes[i], place & MAX_ADDRESS, (int) (place >>> TYPE_SHIFT));
            }
        }
        records += some.count;
        some.count = 0;
    }

    private long headerAt(long address) {
        return Records.header(log.bytes(address), log.offset(address));
    }

    /** As {@link Log#countDead}, but handed over at the end only: other threads count at the same files. */
    private void countDead(long address) {
        long header = headerAt(address);
        if (Records.type(header) == Records.PUT_LARGE) {
            log.countDead(address);
        } else {
            dead[log.number(address)] += Records.size(Records.length(header));
        }
    }

    private void apply(Shard shard, long hash, long address, int type) {
        if (type != Records.REMOVE) {
            index.makeRoom(shard);
        }
        int tag = index.tag(hash);
        Table table = shard.table;
        int slot = index.locate(table, tag, address);
        long word = slot < 0 ? 0 : table.getPlain(slot);
        if (type == Records.PUT_LARGE) {
            MappedByteBuffer data = log.bytes(address);
            int offset = log.offset(address);
            DataFile large = log.largeOf(data, offset, Records.header(data, offset));
            if (large != null) {
                large.referenced = true;
            }
        }
        if (word != 0) {
            countDead(Table.address(word));
        }
        if (type == Records.REMOVE) {
            countDead(address);
            if (word != 0) {
                Index.erase(shard, table, slot);
            }
        } else if (word != 0) {
            table.setRelease(slot, Table.word(tag, address));
        } else {
            Index.insert(shard, table, ~slot, tag, address);
        }
    }

    private void clear(Shard shard) {
        Table table = shard.table;
        for (int slot = 0; slot < table.capacity(); slot++) {
            long word = table.getPlain(slot);
            if (Table.isLive(word)) {
                countDead(Table.address(word));
            }
        }
        index.reset(shard);
    }

    long records() {
        return records;
    }

    /** What the reads ahead of their use added up to. */
    long touched() {
        return touched;
    }
}
