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
final class HeapSpliterator<K, V> implements Spliterator<Map.Entry<K, V>>, SegmentScan.View<K, V, Map.Entry<K, V>> {
    private final HeapMap<K, V> map;

    /** The range not yet begun. */
    private long from;

    private long to;

    /** The segment under way. */
    private final SegmentScan<K, V> scan;

    HeapSpliterator(HeapMap<K, V> map) {
        this(map, 0, 1L << 31);
    }

    private HeapSpliterator(HeapMap<K, V> map, long from, long to) {
        this.map = map;
        this.from = from;
        this.to = to;
        this.scan = new SegmentScan<>(map);
    }

    /** Finds the next entry, which the scan then hands on. */
    private boolean advance() {
        while (!scan.advance()) {
            if (!nextSegment()) {
                return false;
            }
        }
        return true;
    }

    private boolean nextSegment() {
        while (from < to) {
            long begin = from;
            Segment segment = map.segment((int) begin);
            if (segment != null) {
                long end = segment.lastHash();
                scan.begin(segment, begin, Math.min(end, to));
                from = end;
                return true;
            }
            from = map.nextCell((int) begin);
        }
        return false;
    }

    void forEachPair(BiConsumer<? super K, ? super V> action) {
        do {
            scan.forEachRemaining(action);
        } while (nextSegment());
    }

    @Override
    public boolean tryAdvance(Consumer<? super Map.Entry<K, V>> action) {
        Objects.requireNonNull(action, "action");
        while (advance()) {
            Map.Entry<K, V> entry = scan.next(this);
            if (entry != null) {
                action.accept(entry);
                return true;
            }
        }
        return false;
    }

    @Override
    public Map.Entry<K, V> of(K key, V value) {
        return map.entry(key, value);
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
        long range = Math.max(0, to - from); // less if segments were united meanwhile
        return range == 1L << 31 ? map.mappingCount() : (long) (map.mappingCount() * (range / 0x1p31));
    }

    @Override
    public int characteristics() {
        return CONCURRENT | DISTINCT | NONNULL;
    }

    /** The same traversal as an iterator; which part of an entry it gives is the subclass's matter. */
    abstract static class Cursor<K, V, T> implements Iterator<T>, SegmentScan.View<K, V, T> {
        private final HeapMap<K, V> map;
        private final HeapSpliterator<K, V> entries;
        private final SegmentScan<K, V> scan;

        Cursor(HeapMap<K, V> map) {
            this.map = map;
            this.entries = new HeapSpliterator<>(map);
            this.scan = entries.scan;
        }

        @Override
        public final boolean hasNext() {
            return scan.hasFound() || entries.advance();
        }

        @Override
        public final T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("next: the iteration has ended; ask hasNext() first");
            }
            T next = scan.next(this);
            return next != null ? next : another();
        }

        /** What was found is not there as it was: looks on, and as there must be an entry takes the one in reserve if there is no other. */
        private T another() {
            Map.Entry<K, V> reserve = scan.reserve();
            while (entries.advance()) {
                T next = scan.next(this);
                if (next != null) {
                    return next;
                }
            }
            return scan.next(this, reserve);
        }

        @Override
        public final void remove() {
            K key = scan.forget();
            if (key == null) {
                throw new IllegalStateException("remove: call next() first, and remove() once for each element");
            }
            map.remove(key);
        }
    }
}
