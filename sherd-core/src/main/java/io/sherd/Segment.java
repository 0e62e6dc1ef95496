package io.sherd;

import io.sherd.spi.HoldTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A shard of the heap map: an open-addressing table for the keys whose hashes share a prefix.
 *
 * <h2>Layout</h2>
 *
 * <pre>
 *   hash (31 bits)   | prefix: depth bits | the rest orders the keys of the segment   |
 *                                                                     | tag: 8 bits   |
 *
 *   tags     byte [physical + 8]   a byte a slot: 0 empty, 1 deleted, else the low 8 bits of the hash ({@link Tags#of})
 *   entries  Object[]              values, and keys of any class beside them ({@link ObjectSegment})
 *   words    long[]                keys that are numbers ({@link WordSegment})
 * </pre>
 *
 * <p>The home of a key is the rest of its hash, scaled to the number of {@code slots}; from there it takes the first free
 * slot. A search compares eight tags at once, and ends at the first empty one; before it fetches a key object there, it compares
 * what else is kept of the hash. It looks at the home slot by itself first,
 * which is right for two keys of three: the processor guesses that branch and loads the key while the tag is still on its
 * way. Nothing wraps around: {@code physical} exceeds {@code slots} by a tail, and the eight tags behind that stay empty, so
 * that eight can be read from anywhere and every search ends. As the scaling keeps the order of hashes, growing and splitting
 * are one pass from front to back through old and new arrays. A subclass gives back the whole hash of a slot without asking
 * the key.
 *
 * <h2>Who may do what</h2>
 *
 * <ol>
 *   <li>Arrays, {@code overflow}, {@code stamp} and the counters are written under the lock only ({@link SegmentLock}, which
 *       has one exception and says why it is none). A segment in state DEAD was replaced or dropped: nothing in it is written
 *       any more, but for the same exception.
 *   <li>A live entry never moves within a segment. A tag turns from live to empty only if the next tag is empty, so a
 *       chain from a key's home to its slot never has a gap while the key is there.
 *   <li>Insertion writes value, the hash beside the tags, key, tag in this order, removal value, tag, key, stamp, each with release. A slot is used
 *       again only after the stamp of its removal. A slot in use has a key and, but in the middle of a removal, a value.
 *   <li>Readers take no lock. They read stamp, tags, behind the home the hash beside them, key, value, stamp in this order, each with acquire, and start again if
 *       they found their key and the stamp moved. Without the stamp, a reader that found its key and was then overtaken by a
 *       removal and an insertion in the same slot would return another key's value.
 *   <li>Holds stand beside the table, and an absent key that is held has no slot: who only reads never meets one.
 *   <li>Of a segment that a snapshot has, nothing but locks, holds, announcements and the stamp is written; {@link Epochs} says how.
 * </ol>
 *
 * <p>Linearization: an insertion takes effect when its tag is written, an update when its value is, a removal when null is. A
 * look-up takes effect when it reads the value, and one that finds nothing at some instant of the call when the key was
 * absent: if the key was present throughout, by (2) it is in one slot with its own hash beside it, and no tag before that slot is empty. A look-up in a
 * segment that was replaced meanwhile takes effect no later than the replacement, which came after the look-up had read the
 * directory.
 *
 * <h2>Keys that collide on purpose</h2>
 *
 * <p>A key goes into the {@code overflow} if eight keys with its whole hash are in the table already, or if there is no free
 * slot near its home. The overflow is a {@link ConcurrentHashMap} whose cells are {@code {value}}; it sorts comparable keys
 * with equal hashes into trees. Who finds nothing in the table looks there.
 */
abstract class Segment extends SegmentLock {
    /**
     * What {@link #slotOf} answers when the key is not in the table and the place for it must be looked for. Less than that
     * says that the key is not there and that slot {@code -2 - answer} is the place for it.
     */
    static final int ABSENT = -1;

    /** Set in {@link #stamp} once the segment was replaced, and while commits are announced. */
    private static final int LOOK_TWICE = 1 << 31;

    static final int EQUAL_HASHES = 8;
    private static final int LONGEST_SEARCH = 1024;

    /** After so many slots who copies a table without the lock may rest. */
    static final int PACE_SLOTS = 4096;

    /** Up to this size a table is filled less: all of it lies in the nearest cache, and what counts is to be done at the first look. */
    static final int SMALL_SLOTS = 1024;

    private static final VarHandle ENTRIES = MethodHandles.arrayElementVarHandle(Object[].class);
    private static final VarHandle KEY_WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle MIDDLE = MethodHandles.arrayElementVarHandle(char[].class);
    private static final VarHandle STAMP;
    private static final VarHandle LIVE;
    private static final VarHandle ANNOUNCED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STAMP = lookup.findVarHandle(SegmentTable.class, "stamp", int.class);
            LIVE = lookup.findVarHandle(Segment.class, "live", long.class);
            ANNOUNCED = lookup.findVarHandle(SegmentTable.class, "announced", Commit.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The number of entries, those in the overflow included. */
    private long live;

    /** How many more empty slots may be used before the table must be replaced. */
    private int room;

    Segment(Epochs epochs, int depth, int prefix, int slots, int entriesPerSlot, int wordsPerSlot, boolean ints) {
        int physical = physical(slots);
        super(epochs, depth, prefix, slots, physical, entriesPerSlot * physical, wordsPerSlot * physical, ints);
        this.room = slots <= SMALL_SLOTS ? slots * 5 / 8 : slots - slots / 7;
    }

    private static int physical(int slots) {
        return slots + Tags.WORD + slots / 64;
    }

    // ---- what depends on the kind of keys

    /** Whether a key can be kept here. */
    abstract boolean accepts(Object key);

    /** An empty segment for keys of the same kind. */
    abstract Segment like(int depth, int prefix, int slots);

    /** The value of a key, or null. */
    abstract @Nullable Object get(int hash, Object key);

    /** Whether a slot in use has a key. */
    abstract boolean isAt(int slot, Object key);

    /** Writes a key, and what is kept of its hash, with release, into a slot that is not in use. */
    abstract void setKey(int slot, int hash, Object key);

    /** The same for a key of another segment, in a segment that nobody sees yet. */
    abstract void copyKey(int slot, int hash, Segment from, int fromSlot);

    /**
     * Copies key and hash of a slot in use of a segment that is being written to, into a segment like it that nobody else sees. Answers
     * false if there is no key any more; what was copied is right if the stamp is as before.
     */
    abstract boolean copyKeyAcquire(int slot, Segment from);

    /** Whether the same slot of two segments of one kind, both in use, has the very same key in both. */
    abstract boolean hasSameKey(int slot, Segment other);

    /** Copies what is kept of all hashes beside the tags, into a segment of the same size that nobody sees yet. */
    abstract void copyHashesInto(Segment copy);

    /** Whether another segment is for the same keys, and has a place for each of them where this one has it. */
    final boolean isLike(Segment other) {
        return getClass() == other.getClass()
                && depth == other.depth
                && prefix == other.prefix
                && slots == other.slots
                && ints == other.ints;
    }

    /** Whether one that {@link #isLike} this has the very same entry in a slot, which is in use here. Neither changes. */
    @SuppressWarnings("ReferenceEquality") // the very same value
    final boolean hasSameAt(int slot, Segment other) {
        int value = valueIndex(slot);
        return tags[slot] == other.tags[slot] && entries[value] == other.entries[value] && hasSameKey(slot, other);
    }

    /** The entry of a slot, in a segment that does not change; or null, which says that it did. */
    abstract Map.@Nullable Entry<Object, Object> entryAcquire(int slot);

    /** Forgets the key of a slot that was removed. */
    abstract void clearKey(int slot);

    /** Loads the lines that {@link #setKey} will write; answers something that the compiler cannot know. */
    abstract boolean touchKey(int slot);

    /** The bytes of the arrays that belong to keys, and the entries. */
    abstract long entryBytes();

    // ---- hash and home

    /**
     * Mixes a hash code into 31 bits of which the top and the bottom are good.
     *
     * <p>The multiplier is 2<sup>64</sup> divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
     */
    static int spread(int hashCode) {
        return (int) ((hashCode * 0x9E3779B97F4A7C15L) >>> 33);
    }

    final int home(int hash) {
        return (int) (((hash & restMask) * scale) >>> 31);
    }

    final int physical() {
        return tags.length - Tags.WORD;
    }

    /** The smallest hash that belongs here. */
    final long firstHash() {
        return (long) prefix << (31 - depth);
    }

    /** The smallest hash above those that belong here. */
    final long lastHash() {
        return (long) (prefix + 1) << (31 - depth);
    }

    // ---- reading, without the lock

    final int stampAcquire() {
        return (int) STAMP.getAcquire(this);
    }

    final int stampOpaque() {
        return (int) STAMP.getOpaque(this);
    }

    final long liveOpaque() {
        return (long) LIVE.getOpaque(this);
    }

    /**
     * Whether the table alone says what is here: no hold is written down, nothing in the overflow. Right if the word of the lock is
     * FREE before and the same afterwards.
     */
    final boolean isPlainAcquire() {
        return hasNoHoldsAcquire() && overflow == null;
    }

    /** Whether the segment was replaced, or a value found here may not be the one to answer. */
    final boolean mayBeStale() {
        return stampAcquire() < 0;
    }

    static @Nullable Object elementAcquire(@Nullable Object[] array, int index) {
        return ENTRIES.getAcquire(array, index);
    }

    static void setElementRelease(@Nullable Object[] array, int index, @Nullable Object element) {
        ENTRIES.setRelease(array, index, element);
    }

    static long keyWordAcquire(long[] words, int slot) {
        return (long) KEY_WORDS.getAcquire(words, slot);
    }

    /**
     * Whether the key of a slot, whose tag is that of a hash, may have that hash, as far as can be told without fetching the key. If
     * not, no key with that hash has been there all the time since the tag was read.
     */
    final boolean mayHaveAcquire(int slot, int hash) {
        char[] middle = this.middle;
        return middle.length == 0 || (char) MIDDLE.getAcquire(middle, slot) == middleOf(hash);
    }

    /** The bits of a hash that {@link #middle} keeps. */
    static char middleOf(int hash) {
        return (char) (hash >>> 7);
    }

    final void setKeyWordRelease(int slot, long word) {
        KEY_WORDS.setRelease(words, slot, word);
    }

    /** Whether what stands in a key's place is a key. */
    @SuppressWarnings("ReferenceEquality") // as a fast path
    static boolean isKey(@Nullable Object found, Object key) {
        return found == key || (found != null && key.equals(found));
    }

    /**
     * All that {@link #get} does, for what its first look at eight tags does not settle.
     *
     * <p>One method for both kinds of keys, and everything in line, so that it is above the size which the compiler inlines (325 bytes of
     * bytecode): in the
     * middle of a look-up it would take registers from the common cases, a third of their time in small maps.
     *
     * @param number the number of the key in a {@link WordSegment}
     */
    @SuppressWarnings("ReferenceEquality") // as a fast path
    final @Nullable Object search(int hash, Object key, long number, int home) {
        byte[] tags = this.tags;
        long[] words = this.words;
        @Nullable Object[] entries = this.entries;
        long pattern = Tags.patternOf(Tags.of(hash));
        boolean numbers = words.length != 0;
        for (; ; ) {
            int stamp = stampAcquire();
            if (stamp < 0) {
                Commit announced = this.announced;
                Object committed = announced == null ? null : announced.answer(hash, key);
                if (committed != null) {
                    return Commit.isRemoved(committed) ? null : committed;
                }
            }
            Object value = null;
            boolean found = false;
            search:
            for (int slot = home; ; slot += Tags.WORD) {
                long word = Tags.wordAcquire(tags, slot);
                for (long match = Tags.matching(word, pattern); match != 0; match &= match - 1) {
                    int candidate = slot + Tags.first(match);
                    if (numbers) {
                        if (keyWordAcquire(words, candidate) == number) {
                            value = elementAcquire(entries, candidate);
                            found = true;
                            break search;
                        }
                    } else {
                        if (!mayHaveAcquire(candidate, hash)) {
                            continue;
                        }
                        Object other = elementAcquire(entries, 2 * candidate);
                        if (other == key || (other != null && key.equals(other))) {
                            value = elementAcquire(entries, 2 * candidate + 1);
                            found = true;
                            break search;
                        }
                    }
                }
                if (Tags.empty(word) != 0) {
                    break;
                }
            }
            if (found) {
                if (stampOpaque() != stamp) {
                    continue;
                }
            } else {
                ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
                if (overflow == null) {
                    return null;
                }
                @Nullable Object[] cell = overflow.get(new OverflowKey(hash, key));
                if (cell == null) {
                    return null;
                }
                value = elementAcquire(cell, 0);
            }
            if (!Displaced.isMark(value)) {
                return value;
            }
            for (Displaced at = displaced; at != null; at = at.next) {
                Object other = at.hold.key;
                if (other == key || key.equals(other)) {
                    return elementAcquire(at.cell, at.index);
                }
            }
            // the owner has put its value back into the usual place meanwhile
        }
    }

    final @Nullable Object @Nullable [] overflowCell(int hash, Object key) {
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        return overflow == null ? null : overflow.get(new OverflowKey(hash, key));
    }

    /**
     * The slot of a key, or {@link #ABSENT} or less. Under the lock the answer is right. Without, it is right if afterwards,
     * under the lock, the stamp is as before for a key that was found, and the word of the lock for one that was not.
     */
    final int slotOf(int hash, Object key) {
        byte[] tags = this.tags;
        int home = home(hash);
        long word = Tags.wordAcquire(tags, home);
        if ((word & 0xff) == Tags.of(hash) && isAt(home, key)) {
            return home;
        }
        return slotBehind(hash, key, home, word);
    }

    private int slotBehind(int hash, Object key, int home, long firstWord) {
        byte[] tags = this.tags;
        long pattern = Tags.patternOf(Tags.of(hash));
        int others = 0;
        long deleted = 0;
        long word = firstWord;
        for (int slot = home; ; ) {
            long empty = Tags.empty(word);
            for (long match = Tags.matching(word, pattern); match != 0; match &= match - 1) {
                int candidate = slot + Tags.first(match);
                if (!mayHaveAcquire(candidate, hash)) {
                    continue;
                }
                if (isAt(candidate, key)) {
                    return candidate;
                }
                others++;
            }
            deleted |= Tags.deleted(word);
            if (empty != 0) {
                int place = slot + Tags.first(empty);
                return others < EQUAL_HASHES && deleted == 0 && place < Math.min(physical(), home + LONGEST_SEARCH)
                        ? -2 - place
                        : ABSENT;
            }
            slot += Tags.WORD;
            word = Tags.wordAcquire(tags, slot);
        }
    }

    /**
     * Loads the lines that an insertion will write, so that they come before the lock is taken and side by side: what is
     * written under the lock must have arrived before it can be given back.
     *
     * @return whether the place was free
     */
    final boolean touch(int place) {
        int slot = -2 - place;
        return elementAcquire(entries, valueIndex(slot)) == null && touchKey(slot);
    }

    // ---- commits, under the lock

    final void announce(Commit commit) {
        ANNOUNCED.setRelease(this, commit.and(announced));
        STAMP.setRelease(this, stamp | LOOK_TWICE);
    }

    /** After the table was written. */
    final void takeBack(Commit commit) {
        Commit all = announced;
        Commit others = all == null ? null : all.without(commit);
        ANNOUNCED.setRelease(this, others);
        if (others == null) {
            STAMP.setRelease(this, (stamp + 1) & ~LOOK_TWICE);
        }
    }

    // ---- writing, under the lock

    /** Ends the segment's life; the directory has been changed already. */
    final void retire() {
        STAMP.setRelease(this, stamp | LOOK_TWICE);
        die();
    }

    final boolean hasRoom() {
        return room > 0;
    }

    final boolean hasRoom(int insertions) {
        return room >= insertions;
    }

    /** For a table that cannot be larger: uses every slot, and then the overflow. */
    final void useAllRoom() {
        room = Integer.MAX_VALUE / 2; // removals add to it
    }

    /**
     * Adds a key that is not there. The caller has seen that the key is {@link #accepts accepted} and that there is
     * {@link #hasRoom room}.
     *
     * @param place what {@link #slotOf} answered
     */
    final void insert(int hash, Object key, Object value, int place) {
        int slot = place < ABSENT ? -2 - place : equalHashes(hash) < EQUAL_HASHES ? freeSlot(hash) : ABSENT;
        if (slot == ABSENT) {
            overflow(hash, key, value);
        } else {
            if (tags[slot] == Tags.EMPTY) {
                room--;
            }
            setElementRelease(entries, valueIndex(slot), value);
            setKey(slot, hash, key);
            Tags.setRelease(tags, slot, (byte) Tags.of(hash));
        }
        LIVE.setOpaque(this, live + 1);
    }

    /** Answers whether the key was not there. */
    private boolean overflow(int hash, Object key, Object value) {
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        if (overflow == null) {
            this.overflow = overflow = new ConcurrentHashMap<>();
        }
        return overflow.put(new OverflowKey(hash, key), new @Nullable Object[] {value}) == null;
    }

    /** The first free slot from a key's home on, or ABSENT if it lies too far. */
    private int freeSlot(int hash) {
        int home = home(hash);
        int end = Math.min(physical(), home + LONGEST_SEARCH);
        for (int slot = home; slot < end; slot += Tags.WORD) {
            long free = Tags.free(Tags.wordPlain(tags, slot));
            if (free != 0) {
                int found = slot + Tags.first(free);
                return found < end ? found : ABSENT;
            }
        }
        return ABSENT;
    }

    private int equalHashes(int hash) {
        int count = 0;
        for (int slot = home(hash); tags[slot] != Tags.EMPTY; slot++) {
            if (tags[slot] == (byte) Tags.of(hash) && hashAt(slot) == hash) {
                count++;
            }
        }
        return count;
    }

    /** Removes the entry of a slot. */
    final void remove(int slot) {
        LIVE.setOpaque(this, live - 1);
        setElementRelease(entries, valueIndex(slot), null);
        if (tags[slot + 1] != Tags.EMPTY) {
            Tags.setRelease(tags, slot, Tags.DELETED);
        } else {
            Tags.setRelease(tags, slot, Tags.EMPTY);
            room++;
            for (int before = slot - 1; before >= 0 && tags[before] == Tags.DELETED; before--) {
                Tags.setRelease(tags, before, Tags.EMPTY);
                room++;
            }
        }
        clearKey(slot);
        STAMP.setRelease(this, ((stamp + 1) & ~LOOK_TWICE) | (stamp & LOOK_TWICE));
    }

    /** Removes a cell from the overflow. */
    final void removeCell(int hash, Object key, @Nullable Object[] cell) {
        OverflowKey place = new OverflowKey(hash, key);
        setElementRelease(cell, 0, null);
        Objects.requireNonNull(overflow).remove(place);
        LIVE.setOpaque(this, live - 1);
    }

    /** Removes all entries that nobody holds, hands them out if somebody wants them, and answers the keys that are held. */
    final List<Object> removeUnheld(@Nullable BiConsumer<Object, Object> sink) {
        List<Object> held = new ArrayList<>();
        HoldTable holds = this.holds;
        if (holds != null) {
            holds.forEach(hold -> held.add(((KeyHold) hold).key));
        }
        for (int slot = 0; slot < physical(); slot++) {
            if (Tags.isUsed(tags[slot])) {
                Object key = keyAt(slot);
                if (holds == null || holdOf(hashAt(slot), key) == null) {
                    Object value = Objects.requireNonNull(entries[valueIndex(slot)]);
                    remove(slot);
                    if (sink != null) {
                        sink.accept(key, value);
                    }
                }
            }
        }
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        if (overflow != null) {
            overflow.forEach((key, cell) -> {
                Object value = cell[0];
                if (value != null && holdOf(key.hash, key.key) == null) {
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
    final int slotsInUse() {
        int count = 0;
        for (int slot = 0; slot < physical(); slot += Tags.WORD) {
            count += Long.bitCount(Tags.used(Tags.wordPlain(tags, slot)));
        }
        return count;
    }

    /**
     * Copies everything, holds too, into one new segment, or into two that divide the hashes between them. This one must
     * be retired afterwards.
     */
    final void copyInto(Segment low, Segment high) {
        copyEntriesInto(low, high);
        copyHoldsInto(low, high);
    }

    /**
     * Copies everything, holds too, into a new segment that is like this one, slot by slot. This one must be retired afterwards.
     */
    final Segment copy() {
        Segment copy = copyTable();
        copyHoldsInto(copy, copy);
        return copy;
    }

    /** A segment with the same entries, to be kept by somebody. Marks stay marks. */
    final Segment copyTable() {
        Segment copy = like(depth, prefix, slots);
        System.arraycopy(tags, 0, copy.tags, 0, tags.length);
        System.arraycopy(entries, 0, copy.entries, 0, entries.length);
        System.arraycopy(words, 0, copy.words, 0, words.length);
        copyHashesInto(copy);
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        if (overflow != null) {
            overflow.forEach((key, cell) -> {
                Object value = cell[0];
                if (value != null) {
                    copy.overflow(key.hash, key.key, value);
                }
            });
        }
        copy.live = live;
        copy.room = room;
        return copy;
    }

    /** A segment with the same entries, but where a key is in doubt, with what it is to have. */
    final Segment copyTable(List<Doubt> doubts) {
        int atLeast = (int) Math.min(2 * (live + doubts.size()), 1 << 28);
        Segment copy = doubts.stream().allMatch(doubt -> accepts(doubt.key))
                ? like(depth, prefix, Math.max(slots, atLeast))
                : new ObjectSegment(epochs, depth, prefix, Math.max(slots, atLeast));
        copyEntriesInto(copy, copy);
        copy.useAllRoom();
        for (Doubt doubt : doubts) {
            if (!HeapMap.set(copy, doubt.hash, doubt.key, doubt.value)) {
                throw new AssertionError("no room for key " + doubt.key);
            }
        }
        return copy;
    }

    /** Under the lock: adds the keys of which a table alone does not say what a reader would see; see {@link Epochs}. */
    final void addDoubts(List<Doubt> doubts) {
        HoldTable holds = this.holds;
        if (holds != null) {
            boolean all = announced != null;
            holds.forEach(hold -> {
                if (all || ((KeyHold) hold).mayBeWritten()) {
                    doubts.add(new Doubt(this, hold.hash, ((KeyHold) hold).key));
                }
            });
        }
    }

    private void copyEntriesInto(Segment low, Segment high) {
        int bit = 1 << (30 - depth);
        for (int word = 0; word < physical(); word += Tags.WORD) {
            for (long used = Tags.used(Tags.wordPlain(tags, word)); used != 0; used &= used - 1) {
                int slot = word + Tags.first(used);
                int hash = hashAt(slot);
                ((hash & bit) == 0 ? low : high).take(hash, this, slot);
            }
        }
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        if (overflow != null) {
            overflow.forEach((key, cell) -> {
                Object value = cell[0];
                if (value != null) {
                    Segment target = (key.hash & bit) == 0 ? low : high;
                    if (target.hasRoom()) {
                        target.insert(key.hash, key.key, value, ABSENT);
                    } else {
                        target.takeOverflow(key.hash, key.key, value);
                    }
                }
            });
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very same segment
    private void copyHoldsInto(Segment low, Segment high) {
        if (holds != null) {
            int bit = 1 << (30 - depth);
            holds.forEach(hold -> ((hold.hash & bit) == 0 ? low : high).takeHold((KeyHold) hold));
        }
        low.inherit(announced);
        if (high != low) {
            high.inherit(announced);
        }
    }

    /** Takes over what is announced in a segment which this one replaces, as far as it has keys here. */
    final void inherit(@Nullable Commit commits) {
        Commit here = commits == null ? null : commits.within(firstHash(), lastHash());
        if (here != null) {
            announced = here.and(announced);
            stamp |= LOOK_TWICE;
        }
    }

    /** Adds an entry from a segment which this one replaces; nobody else sees this one yet. */
    final void take(int hash, Segment from, int fromSlot) {
        Object value = Objects.requireNonNull(from.entries[from.valueIndex(fromSlot)]);
        int slot = freeSlot(hash);
        if (slot == ABSENT) {
            takeOverflow(hash, from.keyAt(fromSlot), value);
            return;
        }
        room--;
        live++;
        copyKey(slot, hash, from, fromSlot);
        entries[valueIndex(slot)] = value;
        tags[slot] = (byte) Tags.of(hash);
    }

    final void takeOverflow(int hash, Object key, Object value) {
        if (overflow(hash, key, value)) {
            live++;
        }
    }

    final void takeHold(KeyHold hold) {
        addHold(hold);
        if (hold.mayBeWritten()) {
            int slot = slotOf(hold.hash, hold.key);
            @Nullable Object[] cell = slot >= 0 ? entries : Objects.requireNonNull(overflowCell(hold.hash, hold.key));
            int index = slot >= 0 ? valueIndex(slot) : 0;
            displaced = Displaced.with(hold, cell, index, displaced);
            cell[index] = Displaced.MARK;
        }
    }

    /** Lets the owner of a hold know of it: the value stands in its usual place from here on. */
    @SuppressWarnings("ReferenceEquality") // this very hold
    final void settle(KeyHold hold) {
        @Nullable Object[] cell = hold.cell;
        if (cell == null) {
            return;
        }
        for (Displaced at = displaced; at != null; at = at.next) {
            if (at.hold == hold && Displaced.isMark(at.usual[at.usualIndex])) {
                setElementRelease(at.usual, at.usualIndex, elementAcquire(cell, hold.index));
            }
        }
        if (displaced != null) {
            displaced = Displaced.without(hold, displaced);
        }
        hold.cell = null;
    }

    // ---- for rebalances

    /** Whether there is nothing in this that the map must keep: no entry, hold or announcement. Under the lock. */
    final boolean isBare() {
        return live == 0 && holds == null && announced == null;
    }

    /** Before anybody else sees this: who made it will give the lock back. */
    final void bornLocked() {
        state = LOCKED;
    }

    /**
     * Copies the table, without the lock, while others write: each slot as it was at some moment of the call. The copy is no segment of
     * the map, but what {@link #changesSince} is asked about. The overflow is not copied.
     *
     * @param pace is called now and then
     */
    final Segment draft(Runnable pace) {
        Segment draft = like(depth, prefix, slots);
        for (int word = 0; word < physical(); word += Tags.WORD) {
            if (word % PACE_SLOTS == 0) {
                pace.run();
            }
            for (long used = usedAcquire(word); used != 0; used &= used - 1) {
                copySlotInto(draft, word + Tags.first(used));
            }
        }
        return draft;
    }

    private void copySlotInto(Segment draft, int slot) {
        for (; ; ) {
            int stamp = stampAcquire();
            byte tag = Tags.getAcquire(tags, slot);
            if (!Tags.isUsed(tag)) {
                return;
            }
            boolean hasKey = draft.copyKeyAcquire(slot, this);
            Object value = elementAcquire(entries, valueIndex(slot));
            if (stampOpaque() == stamp) {
                if (hasKey && value != null) {
                    draft.entries[valueIndex(slot)] = value;
                    draft.tags[slot] = tag;
                }
                return;
            }
        }
    }

    /** Under the lock: calls for each slot that has another key or value than it had in a {@link #draft}, or came or went. */
    @SuppressWarnings("ReferenceEquality") // whether it is still the same object
    final void changesSince(Segment draft, IntConsumer changed) {
        for (int word = 0; word < physical(); word += Tags.WORD) {
            long before = Tags.used(Tags.wordPlain(draft.tags, word));
            long now = Tags.used(Tags.wordPlain(tags, word));
            for (long used = before | now; used != 0; used &= used - 1) {
                int slot = word + Tags.first(used);
                int value = valueIndex(slot);
                if (entries[value] != draft.entries[value]
                        || tags[slot] != draft.tags[slot]
                        || !hasSameKey(slot, draft)) {
                    changed.accept(slot);
                }
            }
        }
    }

    // ---- for snapshots, in a segment that does not change

    /** The value of a key, or null. */
    final @Nullable Object frozenValue(int hash, Object key) {
        int slot = slotOf(hash, key);
        if (slot >= 0) {
            return elementAcquire(entries, valueIndex(slot));
        }
        @Nullable Object[] cell = overflowCell(hash, key);
        return cell == null ? null : elementAcquire(cell, 0);
    }

    /** The number of slots and of cells in the overflow. */
    final int capacity() {
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = this.overflow;
        return physical() + (overflow == null ? 0 : overflow.size());
    }

    /** The bytes of the segment's arrays and fields, with compressed references. */
    final long bytes() {
        long overflowBytes = overflow == null ? 0 : 88L * overflow.size();
        return 240L + tags.length + entryBytes() + overflowBytes;
    }

    // ---- traversal, without the lock

    /** Which of eight slots are in use, as top bits of bytes. */
    final long usedAcquire(int slot) {
        return Tags.used(Tags.wordAcquire(tags, slot));
    }

    /** Whether a slot is in use. What is read of it afterwards is right if the stamp is as before this. */
    final boolean isUsedAcquire(int slot) {
        return Tags.isUsed(Tags.getAcquire(tags, slot));
    }

    /** The key of a slot, or null; right if read between two equal stamps. */
    abstract @Nullable Object keyAcquire(int slot);

    /** The hash of a slot in use; right if read between two equal stamps. */
    final int hashAcquire(int slot) {
        int hash = hashAt(slot);
        VarHandle.acquireFence(); // else the second stamp could be read before it
        return hash;
    }
}
