package io.sherd.disk;

import io.sherd.disk.CheckpointImage.ShardState;
import io.sherd.disk.Lane.Position;
import java.nio.MappedByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Reads one lane of an era, which was scanned, and applies the records of some of its shards to the index.
 *
 * <p>Records are collected by shard and applied many at a time, so that the shard's table is in a near cache while they are, and
 * few pages of memory are touched. What is collected of a record is what the index will say of it, and its type. The memory
 * for that is bounded; mostly it holds the whole log, and then each shard is applied once.
 *
 * <p>A shard that is empty is made in an array, see {@link Filling}. In any other the slots are looked at first, some at a time, so
 * that misses overlap.
 */
final class Replay implements Callable<Replay> {
    private static final int AHEAD = 32;

    /** What is collected takes a part of the heap at most; this is a bound for all threads together, in records. */
    private static final long MAX_PENDING = Runtime.getRuntime().maxMemory() / 16 / (Long.BYTES + 1);

    private final Log log;
    private final RecordReader reader;
    private final Index index;
    private final Filter filter;
    private final LaneScan scan;
    private final Set<Position> incomplete;
    private final int lanes;
    private final int part;
    private final int parts;
    private final int firstLog;

    private final Window window = new Window();
    private final Filling filling;
    private final @Nullable Pending[] pending;
    private final int firstPending;
    private final int maxPending;
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
        this.part = part;
        this.firstLog = firstLog;
        this.parts = parts;
        this.dead = new long[log.fileSlots()];
        this.pending = new Pending[index.shards.length];
        this.maxPending = Math.clamp(MAX_PENDING / index.shards.length, 2 * AHEAD, Filling.MAX_RECORDS);
        long mean = Math.ceilDiv(scan.entries() * lanes, index.shards.length);
        this.firstPending = (int) Math.min(maxPending, mean + 6 * (long) Math.sqrt((double) mean) + AHEAD);
        this.filling = new Filling(this::sameKey, this::countDead);
    }

    /** The records of one shard that were read and not applied. */
    private static final class Pending {
        long[] words;
        byte[] types;
        int count;

        Pending(int capacity) {
            words = new long[capacity];
            types = new byte[capacity];
        }

        void grow(int capacity) {
            words = Arrays.copyOf(words, capacity);
            types = Arrays.copyOf(types, capacity);
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
        for (DataFile file : scan.read()) {
            read(file, scan.start(file), scan.end(file));
        }
        for (int shard = 0; shard < pending.length; shard++) {
            apply(shard, 0);
            pending[shard] = null;
        }
        for (int number = 0; number < dead.length; number++) {
            if (dead[number] != 0) {
                log.fileNumbered(number).dead.addAndGet(dead[number]);
            }
        }
        return this;
    }

    private void read(DataFile file, int start, int end) {
        long[] words = window.words;
        boolean wordKeys = reader.wordKeys;
        long salt = log.salt;
        long endOfIncomplete = 0;
        int size;
        for (int offset = start; offset < end; offset += size) {
            int at = window.seek(file, offset, end);
            long header = words[at];
            int type = Records.type(header);
            size = Records.size(Records.length(header));
            if (type == Records.PUT || type == Records.REMOVE || type == Records.PUT_LARGE) {
                long hash;
                if (!wordKeys) {
                    hash = Bits.hash(key, reader.copyKey(file.bytes, offset, key), salt);
                } else if (at + 1 < window.count()) {
                    hash = Bits.hash(words[at + 1], salt);
                } else {
                    hash = Bits.hash(file.bytes.getLong(offset + Records.HEADER), salt);
                }
                accept(file, offset, type, hash, offset < endOfIncomplete);
            } else if (type == Records.GROUP) {
                if (incomplete.contains(Records.firstGroup(file.bytes, offset))) {
                    endOfIncomplete = offset + size + Records.groupBytes(file.bytes, offset);
                }
                if (part == 0) {
                    file.dead.addAndGet(size);
                }
            } else if (type == Records.CLEAR) {
                acceptClear(file, offset);
            }
        }
    }

    private void acceptClear(DataFile file, int offset) {
        int shard = file.bytes.getInt(offset + Records.HEADER + Integer.BYTES);
        if (isMine(shard) && filter.passes(shard, file.sequence, offset)) {
            apply(shard, 0);
            clear(index.shards[shard]);
            file.dead.addAndGet(Records.size(Long.BYTES));
            records++;
        }
    }

    /** Takes a record of a key; one of a transaction that is incomplete is only counted as dead. */
    private void accept(DataFile file, int offset, int type, long hash, boolean isIncomplete) {
        int shard = index.shardNumber(hash);
        if (!isMine(shard) || !filter.passes(shard, file.sequence, offset)) {
            return;
        }
        if (isIncomplete) {
            // not its large value: that file was deleted, and its number may be that of another by now
            dead[file.number] += Records.size(Records.length(Records.header(file.bytes, offset)));
            return;
        }
        Pending some = pending[shard];
        if (some == null) {
            some = new Pending(firstPending);
            pending[shard] = some;
        }
        int count = some.count;
        if (count == some.words.length) {
            if (count < maxPending) {
                some.grow((int) Math.min(maxPending, 2L * count));
            } else {
                apply(shard, firstLog);
                count = 0;
            }
        }
        some.words[count] = Table.word(index.tag(hash), log.address(file.number, offset));
        some.types[count] = (byte) type;
        some.count = count + 1;
    }

    private boolean isMine(int shard) {
        return parts == 1 || shard / lanes % parts == part;
    }

    /** Applies what was collected of a shard; a new table has a least size. */
    private void apply(int number, int leastLog) {
        Pending some = pending[number];
        if (some == null || some.count == 0) {
            return;
        }
        Shard shard = index.shards[number];
        for (int i = 0; i < some.count; i++) {
            if (some.types[i] == Records.PUT_LARGE) {
                refer(Table.address(some.words[i]));
            }
        }
        if (shard.used == 0 && some.count > AHEAD) {
            fill(shard, some, leastLog);
        } else {
            add(shard, some);
        }
        records += some.count;
        some.count = 0;
    }

    /** Makes the table of an empty shard. */
    private void fill(Shard shard, Pending some, int leastLog) {
        filling.run(some.words, some.types, some.count);
        int tableLog = Math.max(Table.logFor(filling.live()), Math.max(leastLog, shard.table.log));
        if (tableLog != shard.table.log) {
            index.presize(shard, tableLog);
        }
        if (tableLog <= filling.log()) {
            shard.table.fill(filling.words(tableLog));
            shard.used = filling.used();
            shard.removed = 0;
        } else { // a table that is larger than what was collected has no array, which the heap need not have room for
            filling.copyTo(shard.table);
            shard.used = filling.live();
        }
        shard.setLive(filling.live());
    }

    private void add(Shard shard, Pending some) {
        for (int from = 0; from < some.count; from += AHEAD) {
            int to = Math.min(some.count, from + AHEAD);
            Table table = shard.table;
            long sum = 0;
            for (int i = from; i < to; i++) {
                sum += table.getPlain(table.home(Table.tag(some.words[i])));
            }
            for (int i = from; i < to; i++) {
                int tag = Table.tag(some.words[i]);
                long word = table.getPlain(table.home(tag));
                if (Table.tag(word) == tag && Table.isLive(word)) {
                    sum += headerAt(Table.address(word)) + headerAt(Table.address(some.words[i]));
                }
            }
            touched += sum; // keeps the reads above from being dropped
            for (int i = from; i < to; i++) {
                add(shard, some.words[i], some.types[i]);
            }
        }
    }

    private void add(Shard shard, long word, int type) {
        if (type != Records.REMOVE) {
            index.makeRoom(shard);
        }
        int tag = Table.tag(word);
        long address = Table.address(word);
        Table table = shard.table;
        int slot = index.locate(table, tag, address);
        if (slot >= 0) {
            countDead(Table.address(table.getPlain(slot)));
        }
        if (type == Records.REMOVE) {
            countDead(address);
            if (slot >= 0) {
                Index.erase(shard, table, slot);
            }
        } else if (slot >= 0) {
            table.setRelease(slot, word);
        } else {
            Index.insert(shard, table, ~slot, tag, address);
        }
    }

    private void refer(long address) {
        MappedByteBuffer data = log.bytes(address);
        int offset = log.offset(address);
        DataFile large = log.largeOf(data, offset, Records.header(data, offset));
        if (large != null) {
            large.referenced = true;
        }
    }

    private boolean sameKey(long address, long other) {
        return reader.sameKey(log.bytes(address), log.offset(address), log.bytes(other), log.offset(other));
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
