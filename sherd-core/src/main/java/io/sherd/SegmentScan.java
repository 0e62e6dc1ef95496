package io.sherd;

import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes over the entries of segments, one segment after the other, without the lock.
 *
 * <p>Keys and values are handed on without being looked into: that would be a cache miss for each.
 *
 * <p>A key that is there all the time is met exactly once: it does not move within the segment, and if the
 * segment is replaced meanwhile, the pass goes on in the old one, where nothing changes any more. An entry from there is
 * handed on with the value that the map has today, or not at all if it has none.
 *
 * <p>A segment is passed over in stretches of 64 slots. The stamp is read before the tags of a stretch, and again before a slot is found and after its
 * key and value were read. As long as it is the same, nothing was removed since, so the tags still say which slots have an entry; when it moved, the
 * tag of each slot is looked at again, between stamps of its own, and slots that are not in use any more are passed over.
 *
 * <p>Nearly all slots are plain: nothing was removed or announced since their tags were read, the segment is the map's and wanted as a whole,
 * and the value stands in its usual place. Of these {@link #advance} notes the place only, and {@link #next} reads what stands there. To keep key and
 * value in fields between the two would cost more than all else, as a collector is told of every object that is written into another. From the first slot of a
 * stretch on that is not plain, the others are looked at with care, and what is found is kept in fields; and so is a whole stretch of which the last entry is not plain.
 *
 * <p>Who was told that there is a next entry must get one, though all may have been removed before it asks. Of each stretch the last entry is therefore kept
 * in reserve, as it was when the stretch began. It is handed on if there is no other from the place that was found to the end of the map. For {@link #forget}, which
 * needs the key that was handed on last after its slot may have become another key's, the objects of a stretch are copied all at once.
 *
 * <p>Where memory or the stack run out, or a function of the user throws, and the caller goes on all the same, no entry is left out or met again, and {@link #forget} answers no
 * other key: what may throw comes before the fields that say how far the pass is, and a stretch of which not all is known yet is one to be looked at with care.
 */
final class SegmentScan<K, V> {
    /** What is made of an entry. */
    interface View<K, V, T> {
        T of(K key, V value);
    }

    private static final long[] NO_WORDS = {};
    private static final int[] NO_INTS = {};
    private static final @Nullable Object[] NO_ENTRIES = {};

    /** How the slots of a stretch are looked at: with care, or, if they are plain, by the kinds of keys and values. */
    private static final int WITH_CARE = 0;

    private static final int OBJECTS_ONLY = 1;
    private static final int NUMBERS_TO_OBJECTS = 2;
    private static final int NUMBERS_ONLY = 3;

    /** What a key or value is kept as. */
    private static final int OBJECTS = 0;

    private static final int LONGS = 1;
    private static final int INTS = 2;

    /** The places of an entry beside those in the stretch. */
    private static final int NOWHERE = -1;

    private static final int IN_FIELDS = -2;

    private final HeapMap<K, V> map;

    /** The segment under way, and what is looked at in it for each entry. */
    private @Nullable Segment segment;

    private int physical;
    private int kind;
    private int valueKind;
    private long[] words = NO_WORDS;
    private int[] small = NO_INTS;
    private long[] wide = NO_WORDS;
    private @Nullable Object[] entries = NO_ENTRIES;

    /** The part of the hashes that is wanted. */
    private long from;

    private long to;
    private boolean partial;

    /** How the segment's plain slots are looked at, and those of the stretch under way. */
    private int plain;

    private int look;

    /** The first slot of the stretch under way, and a bit for each of its slots that are in use and were not looked at. */
    private int stretch;

    private long used;

    /** The stamp before the tags of that stretch were read. */
    private int stamp;

    /** Where {@link #entries} holds keys: what stood there when the stretch began, up to its last entry. */
    private @Nullable Object[] held = NO_ENTRIES;

    /** The last entry of the stretch, as it was then; the numbers or the objects of key and value. */
    private long reserveNumber;

    private long reserveValueNumber;
    private @Nullable Object reserveKey;
    private @Nullable Object reserveValue;

    private @Nullable Iterator<Map.Entry<OverflowKey, @Nullable Object[]>> cells;

    /** Where the entry is that was found and not handed on: at a place of the stretch, in the fields below, or nowhere. */
    private int found = NOWHERE;

    private @Nullable Object key;
    private @Nullable Object value;

    /** The same of the key that was handed on last; at a place of the stretch, its number is here if it is one. */
    private int last = NOWHERE;

    private long lastNumber;
    private @Nullable Object lastKey;

    /** A pass over nothing. */
    SegmentScan(HeapMap<K, V> map) {
        this.map = map;
    }

    /** Turns to the entries of a segment whose hashes lie in a range. */
    void begin(Segment segment, long from, long to) {
        keepLast();
        int physical = segment.physical();
        boolean partial = segment.firstHash() < from || segment.lastHash() > to;
        this.segment = segment;
        this.physical = physical;
        this.words = segment.words;
        this.entries = segment.entries;
        this.small = segment.small;
        this.wide = segment.wide;
        this.kind = words.length == 0 ? OBJECTS : segment.ints ? INTS : LONGS;
        this.valueKind = entries.length != 0 ? OBJECTS : segment.intValues ? INTS : LONGS;
        this.from = from;
        this.to = to;
        this.partial = partial;
        this.used = 0;
        this.stretch = -Long.SIZE;
        this.cells = null;
        if (partial) {
            this.plain = WITH_CARE;
        } else if (valueKind == OBJECTS) {
            this.plain = kind == OBJECTS ? OBJECTS_ONLY : NUMBERS_TO_OBJECTS;
        } else {
            this.plain = NUMBERS_ONLY;
        }
    }

    private static Object box(int kind, long number) {
        return WordSegment.box(kind == INTS, number);
    }

    /** Whether an entry was found that was not handed on. */
    boolean hasFound() {
        return found != NOWHERE;
    }

    /** Finds the next entry. */
    boolean advance() {
        for (; ; ) {
            while (used == 0) {
                if (stretch + Long.SIZE >= physical) {
                    return advanceCells();
                }
                readStretch(Objects.requireNonNull(segment));
            }
            Segment segment = Objects.requireNonNull(this.segment);
            if (look != WITH_CARE) {
                if (segment.stampOpaque() == stamp) {
                    found = Long.numberOfTrailingZeros(used);
                    used &= used - 1;
                    return true;
                }
                look = WITH_CARE;
            }
            if (isFound(segment, stretch + Long.numberOfTrailingZeros(used))) {
                found = IN_FIELDS;
                return true;
            }
        }
    }

    /**
     * Hands on the entry that was found. Answers null if it cannot be handed on as it was noted; then it may be found again, or is gone.
     */
    <T> @Nullable T next(View<? super K, ? super V, T> view) {
        return found < 0 ? nextInFields(view) : look == OBJECTS_ONLY ? nextObjects(view) : nextNumber(view);
    }

    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    private <T> T nextInFields(View<? super K, ? super V, T> view) {
        found = NOWHERE;
        last = IN_FIELDS;
        lastKey = key;
        return view.of((K) Objects.requireNonNull(key), (V) Objects.requireNonNull(value));
    }

    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    private <T> @Nullable T nextObjects(View<? super K, ? super V, T> view) {
        @Nullable Object[] entries = this.entries;
        int at = found;
        int place = 2 * (stretch + at);
        Object key = entries[place];
        Object value = entries[place + 1];
        VarHandle.acquireFence();
        if (key == null || value == null || Displaced.isMark(value) || isMoved()) {
            lookAgain();
            return null;
        }
        found = NOWHERE;
        last = at;
        return view.of((K) key, (V) value);
    }

    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    private <T> @Nullable T nextNumber(View<? super K, ? super V, T> view) {
        int at = found;
        int slot = stretch + at;
        long number = Segment.keyWordAcquire(words, slot);
        Object value = null;
        long valueNumber = 0;
        if (look == NUMBERS_TO_OBJECTS) {
            value = Segment.elementAcquire(entries, slot);
        } else {
            valueNumber = WordSegment.numberAcquire(small, wide, slot);
        }
        boolean isPlain = look == NUMBERS_TO_OBJECTS
                ? value != null && !Displaced.isMark(value)
                : !WordSegment.mayBeMark(valueNumber);
        if (!isPlain || isMoved()) {
            lookAgain();
            return null;
        }
        found = NOWHERE;
        last = at;
        lastNumber = number;
        return view.of((K) box(kind, number), (V) (value != null ? value : box(valueKind, valueNumber)));
    }

    private boolean isMoved() {
        return Objects.requireNonNull(segment).stampOpaque() != stamp;
    }

    /** What was found is not there as it was noted: it is to be looked at again, with care. */
    private void lookAgain() {
        used |= 1L << found;
        found = NOWHERE;
        look = WITH_CARE;
    }

    /** The entry in reserve, after {@link #next} answered null and before anything else. */
    Map.Entry<K, V> reserve() {
        return entryOf(
                kind == OBJECTS ? reserveKey : box(kind, reserveNumber),
                valueKind == OBJECTS ? reserveValue : box(valueKind, reserveValueNumber));
    }

    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    private Map.Entry<K, V> entryOf(@Nullable Object key, @Nullable Object value) {
        return Map.entry((K) Objects.requireNonNull(key), (V) Objects.requireNonNull(value));
    }

    /** Hands on an entry that was in reserve. */
    <T> T next(View<? super K, ? super V, T> view, Map.Entry<K, V> reserve) {
        last = IN_FIELDS;
        lastKey = reserve.getKey();
        return view.of(reserve.getKey(), reserve.getValue());
    }

    /** The key that was handed on last, or null if it was forgotten already. */
    @SuppressWarnings("unchecked") // only keys of K are ever put
    @Nullable
    K forget() {
        keepLast();
        int last = this.last;
        this.last = NOWHERE;
        return last == NOWHERE ? null : (K) lastKey;
    }

    /** Keeps the key that was handed on last, whatever becomes of the stretch. */
    private void keepLast() {
        if (last >= 0) {
            lastKey = kind == OBJECTS ? held[2 * last] : box(kind, lastNumber);
            last = IN_FIELDS;
        }
    }

    /** Looks at a slot that was in use, and answers whether an entry was found there; if not, it may have to be looked at again. */
    private boolean isFound(Segment segment, int slot) {
        int stamp = segment.stampAcquire();
        boolean isUsed = segment.isUsedAcquire(slot);
        Object key = isUsed ? segment.keyAcquire(slot) : null;
        Object value = isUsed ? segment.valueAcquire(slot) : null;
        int hash = isUsed && partial ? segment.hashAcquire(slot) : 0;
        if (segment.stampOpaque() != stamp) {
            return false;
        }
        boolean isEntry = key != null && value != null && (!partial || isWanted(hash));
        if (isEntry) {
            this.key = key;
            this.value = value;
            isEntry = (stamp >= 0 && !Displaced.isMark(value)) || refresh();
        }
        used &= used - 1;
        return isEntry;
    }

    private void readStretch(Segment segment) {
        keepLast();
        int first = stretch + Long.SIZE;
        int stamp = segment.stampAcquire();
        long used = usedFrom(segment, first);
        this.look = WITH_CARE;
        this.stretch = first;
        this.stamp = stamp;
        this.used = used;
        if (stamp >= 0 && (used == 0 || isReserved(segment))) {
            this.look = plain;
        }
    }

    /** Which slots of a stretch are in use, a bit for each. */
    private long usedFrom(Segment segment, int first) {
        byte[] tags = segment.tags;
        long all = 0;
        if (first + Long.SIZE <= physical) {
            for (int i = Long.SIZE - Tags.WORD; i >= 0; i -= Tags.WORD) {
                all = all << Tags.WORD | Tags.bits(Tags.used(Tags.wordPlain(tags, first + i)));
            }
        } else {
            for (int i = 0; first + i < physical; i += Tags.WORD) {
                all |= Tags.bits(Tags.used(Tags.wordPlain(tags, first + i))) << i;
            }
        }
        VarHandle.acquireFence(); // else a key could be read before its tag
        return all;
    }

    /** Puts the last entry of the stretch in reserve, and answers whether that is a plain one. */
    private boolean isReserved(Segment segment) {
        int at = Long.SIZE - 1 - Long.numberOfLeadingZeros(used);
        int slot = stretch + at;
        boolean isPlain;
        switch (plain) {
            case OBJECTS_ONLY -> {
                hold(at + 1);
                Object key = held[2 * at];
                Object value = held[2 * at + 1];
                isPlain = key != null && value != null && !Displaced.isMark(value);
                reserveKey = key;
                reserveValue = value;
            }
            case NUMBERS_TO_OBJECTS -> {
                Object value = Segment.elementAcquire(entries, slot);
                isPlain = value != null && !Displaced.isMark(value);
                reserveNumber = Segment.keyWordAcquire(words, slot);
                reserveValue = value;
            }
            case NUMBERS_ONLY -> {
                long valueNumber = WordSegment.numberAcquire(small, wide, slot);
                isPlain = !WordSegment.mayBeMark(valueNumber);
                reserveNumber = Segment.keyWordAcquire(words, slot);
                reserveValueNumber = valueNumber;
            }
            default -> isPlain = false;
        }
        VarHandle.acquireFence(); // else the stamp could be read before these
        return isPlain && segment.stampOpaque() == stamp;
    }

    private void hold(int slots) {
        if (held.length < 2 * slots) {
            held = new @Nullable Object[2 * slots];
        }
        System.arraycopy(entries, 2 * stretch, held, 0, 2 * slots);
    }

    /** Hands on what is left of the pass; the common case keeps nothing in fields. */
    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    void forEachRemaining(BiConsumer<? super K, ? super V> action) {
        Segment segment = this.segment;
        if (segment != null && !partial) {
            long[] words = this.words;
            @Nullable Object[] entries = this.entries;
            int[] small = this.small;
            long[] wide = this.wide;
            int kind = this.kind;
            int valueKind = this.valueKind;
            int stamp = this.stamp;
            long used = this.used;
            int stretch = this.stretch;
            for (; ; ) {
                try {
                    while (used != 0) {
                        int slot = stretch + Long.numberOfTrailingZeros(used);
                        Object key;
                        Object value;
                        if (kind == OBJECTS) {
                            key = entries[2 * slot];
                            value = entries[2 * slot + 1];
                            VarHandle.acquireFence();
                        } else {
                            long number = Segment.keyWordAcquire(words, slot);
                            if (valueKind == OBJECTS) {
                                value = Segment.elementAcquire(entries, slot);
                            } else {
                                long valueNumber = WordSegment.numberAcquire(small, wide, slot);
                                value = WordSegment.mayBeMark(valueNumber)
                                        ? segment.valueAcquire(slot)
                                        : box(valueKind, valueNumber);
                            }
                            key = box(kind, number);
                        }
                        if (stamp < 0 || Displaced.isMark(value) || segment.stampOpaque() != stamp) {
                            break;
                        }
                        used &= used - 1;
                        if (key != null && value != null) {
                            action.accept((K) key, (V) value);
                        }
                    }
                } catch (Throwable thrown) {
                    goOnFrom(stretch, stamp, used);
                    throw thrown;
                }
                if (used != 0) {
                    // the long way for the next one: what ended the loop is not plain, and the stamp may be negative
                    goOnFrom(stretch, stamp, used);
                    if (!advance()) {
                        return;
                    }
                    accept(action);
                    used = this.used;
                    stamp = this.stamp;
                    stretch = this.stretch;
                    continue;
                }
                if (stretch + Long.SIZE >= physical) {
                    break;
                }
                goOnFrom(stretch, stamp, 0);
                stamp = segment.stampAcquire();
                used = usedFrom(segment, stretch + Long.SIZE);
                stretch += Long.SIZE;
            }
            goOnFrom(stretch, stamp, 0);
        }
        while (advance()) {
            accept(action);
        }
    }

    /** Says how far the pass is that was kept in no fields; what is left of the stretch is looked at with care. */
    private void goOnFrom(int stretch, int stamp, long used) {
        this.look = WITH_CARE;
        this.stretch = stretch;
        this.stamp = stamp;
        this.used = used;
    }

    private void accept(BiConsumer<? super K, ? super V> action) {
        next((key, value) -> {
            action.accept(key, value);
            return Boolean.TRUE;
        });
    }

    private boolean isWanted(int hash) {
        return hash >= from && hash < to;
    }

    /** Puts today's value in the place of one that may be old; answers whether there is one. */
    private boolean refresh() {
        value = map.get(Objects.requireNonNull(key));
        return value != null;
    }

    private boolean advanceCells() {
        Segment segment = this.segment;
        if (segment == null) {
            return false;
        }
        if (cells == null) {
            ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = segment.overflow;
            cells = overflow == null
                    ? Collections.emptyIterator()
                    : overflow.entrySet().iterator(); // what comes later is not met
        }
        while (cells.hasNext()) {
            Map.Entry<OverflowKey, @Nullable Object[]> cell = cells.next();
            if (isWanted(cell.getKey().hash)) {
                key = cell.getKey().key;
                value = Segment.elementAcquire(cell.getValue(), 0);
                if (value != null && ((!Displaced.isMark(value) && !segment.mayBeStale()) || refresh())) {
                    found = IN_FIELDS;
                    return true;
                }
            }
        }
        return false;
    }
}
