package io.sherd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A shard of the heap map: an open-addressing table for the keys whose hashes share a prefix, and the lock of its writers.
 *
 * <h2>Layout</h2>
 *
 * <pre>
 *   hash (31 bits)   | prefix: depth bits | the rest orders the keys of the segment          |
 *                    | top: 8             | middle: 15 bits              | tag: 8 bits       |
 *
 *   tags     byte  [physical + 8]       a byte a slot: 0 empty, 1 deleted, else the low 8 bits of the hash
 *   entries  Object[2 * physical]       key, value, key, value, ...
 *   middle   char  [physical]           the next 15 bits of the hash
 *   top      byte  [physical]           the top 8 bits; absent where the prefix implies them (depth of 8 and more)
 * </pre>
 *
 * <p>The home of a key is the rest of its hash, scaled to the number of {@code slots}; from there it takes the first free
 * slot. A search looks at the home slot by itself, which is right for two keys of three: the processor guesses that branch
 * and loads the key while the tag is still on its way. Then it compares eight tags at once, and ends at the first empty one.
 * Nothing wraps around: {@code physical} exceeds {@code slots} by a tail, and the eight tags behind that stay empty, so that
 * eight can be read from anywhere and every search ends. As the scaling keeps the order of hashes, growing and splitting are
 * one pass from front to back through old and new arrays. The three arrays beside the entries give back the whole hash, so
 * neither asks a key again.
 *
 * <h2>Who may do what</h2>
 *
 * <ol>
 *   <li>Arrays, {@code overflow}, {@code stamp} and the counters are written under the lock only. A segment in state DEAD
 *       was replaced or dropped: nothing in it is written any more.
 *   <li>A live entry never moves within a segment. A tag turns from live to empty only if the next tag is empty, so a
 *       chain from a key's home to its slot never has a gap while the key is there.
 *   <li>Insertion writes value, key, tag in this order, removal value, tag, key, stamp, each with release. A slot is used
 *       again only after the stamp of its removal.
 *   <li>Readers take no lock. They read stamp, tags, key, value, stamp in this order, each with acquire, and start again if
 *       they found their key and the stamp moved. Without the stamp, a reader that found its key and was then overtaken by a removal and an
 *       insertion in the same slot would return another key's value.
 *   <li>A key slot holds the key, or the {@link Hold} of the key; the value slot beside it is what readers see, and is null
 *       for a key that is held but absent. Readers look for a hold only where the tag matches and the key is not the very
 *       object, so that unheld keys pay no cache miss.
 * </ol>
 *
 * <p>Linearization: an insertion takes effect when its tag is written (for a held slot: its value), an update when its value
 * is, a removal when null is. A look-up takes effect when it reads the value, and one that finds nothing at some instant of
 * the call when the key was absent: if the key was present throughout, by (2) it is in one slot, and no tag before that slot
 * is empty. A look-up in a segment that was replaced meanwhile takes effect no later than the replacement, which came after
 * the look-up had read the directory.
 *
 * <h2>The lock, and holds that nobody notices</h2>
 *
 * <p>The lock is one word: FREE, LOCKED, DEAD, or PENDING. It is held for some tens of nanoseconds, and for a pass over the
 * table when that is full; waiters spin and then sleep for short times, so it needs no queue. Functions of users run under a
 * hold instead. But a hold in the key slot costs two more writes of references, and most functions end before anybody asks.
 * So the owner notes the slot in {@code pendingSlot} and sets PENDING: the lock is free, but whoever takes it next first
 * writes the hold into the slot on the owner's behalf ({@link #inflate}). If nobody came, the owner finds its own PENDING
 * and finishes in place. {@code pendingTicket} tells its own from another's.
 *
 * <h2>Keys that collide on purpose</h2>
 *
 * <p>A key goes into the {@code overflow} if eight keys with its whole hash are in the table already, or if there is no free
 * slot near its home. The overflow is a {@link ConcurrentHashMap} whose cells {@code {key or hold, value}} look like two
 * elements of {@code entries}; it sorts comparable keys with equal hashes into trees. Who finds nothing in the table
 * looks there.
 */
