package io.sherd;

import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes over the entries of segments, one segment after the other, with the lock or without.
 *
 * <p>Keys and values are handed on without being looked into: that would be a cache miss for each. What is a number in a
 * {@link WordSegment} stays one until it is asked for.
 *
 * <p>Without the lock, a key that is there all the time is met exactly once: it does not move within the segment, and if the
 * segment is replaced meanwhile, the pass goes on in the old one, where nothing changes any more. An entry from there is
 * handed on with the value that the map has today, or not at all if it has none.
 *
 * <p>The stamp is read before a word of tags, and again after each key and value behind them. As long as it is the same,
 * nothing was removed since, so the tags still say which slots have an entry; when it moved, what is left of the word is read
 * anew, and slots that are not in use any more are passed over.
 *
 * <p>Nearly all slots are plain: nothing was removed or announced since their tags were read, the segment is the map's and wanted as a whole,
 * and the value stands in its usual place. They are looked at in {@link #isPlain}, which does no more than it must, until one is met that is not; from there on the
 * segment is looked at with care.
 */
final class SegmentScan<K, V> {
    private static final long[] NO_WORDS = {};
    private static final int[] NO_INTS = {};
    private static final @Nullable Object[] NO_ENTRIES = {};

    /** How the slots of the segment under way are looked at: with care, or, if they are plain, by the kinds of keys and values. */
    private static final int WITH_CARE = 0;

    private static final int OBJECTS_ONLY = 1;
    private static final int NUMBERS_TO_OBJECTS = 2;
    private static final int NUMBERS_TO_SMALL = 3;
    private static final int NUMBERS_TO_WIDE = 4;

    /** What a key or value is kept as. */
    private static final int OBJECTS = 0;

    private static final int LONGS = 1;
    private static final int INTS = 2;
    private static final int FORGOTTEN = -1;

    private final HeapMap<K, V> map;

    /** The segment under way, and what is looked at in it for each entry. */
    private @Nullable Segment segment;

    private int physical;
    private int look;
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

    /** The slots in use of the word under way that were not looked at, as top bits of bytes, and the word behind it. */
    private long used;

    private int nextWord;

    /** The stamp before that word was read. */
    private int stamp;

    private @Nullable Iterator<Map.Entry<OverflowKey, @Nullable Object[]>> cells;

    /** The entry that was found: the number if the kind of the key is one, else the key; and the value, or null and its number. */
    private int foundKind;

    private long number;
    private long valueNumber;
    private @Nullable Object key;
    private @Nullable Object value;

    /** The kind of the key that was remembered, or FORGOTTEN, and the key as above. */
    private int rememberedKind = FORGOTTEN;

    private long rememberedNumber;
    private @Nullable Object rememberedKey;

    /** A pass over nothing. */
    SegmentScan(HeapMap<K, V> map) {
        this.map = map;
    }

    /** Turns to the entries of a segment whose hashes lie in a range. */
    void begin(Segment segment, long from, long to) {
        this.segment = segment;
        this.physical = segment.physical();
        this.words = segment.words;
        this.entries = segment.entries;
        this.small = segment.small;
        this.wide = segment.wide;
        this.kind = words.length == 0 ? OBJECTS : segment.ints ? INTS : LONGS;
        this.valueKind = entries.length != 0 ? OBJECTS : segment.intValues ? INTS : LONGS;
        this.from = from;
        this.to = to;
        this.partial = segment.firstHash() < from || segment.lastHash() > to;
        this.used = 0;
        this.nextWord = 0;
        this.cells = null;
        this.foundKind = kind;
        if (partial) {
            this.look = WITH_CARE;
        } else if (valueKind == OBJECTS) {
            this.look = kind == OBJECTS ? OBJECTS_ONLY : NUMBERS_TO_OBJECTS;
        } else {
            this.look = small.length != 0 ? NUMBERS_TO_SMALL : NUMBERS_TO_WIDE;
            this.value = null;
        }
    }

    /** The key of the entry that {@link #advance} found. */
    @SuppressWarnings("unchecked") // only keys of K are ever put
    K key() {
        return (K) (foundKind == OBJECTS ? Objects.requireNonNull(key) : box(foundKind, number));
    }

    private static Object box(int kind, long number) {
        return WordSegment.box(kind == INTS, number);
    }

    @SuppressWarnings("unchecked") // only values of V are ever put
    V value() {
        Object value = this.value;
        return (V) (value != null ? value : box(valueKind, valueNumber));
    }

    /** Keeps the key of the entry that was found, whatever is found next. */
    void remember() {
        rememberedKind = foundKind;
        rememberedNumber = number;
        if (foundKind == OBJECTS) {
            rememberedKey = key;
        }
    }

    /** The key that was remembered last, or null if it was forgotten already. */
    @SuppressWarnings("unchecked") // only keys of K are ever put
    @Nullable
    K forget() {
        int kind = rememberedKind;
        rememberedKind = FORGOTTEN;
        return kind == FORGOTTEN ? null : (K) (kind == OBJECTS ? rememberedKey : box(kind, rememberedNumber));
    }

    /** Goes to the next entry. */
    boolean advance() {
        for (; ; ) {
            while (used == 0) {
                if (nextWord >= physical) {
                    return advanceCells();
                }
                readWord(Objects.requireNonNull(segment));
            }
            int slot = nextWord - Tags.WORD + Tags.first(used);
            Segment segment = Objects.requireNonNull(this.segment);
            if (look != WITH_CARE) {
                if (isPlain(segment, slot)) {
                    used &= used - 1;
                    return true;
                }
                look = WITH_CARE;
            }
            if (isFound(segment, slot)) {
                return true;
            }
        }
    }

    /**
     * Whether a slot in use is plain; if not, what is written down of it is of no use. Written down is only what differs from one plain slot to the
     * next: {@link #begin} has set the kind of the key and, where values are numbers, no object.
     */
    private boolean isPlain(Segment segment, int slot) {
        return switch (look) {
            case NUMBERS_TO_SMALL -> {
                long number = Segment.keyWordAcquire(words, slot);
                int valueNumber = WordSegment.smallAcquire(small, slot);
                this.number = number;
                this.valueNumber = valueNumber;
                yield valueNumber != WordSegment.SMALL_MARK && segment.stampOpaque() == stamp;
            }
            case NUMBERS_TO_WIDE -> {
                long number = Segment.keyWordAcquire(words, slot);
                long valueNumber = WordSegment.wideAcquire(wide, slot);
                this.number = number;
                this.valueNumber = valueNumber;
                yield valueNumber != WordSegment.WIDE_MARK && segment.stampOpaque() == stamp;
            }
            case NUMBERS_TO_OBJECTS -> {
                long number = Segment.keyWordAcquire(words, slot);
                Object value = Segment.elementAcquire(entries, slot);
                if (value == null || Displaced.isMark(value) || segment.stampOpaque() != stamp) {
                    yield false;
                }
                this.number = number;
                this.value = value;
                yield true;
            }
            default -> {
                Object key = Segment.elementAcquire(entries, 2 * slot);
                Object value = Segment.elementAcquire(entries, 2 * slot + 1);
                if (key == null || value == null || Displaced.isMark(value) || segment.stampOpaque() != stamp) {
                    yield false;
                }
                this.key = key;
                this.value = value;
                yield true;
            }
        };
    }

    /** Looks at a slot in use, and answers whether there is an entry, or still one. */
    private boolean isFound(Segment segment, int slot) {
        Object key = null;
        long number = 0;
        if (kind == OBJECTS) {
            key = Segment.elementAcquire(entries, 2 * slot);
        } else {
            number = Segment.keyWordAcquire(words, slot);
        }
        long valueNumber = valueKind == OBJECTS ? 0 : WordSegment.numberAcquire(small, wide, slot);
        boolean isNumber = valueKind != OBJECTS && !WordSegment.mayBeMark(valueNumber);
        Object value = isNumber ? null : segment.valueAcquire(slot);
        int hash = partial ? segment.hashAcquire(slot) : 0;
        if (segment.stampOpaque() != stamp) {
            rereadWord(segment);
            return false;
        }
        used &= used - 1;
        if ((kind == OBJECTS && key == null) || (value == null && !isNumber) || (partial && !isWanted(hash))) {
            return false;
        }
        this.foundKind = kind;
        this.number = number;
        this.key = key;
        this.valueNumber = valueNumber;
        this.value = value;
        return (stamp >= 0 && !Displaced.isMark(value)) || refresh();
    }

    private void readWord(Segment segment) {
        stamp = segment.stampAcquire();
        used = segment.usedAcquire(nextWord);
        nextWord += Tags.WORD;
        if (stamp < 0) {
            look = WITH_CARE;
        }
    }

    /** Something was removed since the word was read. */
    private void rereadWord(Segment segment) {
        stamp = segment.stampAcquire();
        used &= segment.usedAcquire(nextWord - Tags.WORD);
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
            int word = nextWord - Tags.WORD;
            for (; ; ) {
                for (; used != 0; used &= used - 1) {
                    int slot = word + Tags.first(used);
                    Object key;
                    Object value;
                    if (kind != OBJECTS) {
                        key = box(kind, Segment.keyWordAcquire(words, slot));
                        if (valueKind == OBJECTS) {
                            value = Segment.elementAcquire(entries, slot);
                        } else {
                            long valueNumber = WordSegment.numberAcquire(small, wide, slot);
                            value = WordSegment.mayBeMark(valueNumber)
                                    ? segment.valueAcquire(slot)
                                    : box(valueKind, valueNumber);
                        }
                    } else {
                        key = Segment.elementAcquire(entries, 2 * slot);
                        value = Segment.elementAcquire(entries, 2 * slot + 1);
                    }
                    if (stamp < 0 || Displaced.isMark(value) || segment.stampOpaque() != stamp) {
                        break;
                    }
                    if (key != null && value != null) {
                        action.accept((K) key, (V) value);
                    }
                }
                if (used != 0) {
                    // the long way for what is left of this word, and from there on
                    this.used = used;
                    this.stamp = stamp;
                    this.nextWord = word + Tags.WORD;
                    this.look = WITH_CARE; // what ended the loop is not plain, and the stamp may be negative
                    if (!advance()) {
                        return;
                    }
                    action.accept(key(), value());
                    used = this.used;
                    stamp = this.stamp;
                    word = this.nextWord - Tags.WORD;
                    continue;
                }
                word += Tags.WORD;
                if (word >= physical) {
                    break;
                }
                stamp = segment.stampAcquire();
                used = segment.usedAcquire(word);
            }
            this.used = 0;
            this.nextWord = physical;
        }
        while (advance()) {
            action.accept(key(), value());
        }
    }

    private boolean isWanted(int hash) {
        return hash >= from && hash < to;
    }

    /** Puts today's value in the place of one that may be old; answers whether there is one. */
    private boolean refresh() {
        value = map.get(key());
        return value != null;
    }

    private boolean advanceCells() {
        Segment segment = this.segment;
        if (segment == null) {
            return false;
        }
        if (cells == null) {
            ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = segment.overflow;
            if (overflow == null) {
                return false;
            }
            cells = overflow.entrySet().iterator();
        }
        while (cells.hasNext()) {
            Map.Entry<OverflowKey, @Nullable Object[]> cell = cells.next();
            if (isWanted(cell.getKey().hash)) {
                foundKind = OBJECTS;
                key = cell.getKey().key;
                value = Segment.elementAcquire(cell.getValue(), 0);
                if (value != null && ((!Displaced.isMark(value) && !segment.mayBeStale()) || refresh())) {
                    return true;
                }
            }
        }
        return false;
    }
}
