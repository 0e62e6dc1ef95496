package io.sherd.disk;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one shard: open addressing with linear probing over words of eight bytes, and a filter that knows most of the keys
 * that are not there.
 *
 * <pre>
 * 0           words, eight bytes a slot
 * 8 &lt;&lt; log    filter, eight bytes for sixteen slots
 * </pre>
 *
 * <p>A word is 0 (never used), {@link #TOMBSTONE}, or 24 bits of the key's hash (the tag) over the address of its record,
 * divided by eight, in 40 bits. The home of a tag is its upper bits, so slots are nearly in the order of tags, and a larger
 * table is filled from front to back.
 *
 * <p>Each key sets two bits in the word of the filter that belongs to its home. One that finds them not both set is absent; of
 * the others that are absent, one in ten looks at the slots in vain. The filter takes a sixteenth of the room, and so stays in
 * a nearer cache than the slots. Readers ask it only while they miss keys, see {@link Shard#expectsMisses}.
 * Bits are never taken back in a table; {@link Index#grow} makes a new one when many keys were removed.
 *
 * <p>Written under the shard's lock, read by anyone. Words are written with release and read with acquire: what a record holds was
 * written before its address came here. The bits of a key are set <i>before</i> its word is written, so whoever misses them was
 * under way while the key was absent. A live word never moves; a table that became too full, or that a snapshot has, is copied and
 * from then on never written, so that a reader that still has it sees the state at the moment when it was replaced, but for keys without a slot ({@link Unplaced}).
 */
final class Table {
    static final long TOMBSTONE = 1;

    /** The part of a word that is the address. */
    static final long ADDRESS = (1L << 40) - 1;

    static final int MIN_LOG = 5;

    /** A larger table would not fit into a buffer. */
    static final int MAX_LOG = 27;

    /** How many slots a pass looks at together. Every table has a multiple of it. */
    static final int WALK = 8;

    private static final int FILTER_SHIFT = 4;
    private static final int SPREAD = 0x9e3779b1;

    final MappedByteBuffer bytes;
    final int log;
    final int mask;

    /** What changes keys of this table at the moment, together with others; written under the shard's lock. */
    volatile @Nullable Commit commit;

    /** Whether a cut has this table, or had it; guarded by the shard's lock. See {@link Cuts}. */
    boolean frozen;

    Table(MappedByteBuffer bytes, int log) {
        this.bytes = bytes;
        this.log = log;
        this.mask = (1 << log) - 1;
    }

    /** The bytes that a table takes. */
    static int size(int log) {
        return (8 << log) + (8 << log >> FILTER_SHIFT);
    }

    /** The size of a table that so many entries fit into. */
    static int logFor(long entries) {
        return Math.clamp(64 - Long.numberOfLeadingZeros(entries * 4 / 3), MIN_LOG, MAX_LOG);
    }

    int home(int tag) {
        return home(tag, log);
    }

    static int home(int tag, int log) {
        return (int) ((long) tag << log >>> 24);
    }

    int capacity() {
        return mask + 1;
    }

    /** The number of used slots, tombstones among them, from which on it is replaced. */
    int limit() {
        return capacity() - (capacity() >> 2);
    }

    // ---- words

    long getAcquire(int slot) {
        return (long) Bits.ORDERED.getAcquire((ByteBuffer) bytes, slot << 3);
    }

    /**
     * The word at the home of a tag if it has the tag, or else the next one, without a branch: which of both it is, nobody foresees, and a wrong guess
     * would undo what was begun meanwhile. What is read after it was written before the word was.
     */
    long nearHome(int tag) {
        int home = home(tag);
        long first = (long) Bits.ORDERED.get((ByteBuffer) bytes, home << 3);
        long second = (long) Bits.ORDERED.get((ByteBuffer) bytes, (home + 1 & mask) << 3);
        VarHandle.acquireFence();
        long differs = -(first >>> 40 ^ tag) >> 63;
        return (first & ~differs) | (second & differs);
    }

    /**
     * Adds the addresses of the live words among eight to others, and answers how many there are then. There is room for as many as eight. Without a branch: which
     * slots are in use, nobody foresees.
     */
    int addresses(int slot, long[] into, int count) {
        int next = count;
        for (int i = slot; i < slot + WALK; i++) {
            long word = getAcquire(i);
            into[next] = address(word);
            next += isLiveBit(word);
        }
        return next;
    }

    long getPlain(int slot) {
        return bytes.getLong(slot << 3);
    }

    void setRelease(int slot, long word) {
        Bits.ORDERED.setRelease((ByteBuffer) bytes, slot << 3, word);
    }

    /** The first slot from one on that has no live word; the word of that one is known. */
    int freeSlot(int from, long first) {
        int slot = from;
        long word = first;
        while (isLive(word)) {
            slot = slot + 1 & mask;
            word = getPlain(slot);
        }
        return slot;
    }

    // ---- filter

    /** Whether a key of this tag may be here. */
    boolean mayHave(int tag) {
        long bits = bits(tag);
        return ((long) Bits.ORDERED.getAcquire((ByteBuffer) bytes, filter(tag)) & bits) == bits;
    }

    /** Says that a key of this tag may be here. Comes before its word. */
    void add(int tag) {
        int at = filter(tag);
        Bits.ORDERED.setRelease((ByteBuffer) bytes, at, bytes.getLong(at) | bits(tag));
    }

    private int filter(int tag) {
        return (capacity() + (home(tag) >> FILTER_SHIFT)) << 3;
    }

    /** The number of words that a table of a size takes, those of the filter among them. */
    static int words(int log) {
        return size(log) >> 3;
    }

    /** Adds the filter to the slots of a table that is made in an array. */
    static void addFilter(long[] words, int log) {
        int capacity = 1 << log;
        Arrays.fill(words, capacity, words(log), 0);
        for (int slot = 0; slot < capacity; slot++) {
            long word = words[slot];
            if (isLive(word)) {
                int tag = tag(word);
                words[capacity + (home(tag, log) >> FILTER_SHIFT)] |= bits(tag);
            }
        }
    }

    /** Takes over a table of the same size that was made in an array, before anyone reads this one. */
    void fill(long[] words) {
        bytes.asLongBuffer().put(0, words, 0, words(log));
    }

    private static long bits(int tag) {
        int spread = tag * SPREAD;
        return 1L << (spread >>> 26) | 1L << (spread >>> 20);
    }

    // ---- parts of a word

    static int tag(long word) {
        return (int) (word >>> 40);
    }

    static long address(long word) {
        return (word & ADDRESS) << 3;
    }

    /** The address in a word, or 0 in one that is not live. */
    static long liveAddress(long word) {
        long units = word & ADDRESS;
        return units > TOMBSTONE ? units << 3 : 0;
    }

    static long word(int tag, long address) {
        return (long) tag << 40 | address >>> 3;
    }

    static boolean isLive(long word) {
        return word >>> 1 != 0;
    }

    /** 1 if a word is live, or else 0. */
    static int isLiveBit(long word) {
        return (int) (-(word >>> 1) >>> 63);
    }
}
