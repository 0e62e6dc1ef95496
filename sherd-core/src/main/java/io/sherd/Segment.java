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
 *   small    int[]                 values that are numbers, or
 *   wide     long[]                larger ones
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
 *   <li>Insertion writes value, the hash beside the tags, key, tag in this order, removal value, tag, key, stamp, each with release; numbers
 *       are not cleared, only their tag. A slot is used again only after the stamp of its removal. A slot in use has a key and, but in the
 *       middle of a removal, a value.
 *   <li>Readers take no lock. They read stamp, tags, behind the home the hash beside them, key, value, stamp in this order, each with acquire, or key and value plainly with one
 *       acquire fence behind both, and start again if they found their key and the stamp moved. Without the stamp, a reader that found its key and was then overtaken by a
 *       removal and an insertion in the same slot would return another key's value.
 *   <li>Holds stand beside the table, and an absent key that is held has no slot: who only reads never meets one.
 *   <li>Of a segment that a snapshot has, nothing but locks, holds, announcements and the stamp is written; {@link Epochs} says how.
 * </ol>
 *
 * <p>Linearization: an insertion takes effect when its tag is written, an update when its value is, a removal when null is, or the tag where
 * values are numbers. A look-up takes effect when it reads the value, or, if that is a number whose tag was cleared between its looks at tag and value, just
 * before that, and one that finds nothing at some instant of the call when the key was
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

    /** Beyond the last home a key is rarely further than this, however large the table; if it is, it goes into the overflow. */
    private static final int LONGEST_TAIL = 192;

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

    Segment(Epochs epochs, SegmentKind kind, int depth, int prefix, int slots) {
        super(epochs, kind, depth, prefix, slots, physical(slots));
        this.room = slots <= SMALL_SLOTS
                ? slots * 5 / 8
                : kind.keys() == SegmentKind.Keys.OBJECTS ? slots - slots / 4 : slots - slots / 7;
    }

    private static int physical(int slots) {
        return slots + Tags.WORD + Math.min(slots / 64, LONGEST_TAIL);
    }

    // ---- what depends on the kind of keys and values

    /** Whether a key can be kept here. */
    abstract boolean accepts(Object key);

    /**
     * The kind of segment that takes the place of this one with so many slots, under the lock. It accepts all values that are here, and where
     * somebody may still write one early ({@link SegmentLock}) any that this one accepts.
     *
     * @param next a value that is to come, or null
     */
    final SegmentKind kindWith(int slots, @Nullable Object next) {
        if (slots <= SMALL_SLOTS
                || kind.keys() == SegmentKind.Keys.OBJECTS
                || kind.values() != SegmentKind.Values.OBJECTS
                || holds != null) {
            return kind;
        }
        SegmentKind.Values values = next == null ? null : SegmentKind.Values.of(next);
        for (int word = 0; word < physical(); word += Tags.WORD) {
            for (long used = Tags.used(Tags.wordPlain(tags, word)); used != 0; used &= used - 1) {
                SegmentKind.Values one = SegmentKind.Values.of(valueAt(word + Tags.first(used)));
                values = values == null ? one : values.and(one);
                if (values == SegmentKind.Values.OBJECTS) {
                    return kind;
                }
            }
        }
        return values == null ? kind : SegmentKind.of(kind.keys(), values);
    }

    /** Whether an entry can be kept here; one whose value is not known yet, if its key can. */
    final boolean accepts(Object key, @Nullable Object value) {
        return accepts(key) && (value == null || acceptsValue(value));
    }

    /** An empty segment of the same kind. */
    final Segment like(int depth, int prefix, int slots) {
        return kind.segment(epochs, depth, prefix, slots);
    }

    /**
     * The kind of segment that an entry which is not accepted here makes of this one. It accepts all that this one does, be it empty: keys may be held, and
     * commits announced, and it does not become another with every entry that comes and goes.
     */
    final SegmentKind kindFor(Object key, @Nullable Object value) {
        return kind.and(SegmentKind.of(key, value));
    }

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

    /**
     * Which of eight slots have another key or value in a segment that {@link #isLike} this, where it need not be equal. Neither changes.
     *
     * @param used which of them are looked at: they are in use in both
     */
    abstract long otherEntries(int word, long used, Segment other);

    /** Copies what is kept of all hashes beside the tags, into a segment of the same size that nobody sees yet. */
    abstract void copyHashesInto(Segment copy);

    /** The value of a slot in use, or null, or {@link Displaced#MARK}. */
    abstract @Nullable Object valueAcquire(int slot);

    /** The value of a slot in use, under the lock. */
    final Object valueAt(int slot) {
        return Objects.requireNonNull(valueAcquire(slot));
    }

    /** Writes a mark into the value's place, in a segment that nobody sees yet and that notes it in {@link #displaced}. */
    abstract void mark(int slot);

    /** Forgets the value of a slot that is removed. */
    abstract void clearValue(int slot);

    /**
     * Writes the value of another segment, all of whose values are accepted, in a segment that nobody sees yet. What is marked there may
     * be anything here, and must be marked or written.
     */
    abstract void copyValue(int slot, Segment from, int fromSlot);

    /** As {@link #copyKeyAcquire}. */
    abstract boolean copyValueAcquire(int slot, Segment from);

    /** As {@link #touchKey}, for {@link #setValue}. */
    abstract boolean touchValue(int slot);

    /** Whether two are the same object, or equal numbers of one class, which nobody is to tell apart. */
    @SuppressWarnings("ReferenceEquality") // it is the question
    static boolean isSame(@Nullable Object one, @Nullable Object other) {
        return one == other || ((one instanceof Long || one instanceof Integer) && one.equals(other));
    }

    /** Whether another segment is for the same keys, and has a place for each of them where this one has it. */
    final boolean isLike(Segment other) {
        return kind.equals(other.kind) && depth == other.depth && prefix == other.prefix && slots == other.slots;
    }

    /** Which of eight slots do not have the very same entry, or none, in one that {@link #isLike} this. Neither changes. */
    final long otherSlots(int word, Segment other) {
        long here = Tags.wordPlain(tags, word);
        long there = Tags.wordPlain(other.tags, word);
        long different = Tags.different(here, there);
        long used = Tags.used(here);
        return (different & (used | Tags.used(there))) | otherEntries(word, used & ~different, other);
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
                            value = ((WordSegment) this).valueAcquire(candidate);
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
                    return at.value();
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

    /** What {@link #slotOf} does if the home slot is not the key's; like {@link #search} too large to be inlined, and for the same reason. */
    @SuppressWarnings("ReferenceEquality") // as a fast path
    private int slotBehind(int hash, Object key, int home, long firstWord) {
        byte[] tags = this.tags;
        long[] words = this.words;
        @Nullable Object[] entries = this.entries;
        char[] middle = this.middle;
        long pattern = Tags.patternOf(Tags.of(hash));
        boolean numbers = words.length != 0;
        boolean accepted = false;
        long number = 0;
        if (numbers && key instanceof Long one) {
            accepted = !ints;
            number = one;
        } else if (numbers && key instanceof Integer one) {
            accepted = ints;
            number = one & 0xffff_ffffL;
        }
        int others = 0;
        long deleted = 0;
        long word = firstWord;
        for (int slot = home; ; ) {
            long empty = Tags.empty(word);
            for (long match = Tags.matching(word, pattern); match != 0; match &= match - 1) {
                int candidate = slot + Tags.first(match);
                if (numbers) {
                    if (accepted && keyWordAcquire(words, candidate) == number) {
                        return candidate;
                    }
                } else {
                    if (middle.length != 0 && (char) MIDDLE.getAcquire(middle, candidate) != middleOf(hash)) {
                        continue;
                    }
                    Object other = elementAcquire(entries, 2 * candidate);
                    if (other == key || (other != null && key.equals(other))) {
                        return candidate;
                    }
                }
                others++;
            }
            deleted |= Tags.deleted(word);
            if (empty != 0) {
                int place = slot + Tags.first(empty);
                int end = Math.min(tags.length - Tags.WORD, home + LONGEST_SEARCH);
                return others < EQUAL_HASHES && deleted == 0 && place < end ? -2 - place : ABSENT;
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
        return touchValue(slot) && touchKey(slot);
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
            setValue(slot, value);
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
        clearValue(slot);
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
                    Object value = sink == null ? null : valueAt(slot);
                    remove(slot);
                    if (sink != null) {
                        sink.accept(key, Objects.requireNonNull(value));
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
        System.arraycopy(small, 0, copy.small, 0, small.length);
        System.arraycopy(wide, 0, copy.wide, 0, wide.length);
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
        SegmentKind kind = this.kind;
        for (Doubt doubt : doubts) {
            if (!accepts(doubt.key, doubt.value)) {
                kind = kind.and(SegmentKind.of(doubt.key, doubt.value));
            }
        }
        Segment copy = kind.segment(epochs, depth, prefix, Math.max(slots, atLeast));
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
                    target.takeCell(key.hash, key.key, value);
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
        int slot = freeSlot(hash);
        if (slot == ABSENT) {
            takeOverflow(hash, from.keyAt(fromSlot), from.valueAt(fromSlot));
            return;
        }
        room--;
        live++;
        copyKey(slot, hash, from, fromSlot);
        copyValue(slot, from, fromSlot);
        tags[slot] = (byte) Tags.of(hash);
    }

    /** Adds an entry from the overflow of a segment which this one replaces. */
    final void takeCell(int hash, Object key, Object value) {
        if (hasRoom() && accepts(key, value)) {
            insert(hash, key, value, ABSENT);
        } else {
            takeOverflow(hash, key, value);
        }
    }

    private void takeOverflow(int hash, Object key, Object value) {
        if (overflow(hash, key, value)) {
            live++;
        }
    }

    final void takeHold(KeyHold hold) {
        addHold(hold);
        if (hold.mayBeWritten()) {
            int slot = slotOf(hold.hash, hold.key);
            @Nullable Object[] cell = slot >= 0 ? null : Objects.requireNonNull(overflowCell(hold.hash, hold.key));
            displaced = Displaced.with(hold, slot, cell, displaced);
            if (cell == null) {
                mark(slot);
            } else {
                cell[0] = Displaced.MARK;
            }
        }
    }

    /** Lets the owner of a hold know of it: the value stands in its usual place from here on. */
    @SuppressWarnings("ReferenceEquality") // this very hold
    final void settle(KeyHold hold) {
        if (!hold.mayBeWritten()) {
            return;
        }
        if (Displaced.has(hold, displaced)) {
            Displaced others = Displaced.without(hold, displaced); // before anything is changed, as it takes memory
            for (Displaced at = displaced; at != null; at = at.next) {
                if (at.hold == hold) {
                    at.settle(this);
                }
            }
            displaced = others; // after the value: see markOrNumber
        }
        hold.place = null;
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
            boolean hasValue = draft.copyValueAcquire(slot, this);
            if (stampOpaque() == stamp) {
                if (hasKey && hasValue) {
                    draft.tags[slot] = tag;
                }
                return;
            }
        }
    }

    /** Under the lock: calls for each slot that has another key or value than it had in a {@link #draft}, or came or went. */
    final void changesSince(Segment draft, IntConsumer changed) {
        for (int word = 0; word < physical(); word += Tags.WORD) {
            for (long other = otherSlots(word, draft); other != 0; other &= other - 1) {
                changed.accept(word + Tags.first(other));
            }
        }
    }

    // ---- for snapshots, in a segment that does not change

    /** The value of a key, or null. */
    final @Nullable Object frozenValue(int hash, Object key) {
        int slot = slotOf(hash, key);
        if (slot >= 0) {
            return valueAcquire(slot);
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
