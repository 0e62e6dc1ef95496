package io.sherd.disk;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Makes the table of one empty shard from its records, in an array. Nobody reads the table meanwhile, so no order of stores is
 * needed; and a process that has just begun reads arrays much faster than buffers, as {@link Window} says.
 *
 * <p>The slots are as many as if all records were of different keys. If they were not, the table that comes out is smaller.
 */
final class Filling {
    /** The most records at a time. */
    static final int MAX_RECORDS = 1 << 22;

    private final SameKey sameKey;
    private final LongConsumer dead;
    private long[] slots = {};
    private int log;
    private int used;
    private int live;

    /**
     * Prepares fillings, one after another.
     *
     * @param sameKey compares the keys of records
     * @param dead gets the addresses of records that are not the state of a key
     */
    Filling(SameKey sameKey, LongConsumer dead) {
        this.sameKey = sameKey;
        this.dead = dead;
    }

    /** Whether two records have the same key. */
    @FunctionalInterface
    interface SameKey {
        boolean test(long address, long other);
    }

    /** Applies records in their order, each given as the word that the table would have of it, and its type. */
    void run(long[] words, byte[] types, int count) {
        log = Table.logFor(count);
        if (slots.length < Table.words(log)) {
            slots = new long[Table.words(log)];
        } else {
            Arrays.fill(slots, 0, 1 << log, 0);
        }
        used = 0;
        live = 0;
        for (int i = 0; i < count; i++) {
            add(words[i], types[i] != Records.REMOVE);
        }
    }

    private void add(long word, boolean hasValue) {
        long[] all = slots;
        int mask = (1 << log) - 1;
        int slot = Table.home(Table.tag(word), log);
        int free = -1;
        for (long found = all[slot]; found != 0; found = all[slot]) {
            if (found == Table.TOMBSTONE) {
                free = free >= 0 ? free : slot;
            } else if ((found ^ word) >>> 40 == 0 && sameKey.test(Table.address(found), Table.address(word))) {
                dead.accept(Table.address(found));
                if (hasValue) {
                    all[slot] = word;
                } else {
                    dead.accept(Table.address(word));
                    erase(slot);
                }
                return;
            }
            slot = (slot + 1) & mask;
        }
        if (!hasValue) {
            dead.accept(Table.address(word));
            return;
        }
        if (free < 0) {
            used++;
            all[slot] = word;
        } else {
            all[free] = word;
        }
        live++;
    }

    /** As {@link Index#erase}. */
    private void erase(int slot) {
        int mask = (1 << log) - 1;
        live--;
        if (slots[(slot + 1) & mask] != 0) {
            slots[slot] = Table.TOMBSTONE;
            return;
        }
        int last = slot;
        do {
            slots[last] = 0;
            used--;
            last = (last - 1) & mask;
        } while (slots[last] == Table.TOMBSTONE);
    }

    int live() {
        return live;
    }

    /** The slots in use, tombstones among them; of the last table that was asked for. */
    int used() {
        return used;
    }

    /** The size of the table that was filled. */
    int log() {
        return log;
    }

    /** The table, of the size that was filled or a smaller one in which the keys have room, and its filter. */
    long[] words(int tableLog) {
        long[] table = slots;
        if (tableLog != log) {
            table = new long[Table.words(tableLog)];
            int mask = (1 << tableLog) - 1;
            for (int i = 0; i < 1 << log; i++) {
                long word = slots[i];
                if (Table.isLive(word)) {
                    int slot = Table.home(Table.tag(word), tableLog);
                    while (table[slot] != 0) {
                        slot = (slot + 1) & mask;
                    }
                    table[slot] = word;
                }
            }
            used = live;
        }
        Table.addFilter(table, tableLog);
        return table;
    }

    /** Puts the keys into an empty table, in which they have room. */
    void copyTo(Table table) {
        for (int i = 0; i < 1 << log; i++) {
            long word = slots[i];
            if (Table.isLive(word)) {
                int tag = Table.tag(word);
                int slot = table.home(tag);
                table.add(tag);
                table.setRelease(table.freeSlot(slot, table.getPlain(slot)), word);
            }
        }
    }
}
