package io.sherd;

import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Traverses the entries whose hashes lie in a range, segment by segment.
 *
 * <p>The place reached is a hash, not a cell of the directory, so that growth meanwhile changes nothing: from there the
 * directory is asked for the segment that has the hash now. Should that have come to reach further back than the place,
 * its entries with smaller hashes were seen and are passed over.
 */
final class HeapSpliterator<K, V> implements Spliterator<Map.Entry<K, V>> {
    private final HeapMap<K, V> map;

    /** The range not yet begun. */
    private long from;

    private long to;

    /** The segment under way; null between segments. */
    private @Nullable SegmentScan<K, V> scan;

    HeapSpliterator(HeapMap<K, V> map) {
        this(map, 0, 1L << 31);
    }

    private HeapSpliterator(HeapMap<K, V> map, long from, long to) {
        this.map = map;
        this.from = from;
        this.to = to;
    }

    /** Goes to the next entry and answers the scan that stands on it, or null at the end. */
    private @Nullable SegmentScan<K, V> advance() {
        SegmentScan<K, V> scan = this.scan;
        while (scan == null || !scan.advance()) {
            scan = nextSegment();
            this.scan = scan;
            if (scan == null) {
                return null;
            }
        }
        return scan;
    }

    private @Nullable SegmentScan<K, V> nextSegment() {
        while (from < to) {
            long begin = from;
            Segment segment = map.segment((int) begin);
            if (segment != null) {
                from = segment.lastHash();
                return new SegmentScan<>(map, segment, begin, Math.min(from, to));
            }
            from = map.nextCell((int) begin);
        }
        return null;
    }

    void forEachPair(BiConsumer<? super K, ? super V> action) {
        for (SegmentScan<K, V> scan = this.scan != null ? this.scan : nextSegment();
                scan != null;
                scan = nextSegment()) {
            scan.forEachRemaining(action);
        }
        this.scan = null;
    }

    @Override
    public boolean tryAdvance(Consumer<? super Map.Entry<K, V>> action) {
        Objects.requireNonNull(action, "action");
        SegmentScan<K, V> scan = advance();
        if (scan == null) {
            return false;
        }
        action.accept(map.entry(scan.key(), scan.value()));
        return true;
    }

    @Override
    public void forEachRemaining(Consumer<? super Map.Entry<K, V>> action) {
        Objects.requireNonNull(action, "action");
        forEachPair((key, value) -> action.accept(map.entry(key, value)));
    }

    /** Splits off the second half of what was not begun, at a border between segments; what has no segment is not split. */
    @Override
    public @Nullable Spliterator<Map.Entry<K, V>> trySplit() {
        long border = map.borderNear(from, to);
        if (border < 0) {
            return null;
        }
        HeapSpliterator<K, V> second = new HeapSpliterator<>(map, border, to);
        to = border;
        return second;
    }

    @Override
    public long estimateSize() {
        long range = to - from;
        return range == 1L << 31 ? map.mappingCount() : (long) (map.mappingCount() * (range / 0x1p31));
    }

    @Override
    public int characteristics() {
        return CONCURRENT | DISTINCT | NONNULL;
    }

    /** The same traversal as an iterator; the view of an entry that it gives is the subclass's matter. */
    abstract static class Cursor<K, V, T> implements Iterator<T> {
        private final HeapMap<K, V> map;
        private final HeapSpliterator<K, V> entries;

        /** The scan that stands on the entry that comes next, if it was looked for. */
        private @Nullable SegmentScan<K, V> next;

        private @Nullable K last;

        Cursor(HeapMap<K, V> map) {
            this.map = map;
            this.entries = new HeapSpliterator<>(map);
        }

        abstract T view(K key, V value);

        @Override
        public final boolean hasNext() {
            if (next == null) {
                next = entries.advance();
            }
            return next != null;
        }

        @Override
        public final T next() {
            SegmentScan<K, V> scan = next != null ? next : entries.advance();
            if (scan == null) {
                throw new NoSuchElementException("next: the iteration has ended; ask hasNext() first");
            }
            next = null;
            K key = scan.key();
            last = key;
            return view(key, scan.value());
        }

        @Override
        public final void remove() {
            K key = last;
            if (key == null) {
                throw new IllegalStateException("remove: call next() first, and remove() once for each element");
            }
            map.remove(key);
            last = null;
        }
    }
}