final class Segment extends SegmentState {
    /** The number of tags that are read at once. */
    private static final int WORD = Long.BYTES;

    /** From this depth on the prefix implies {@link #top}. */
    static final int TOP_BITS = 8;

    /**
     * What {@link #slotOf} answers when the key is not in the table and the place for it must be looked for. Less than that
     * says that the key is not there and that slot {@code -2 - answer} is the place for it.
     */
    static final int ABSENT = -1;

    /** Set in {@link #stamp} once the segment was replaced. */
    static final int RETIRED = 1 << 31;

    static final int FREE = 0;
    static final int LOCKED = 1;
    private static final int PENDING = 2;
    private static final int DEAD = 3;

    private static final byte EMPTY = 0;
    private static final byte DELETED = 1;
    private static final int FIRST_TAG = 2;

    private static final int EQUAL_HASHES = 8;
    private static final int LONGEST_SEARCH = 1024;

    private static final long EACH = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;

    private static final int LOCK_SPINS = 48;
    private static final int LOCK_YIELDS = 16;
    private static final long LOCK_NAP_NANOS = 50_000;
    private static final int PENDING_SPINS = 24;

    private static final VarHandle TAGS = MethodHandles.arrayElementVarHandle(byte[].class);
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ENTRIES = MethodHandles.arrayElementVarHandle(Object[].class);
    private static final VarHandle STAMP;
    private static final VarHandle STATE;
    private static final VarHandle LIVE;
    private static final VarHandle INSERTIONS;
    private static final VarHandle HOLDS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STAMP = lookup.findVarHandle(SegmentTable.class, "stamp", int.class);
            STATE = lookup.findVarHandle(Segment.class, "state", int.class);
            LIVE = lookup.findVarHandle(Segment.class, "live", long.class);
            HOLDS = lookup.findVarHandle(Segment.class, "holds", int.class);
            INSERTIONS = lookup.findVarHandle(Segment.class, "insertions", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Given back by a volatile write: without the full fence a thread could read another key before its write is seen. */
    volatile int state;

    /** Counts insertions, so that a writer knows whether a key that it did not find is still not there. */
    private int insertions;

    /** The number of entries that have a value, those in the overflow included. */
    private long live;

    /** How many more empty slots may be used before the table must be replaced. */
    private int room;

    /** The number of key slots and overflow cells that hold a {@link Hold}. */
    private int holds;

    private int pendingSlot;
    private int pendingTicket;
    private int pendingHash;
    private long pendingOwner;
    private @Nullable Object pendingKey;
    private @Nullable Object @Nullable [] pendingCell;

    Segment(int depth, int prefix, int slots) {
        super(depth, prefix, slots, slots + WORD + slots / 64);
        this.room = slots - slots / 7;
    }

    // ---- hash and home

    /**
     * Mixes a hash code into 31 bits of which the top and the bottom are good; the lowest byte can stand as a tag.
     *
     * <p>The multiplier is 2<sup>64</sup> divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
     */
    static int spread(int hashCode) {
        int hash = (int) ((hashCode * 0x9E3779B97F4A7C15L) >>> 33);
        return (hash & 0xfe) == 0 ? hash | FIRST_TAG : hash;
    }

    private int home(int hash) {
        return (int) (((long) ((hash << depth) & Integer.MAX_VALUE) * slots) >>> 31);
    }

    /** Eight tags from a slot on, the first in the lowest byte. */
    private static long wordPlain(byte[] tags, int slot) {
        return (long) WORDS.get(tags, slot);
    }

    /** The same, read before whatever is read next: else a key could be read before its tag, and not be there yet. */
    private static long wordAcquire(byte[] tags, int slot) {
        long word = (long) WORDS.get(tags, slot);
        VarHandle.acquireFence();
        return word;
    }

    private static long patternOf(int hash) {
        return (hash & 0xff) * EACH;
    }

    /** The top bits of the bytes that are equal to those of the pattern, and rarely of one more. */
    private static long matching(long word, long pattern) {
        long difference = word ^ pattern;
        return (difference - EACH) & ~difference & HIGH;
    }

    /** Not 0 if a word has empty slots. */
    private static long empty(long word) {
        return (word - EACH) & ~word & HIGH;
    }

    /** The top bits of the bytes before the first empty one. */
    private static long beforeEmpty(long empty) {
        return (empty & -empty) - 1;
    }

    /** The top bits of the bytes that are tags of entries. */
    private static long used(long word) {
        long bits = word & ~EACH;
        return (((bits & ~HIGH) + ~HIGH) | bits) & HIGH;
    }

    /** The first byte whose top bit is set. */
    static int first(long bits) {
        return Long.numberOfTrailingZeros(bits) >>> 3;
    }

    int physical() {
        return middle.length;
    }

    private int hashAt(int slot) {
        int high = top != null ? top[slot] & 0xff : prefix >>> (depth - TOP_BITS);
        return (high << 23) | (middle[slot] << 8) | (tags[slot] & 0xff);
    }

    /** The smallest hash that belongs here. */
    long firstHash() {
        return (long) prefix << (31 - depth);
    }

    /** The smallest hash above those that belong here. */
    long lastHash() {
        return (long) (prefix + 1) << (31 - depth);
    }

    // ---- reading, without the lock

    int stampAcquire() {
        return (int) STAMP.getAcquire(this);
    }

    int insertionsAcquire() {
        return (int) INSERTIONS.getAcquire(this);
    }

    long liveOpaque() {
        return (long) LIVE.getOpaque(this);
    }

    boolean isRetired() {
        return stampAcquire() < 0;
    }

    static @Nullable Object elementAcquire(@Nullable Object[] array, int index) {
        return ENTRIES.getAcquire(array, index);
    }

    /** Whether a key slot has a key; the hold of the key counts. */
    private static boolean isKey(@Nullable Object found, Object key) {
        return found instanceof Hold hold ? isHeld(hold, key) : found != null && key.equals(found);
    }

    private static boolean isHeld(Hold hold, Object key) {
        return key.equals(hold.key);
    }

    @SuppressWarnings("ReferenceEquality") // as a fast path
    @Nullable
    Object get(int hash, Object key) {
        byte[] tags = this.tags;
        @Nullable Object[] entries = this.entries;
        int home = home(hash);
        retry:
        for (; ; ) {
            int stamp = stampAcquire();
            if ((byte) TAGS.getAcquire(tags, home) == (byte) hash) {
                Object found = elementAcquire(entries, 2 * home);
                if (found == key || isKey(found, key)) {
                    Object value = elementAcquire(entries, 2 * home + 1);
                    if ((int) STAMP.getOpaque(this) != stamp) {
                        continue;
                    }
                    return value;
                }
            }
            long pattern = patternOf(hash);
            for (int slot = home; ; slot += WORD) {
                long word = wordAcquire(tags, slot);
                long empty = empty(word);
                long match = matching(word, pattern) & beforeEmpty(empty);
                for (; match != 0; match &= match - 1) {
                    int index = 2 * (slot + first(match));
                    Object found = elementAcquire(entries, index);
                    if (found == key || isKey(found, key)) {
                        Object value = elementAcquire(entries, index + 1);
                        if ((int) STAMP.getOpaque(this) != stamp) {
                            continue retry;
                        }
                        return value;
                    }
                }
                if (empty != 0) {
                    return overflow == null ? null : overflowGet(hash, key);
                }
            }
        }
    }

    private @Nullable Object overflowGet(int hash, Object key) {
        @Nullable Object[] cell = overflowCell(hash, key);
        return cell == null ? null : elementAcquire(cell, 1);
    }

    @Nullable
    Object @Nullable [] overflowCell(int hash, Object key) {
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        return overflow == null ? null : overflow.get(new OverflowKey(hash, key));
    }

    /**
     * The slot of a key, or {@link #ABSENT} or less. Under the lock the answer is right; without, it is right if afterwards, under the lock, the stamp is as before and, for a key not found, the insertions are too.
     */
    @SuppressWarnings("ReferenceEquality") // as a fast path
    int slotOf(int hash, Object key) {
        byte[] tags = this.tags;
        @Nullable Object[] entries = this.entries;
        int home = home(hash);
        if ((byte) TAGS.getAcquire(tags, home) == (byte) hash) {
            Object found = elementAcquire(entries, 2 * home);
            if (found == key || isKey(found, key)) {
                return home;
            }
        }
        long pattern = patternOf(hash);
        int others = 0;
        long deleted = 0;
        for (int slot = home; ; slot += WORD) {
            long word = wordAcquire(tags, slot);
            long empty = empty(word);
            long match = matching(word, pattern) & beforeEmpty(empty);
            for (; match != 0; match &= match - 1) {
                int candidate = slot + first(match);
                Object found = elementAcquire(entries, 2 * candidate);
                if (found == key || isKey(found, key)) {
                    return candidate;
                }
                others++;
            }
            deleted |= matching(word, EACH * DELETED);
            if (empty != 0) {
                int place = slot + first(empty);
                return others < EQUAL_HASHES && deleted == 0 && place < Math.min(physical(), home + LONGEST_SEARCH)
                        ? -2 - place
                        : ABSENT;
            }
        }
    }

    /**
     * Loads the lines that an insertion will write, so that they come before the lock is taken and side by side: what is
     * written under the lock must have arrived before it can be given back.
     *
     * @return whether the place was free
     */
    boolean touch(int place) {
        int slot = -2 - place;
        return middle[slot] != Character.MAX_VALUE && elementAcquire(entries, 2 * slot) == null;
    }

    // ---- the lock

    /** Takes the lock; answers false if the segment was replaced, in which case the caller looks in the directory again. */
    boolean lock() {
        return STATE.compareAndSet(this, FREE, LOCKED) || lockSlow();
    }

    @SuppressWarnings("ThreadPriorityCheck") // a yield between spinning and sleeping
    private boolean lockSlow() {
        for (int round = 0; ; round++) {
            int now = state;
            if (now == DEAD) {
                return false;
            }
            if (now == FREE && STATE.compareAndSet(this, FREE, LOCKED)) {
                return true;
            }
            // A short function is worth waiting for, unless it is the caller's own.
            if (now == PENDING
                    && (round >= PENDING_SPINS
                            || pendingOwner == Thread.currentThread().threadId())
                    && STATE.compareAndSet(this, PENDING, LOCKED)) {
                inflateOrGiveBack();
                return true;
            }
            if (round < LOCK_SPINS) {
                Thread.onSpinWait();
            } else if (round < LOCK_SPINS + LOCK_YIELDS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(this, LOCK_NAP_NANOS);
            }
        }
    }

    /** Ends the segment's life; the directory has been changed already. */
    void retire() {
        STAMP.setRelease(this, stamp | RETIRED);
        STATE.setRelease(this, DEAD);
    }

    /**
     * Gives the lock back, with the right to change one key kept. There is {@link #hasRoom room}, so that whoever comes can
     * write the hold down even if the key is absent.
     *
     * @param slot the key's slot, or negative
     * @param cell the key's overflow cell, or null
     * @return the ticket for {@link #resume}
     */
    int suspend(int slot, @Nullable Object @Nullable [] cell, int hash, Object key, long owner) {
        pendingSlot = slot;
        pendingCell = cell;
        pendingOwner = owner;
        if (slot < 0) {
            pendingHash = hash;
            pendingKey = key;
        }
        int ticket = ++pendingTicket;
        STATE.setRelease(this, PENDING);
        return ticket;
    }

    /**
     * Takes the lock again if nobody had it since {@link #suspend}: then slot and cell are as they were. Otherwise answers
     * false; the caller's hold stands with its key, wherever that is by now.
     */
    boolean resume(int ticket, long owner) {
        if (state != PENDING || !STATE.compareAndSet(this, PENDING, LOCKED)) {
            return false;
        }
        if (pendingTicket == ticket && pendingOwner == owner) {
            pendingKey = null;
            pendingCell = null;
            return true;
        }
        inflateOrGiveBack();
        state = FREE;
        return false;
    }

    /** If there is no memory or stack to write the hold down, the lock goes back as it was. */
    private void inflateOrGiveBack() {
        try {
            inflate();
        } catch (Throwable failure) {
            state = PENDING;
            throw failure;
        }
    }

    /** Writes down the hold of the function that runs now; the lock was just taken from PENDING. */
    private void inflate() {
        @Nullable Object[] cell = pendingCell;
        if (pendingSlot >= 0) {
            hold(entries, 2 * pendingSlot, pendingOwner);
        } else if (cell != null) {
            hold(cell, 0, pendingOwner);
        } else {
            Object key = Objects.requireNonNull(pendingKey);
            announceHold();
            insert(pendingHash, new Hold(key, pendingOwner), null, pendingSlot);
        }
        pendingKey = null;
        pendingCell = null;
    }

    /** Puts a hold in a key's place. */
    private void hold(@Nullable Object[] array, int index, long owner) {
        Object key = Objects.requireNonNull(array[index]);
        announceHold();
        ENTRIES.setRelease(array, index, new Hold(key, owner));
    }

    /** Before a hold is written: a traversal that meets it finds the stamp moved, and then the count. */
    private void announceHold() {
        HOLDS.setRelease(this, holds + 1);
        STAMP.setRelease(this, (stamp + 1) & ~RETIRED);
    }

    /** Puts the key back into its place once nobody owns or awaits the hold. */
    void release(@Nullable Object[] array, int index, Hold hold) {
        ENTRIES.setRelease(array, index, hold.key);
        holds--;
    }

    // ---- writing, under the lock

    boolean hasHolds() {
        return holds != 0;
    }

    boolean hasRoom() {
        return room > 0;
    }

    /** For a table that cannot be larger: uses every slot, and then the overflow. */
    void useAllRoom() {
        room = Integer.MAX_VALUE;
    }

    long live() {
        return live;
    }

    /** Replaces a value, or gives one to a key that is held and absent. */
    void setValue(@Nullable Object[] array, int index, Object value) {
        if (array[index + 1] == null) {
            LIVE.setOpaque(this, live + 1);
        }
        ENTRIES.setRelease(array, index + 1, value);
    }

    /** Takes the value from a key that is held: the slot stays until the hold goes. */
    void clearValue(@Nullable Object[] array, int index) {
        if (array[index + 1] != null) {
            LIVE.setOpaque(this, live - 1);
            ENTRIES.setRelease(array, index + 1, null);
        }
    }

    /**
     * Adds a key that is not there. The caller has seen that there is {@link #hasRoom room}.
     *
     * @param keyOrHold the key, or its hold
     * @param value the value, or null if the key is only held
     * @param place what {@link #slotOf} answered
     */
    void insert(int hash, Object keyOrHold, @Nullable Object value, int place) {
        if (value != null) {
            LIVE.setOpaque(this, live + 1);
        }
        int slot = place < ABSENT ? -2 - place : equalHashes(hash) < EQUAL_HASHES ? freeSlot(hash) : ABSENT;
        if (slot == ABSENT) {
            overflow(hash, keyOrHold, value);
        } else {
            if (tags[slot] == EMPTY) {
                room--;
            }
            fill(slot, hash, keyOrHold, value);
        }
        // Last, so that a writer who reads the new count also finds the key; else two could insert it.
        INSERTIONS.setRelease(this, insertions + 1);
    }

    private void fill(int slot, int hash, Object keyOrHold, @Nullable Object value) {
        middle[slot] = (char) ((hash >>> 8) & 0x7fff);
        if (top != null) {
            top[slot] = (byte) (hash >>> 23);
        }
        ENTRIES.setRelease(entries, 2 * slot + 1, value);
        ENTRIES.setRelease(entries, 2 * slot, keyOrHold);
        TAGS.setRelease(tags, slot, (byte) hash);
    }

    private void overflow(int hash, Object keyOrHold, @Nullable Object value) {
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        if (overflow == null) {
            this.overflow = overflow = new ConcurrentHashMap<>();
        }
        Object key = keyOrHold instanceof Hold hold ? hold.key : keyOrHold;
        overflow.put(new OverflowKey(hash, key), new @Nullable Object[] {keyOrHold, value});
    }

    /** The first free slot from a key's home on, or ABSENT if it lies too far. */
    private int freeSlot(int hash) {
        int home = home(hash);
        int end = Math.min(physical(), home + LONGEST_SEARCH);
        for (int slot = home; slot < end; slot += WORD) {
            long free = ~used(wordPlain(tags, slot)) & HIGH;
            if (free != 0) {
                int found = slot + first(free);
                return found < end ? found : ABSENT;
            }
        }
        return ABSENT;
    }

    private int equalHashes(int hash) {
        int count = 0;
        for (int slot = home(hash); tags[slot] != EMPTY; slot++) {
            if (tags[slot] == (byte) hash && hashAt(slot) == hash) {
                count++;
            }
        }
        return count;
    }

    /** Removes the entry of a slot that holds no {@link Hold}. */
    void remove(int slot) {
        vacate(slot);
        LIVE.setOpaque(this, live - 1);
    }

    private void vacate(int slot) {
        ENTRIES.setRelease(entries, 2 * slot + 1, null);
        if (tags[slot + 1] != EMPTY) {
            TAGS.setRelease(tags, slot, DELETED);
        } else {
            TAGS.setRelease(tags, slot, EMPTY);
            room++;
            for (int before = slot - 1; before >= 0 && tags[before] == DELETED; before--) {
                TAGS.setRelease(tags, before, EMPTY);
                room++;
            }
        }
        ENTRIES.setRelease(entries, 2 * slot, null);
        STAMP.setRelease(this, (stamp + 1) & ~RETIRED);
    }

    /** Removes the slot of a hold that goes and leaves no value. */
    void removeHeld(int slot) {
        vacate(slot);
        holds--;
    }

    /** Removes a cell from the overflow. */
    void removeCell(int hash, Object key, @Nullable Object[] cell) {
        clearValue(cell, 0);
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        if (overflow != null) {
            overflow.remove(new OverflowKey(hash, key));
        }
    }

    /** Removes the cell of a hold that goes and leaves no value. */
    void removeHeldCell(int hash, Object key, @Nullable Object[] cell) {
        removeCell(hash, key, cell);
        holds--;
    }

    /** Removes all entries that nobody holds, hands them out if somebody wants them, and answers the keys that are held. */
    List<Object> removeUnheld(@Nullable BiConsumer<Object, Object> sink) {
        List<Object> held = new ArrayList<>();
        for (int slot = 0; slot < physical(); slot++) {
            Object key = entries[2 * slot];
            if (key instanceof Hold hold) {
                held.add(hold.key);
            } else if (key != null) {
                Object value = Objects.requireNonNull(entries[2 * slot + 1]);
                remove(slot);
                if (sink != null) {
                    sink.accept(key, value);
                }
            }
        }
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        if (overflow != null) {
            overflow.forEach((key, cell) -> {
                Object value = cell[1];
                if (cell[0] instanceof Hold) {
                    held.add(key.key);
                } else if (value != null) {
                    removeCell(key.hash, key.key, cell);
                    if (sink != null) {
                        sink.accept(key.key, value);
                    }
                }
            });
        }
        return held;
    }

    // ---- replacement, under the lock

    /** The number of slots that are in use and not deleted. */
    int slotsInUse() {
        int count = 0;
        for (int slot = 0; slot < physical(); slot += WORD) {
            count += Long.bitCount(used(wordPlain(tags, slot)));
        }
        return count;
    }

    /**
     * Copies everything, holds too, into one new segment, or into two that divide the hashes between them. This one must
     * be retired afterwards.
     */
    void copyInto(Segment low, Segment high) {
        int bit = 1 << (30 - depth);
        for (int word = 0; word < physical(); word += WORD) {
            for (long used = used(wordPlain(tags, word)); used != 0; used &= used - 1) {
                int slot = word + first(used);
                int hash = hashAt(slot);
                Object keyOrHold = Objects.requireNonNull(entries[2 * slot]);
                Segment target = (hash & bit) == 0 ? low : high;
                target.take(hash, keyOrHold, entries[2 * slot + 1]);
                // Looking into a key costs a cache miss for each, most of the time that a copy takes.
                if (holds != 0 && keyOrHold instanceof Hold) {
                    target.holds++;
                }
            }
        }
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        if (overflow != null) {
            overflow.forEach((key, cell) -> {
                Object keyOrHold = Objects.requireNonNull(cell[0]);
                Segment target = (key.hash & bit) == 0 ? low : high;
                if (target.hasRoom() && target.equalHashes(key.hash) < EQUAL_HASHES) {
                    target.take(key.hash, keyOrHold, cell[1]);
                } else {
                    target.takeOverflow(key.hash, keyOrHold, cell[1]);
                }
                if (keyOrHold instanceof Hold) {
                    target.holds++;
                }
            });
        }
    }

    /** Adds an entry that comes from a segment which this one replaces; nobody else sees this one yet. */
    private void take(int hash, Object keyOrHold, @Nullable Object value) {
        int slot = freeSlot(hash);
        if (slot == ABSENT) {
            takeOverflow(hash, keyOrHold, value);
            return;
        }
        room--;
        if (value != null) {
            live++;
        }
        middle[slot] = (char) ((hash >>> 8) & 0x7fff);
        if (top != null) {
            top[slot] = (byte) (hash >>> 23);
        }
        entries[2 * slot] = keyOrHold;
        entries[2 * slot + 1] = value;
        tags[slot] = (byte) hash;
    }

    private void takeOverflow(int hash, Object keyOrHold, @Nullable Object value) {
        if (value != null) {
            live++;
        }
        overflow(hash, keyOrHold, value);
    }

    /** The number of slots and of cells in the overflow. */
    int capacity() {
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        return physical() + (overflow == null ? 0 : overflow.size());
    }

    /** The bytes of the segment's arrays and fields, with compressed references. */
    long bytes() {
        long overflowBytes = overflow == null ? 0 : 88L * overflow.size();
        return 240L
                + tags.length
                + 4L * entries.length
                + 2L * middle.length
                + (top == null ? 0 : top.length)
                + overflowBytes;
    }

    // ---- traversal, without the lock

    /** Whether there are holds in key slots; if not, one that is put there moves the stamp. */
    boolean hasHoldsOpaque() {
        return (int) HOLDS.getOpaque(this) != 0;
    }

    /** Which of eight slots are in use, as top bits of bytes. */
    long usedAcquire(int slot) {
        return used(wordAcquire(tags, slot));
    }

    /** The hash of a slot in use, but for the tag; right if read between two equal stamps. */
    int hashOf(int slot) {
        int hash = hashAt(slot);
        VarHandle.acquireFence(); // else the second stamp could be read before it
        return hash;
    }

    int stampOpaque() {
        return (int) STAMP.getOpaque(this);
    }
}
