package io.sherd;

import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the entries of a segment, with the lock or without.
 *
 * <p>Keys and values are handed on without being looked into: that would be a cache miss for each.
 *
 * <p>Without the lock, a key that is there all the time is met exactly once: it does not move within the segment, and if the
 * segment is replaced meanwhile, the pass goes on in the old one, where nothing changes any more. An entry from there is
 * handed on with the value that the map has today, or not at all if it has none.
 */
final class SegmentScan<K, V> {
    private final HeapMap<K, V> map;
    private final Segment segment;

    /** The part of the hashes that is wanted. */
    private final long from;

    private final long to;
    private final boolean partial;

    /** The slots in use of the word under way that were not looked at, as top bits of bytes, and the word behind it. */
    private long used;

    private int nextWord;
    private @Nullable Iterator<Map.Entry<OverflowKey, @Nullable Object[]>> cells;

    private @Nullable Object key;
    private @Nullable Object value;

    /** A pass over the entries whose hashes lie in a range. */
    SegmentScan(HeapMap<K, V> map, Segment segment, long from, long to) {
        this.map = map;
        this.segment = segment;
        this.from = from;
        this.to = to;
        this.partial = segment.firstHash() < from || segment.lastHash() > to;
    }

    /** The key of the entry that {@link #advance} found. */
    @SuppressWarnings("unchecked") // only keys of K are ever put
    K key() {
        return (K) Objects.requireNonNull(key);
    }

    @SuppressWarnings("unchecked") // only values of V are ever put
    V value() {
        return (V) Objects.requireNonNull(value);
    }

    /** Goes to the next entry. */
    boolean advance() {
        Segment segment = this.segment;
        @Nullable Object[] entries = segment.entries;
        for (; ; ) {
            while (used == 0) {
                if (nextWord >= segment.physical()) {
                    return advanceCells();
                }
                used = segment.usedAcquire(nextWord);
                nextWord += Long.BYTES;
            }
            int slot = nextWord - Long.BYTES + Tags.first(used);
            int stamp = segment.stampAcquire();
            if (!segment.isUsedAcquire(slot)) {
                used &= used - 1; // removed since the word was read, and perhaps under way to be used again
                continue;
            }
            Object key = segment.keyAcquire(slot);
            Object value = Segment.elementAcquire(entries, segment.valueIndex(slot));
            boolean stale = stamp < 0 || Displaced.isMark(value);
            int hash = partial ? segment.hashAcquire(slot) : 0;
            if (segment.stampOpaque() != stamp) {
                continue; // the same slot again
            }
            used &= used - 1;
            if (key != null && value != null && (!partial || isWanted(hash))) {
                this.key = key;
                this.value = value;
                if (!stale || refresh()) {
                    return true;
                }
            }
        }
    }

    /** Hands on what is left of the pass; the common case keeps nothing in fields. */
    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    void forEachRemaining(BiConsumer<? super K, ? super V> action) {
        Segment segment = this.segment;
        @Nullable Object[] entries = segment.entries;
        while (!partial) {
            while (used != 0) {
                int slot = nextWord - Long.BYTES + Tags.first(used);
                int stamp = segment.stampAcquire();
                if (!segment.isUsedAcquire(slot)) {
                    used &= used - 1;
                    continue;
                }
                Object key = segment.keyAcquire(slot);
                Object value = Segment.elementAcquire(entries, segment.valueIndex(slot));
                if (stamp < 0 || Displaced.isMark(value) || segment.stampOpaque() != stamp) {
                    if (!advance()) {
                        return;
                    }
                    action.accept(key(), value());
                } else {
                    used &= used - 1;
                    if (key != null && value != null) {
                        action.accept((K) key, (V) value);
                    }
                }
            }
            if (nextWord >= segment.physical()) {
                break;
            }
            used = segment.usedAcquire(nextWord);
            nextWord += Long.BYTES;
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
