package io.sherd.disk;

import java.lang.foreign.MemorySegment;

/**
 * The slots of one shard: open addressing with linear probing over words of eight bytes.
 *
 * <p>A word is 0 (never used), {@link #TOMBSTONE}, or 24 bits of the key's hash (the tag) over the address of its record,
 * divided by eight, in 40 bits. The home of a tag is its upper bits, so slots are nearly in the order of tags, and a larger
 * table is filled from front to back.
 *
 * <p>Written under the shard's lock, with release; read by anyone, with acquire: what a record holds was written before its
 * address came here. A live word never moves; a table that became too full is copied and from then on never written, so that
 * a reader that still has it sees the state at the moment when it was replaced.
 */
final class Table {
    static final long TOMBSTONE = 1;

    /** The part of a word that is the address. */
    static final long ADDRESS = (1L << 40) - 1;

    static final int MAX_LOG = 30;

    final MemorySegment words;
    final int log;
    final int mask;

    Table(MemorySegment words, int log) {
        this.words = words;
        this.log = log;
        this.mask = (1 << log) - 1;
    }

    int home(int tag) {
        return (int) ((long) tag << log >>> 24);
    }

    int capacity() {
        return mask + 1;
    }

    /** The number of used slots, tombstones among them, from which on it is replaced. */
    int limit() {
        return capacity() - (capacity() >> 2);
    }

    long getAcquire(int slot) {
        return (long) Bits.ORDERED.getAcquire(words, (long) slot << 3);
    }

    long getPlain(int slot) {
        return words.get(Bits.LONG, (long) slot << 3);
    }

    void setRelease(int slot, long word) {
        Bits.ORDERED.setRelease(words, (long) slot << 3, word);
    }

    void setPlain(int slot, long word) {
        words.set(Bits.LONG, (long) slot << 3, word);
    }

    static int tag(long word) {
        return (int) (word >>> 40);
    }

    static long address(long word) {
        return (word & ADDRESS) << 3;
    }

    static long word(int tag, long address) {
        return (long) tag << 40 | address >>> 3;
    }

    static boolean isLive(long word) {
        return word >>> 1 != 0;
    }
}
