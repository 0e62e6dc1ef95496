package io.sherd;

import java.lang.ref.Reference;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RecursiveAction;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A pass over some of the segments of a snapshot, as an iterator or a spliterator, or into an array. Nothing changes in them, so sizes are exact,
 * each segment's place in an array is known beforehand, and there is nothing to be read twice; but see {@link HeapSnapshot} for what is done
 * to each element before it is handed out.
 */
final class FrozenPass<T> implements Iterator<T>, Spliterator<T> {
    static final int ENTRIES = 0;
    static final int KEYS = 1;
    static final int VALUES = 2;

    private static final int ELEMENTS_OF_A_TASK = 1 << 14;
    private static final int ELEMENTS_OF_A_PIECE = 1 << 13;

    private final HeapSnapshot<?, ?> snapshot;
    private final Cut cut;
    private final int part;

    /** The segments not yet begun. */
    private int next;

    private int end;

    /** The segment under way, its slots that come next as top bits of bytes, and the word behind them. */
    private @Nullable Segment segment;

    private long used;
    private int nextWord;

    /** The overflow of the segment under way, when its table is done. */
    private @Nullable Iterator<Map.Entry<OverflowKey, @Nullable Object[]>> cells;

    private int cellsLeft;

    FrozenPass(HeapSnapshot<?, ?> snapshot, Cut cut, int part) {
        this(snapshot, cut, part, 0, cut.segments.length);
    }

    private FrozenPass(HeapSnapshot<?, ?> snapshot, Cut cut, int part, int next, int end) {
        this.snapshot = snapshot;
        this.cut = cut;
        this.part = part;
        this.next = next;
        this.end = end;
    }

    @Override
    public boolean hasNext() {
        snapshot.open();
        return find();
    }

    /** Goes to the next slot in use or cell; answers false at the end. */
    private boolean find() {
        while (used == 0) {
            Segment segment = this.segment;
            if (segment != null) {
                if (nextWord < segment.physical()) {
                    used = segment.usedAcquire(nextWord);
                    nextWord += Tags.WORD;
                    continue;
                }
                if (cells == null) {
                    ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = segment.overflow;
                    cells = overflow == null
                            ? Collections.emptyIterator()
                            : overflow.entrySet().iterator();
                    cellsLeft = sizeOf(overflow);
                }
                if (cells.hasNext()) {
                    return true;
                }
                this.segment = null;
                cells = null;
            }
            if (next == end) {
                return false;
            }
            this.segment = cut.segments[next++];
            nextWord = 0;
        }
        return true;
    }

    @Override
    public T next() {
        if (!find()) {
            throw new NoSuchElementException("next: the iteration has ended; ask hasNext() first");
        }
        return take();
    }

    /** The element that was found. */
    @SuppressWarnings("unchecked") // the part says what T is
    private T take() {
        try {
            Object element = taken();
            snapshot.open();
            return (T) element;
        } finally {
            Reference.reachabilityFence(cut);
        }
    }

    private Object taken() {
        if (used != 0) {
            int slot = nextWord - Tags.WORD + Tags.first(used);
            used &= used - 1;
            return element(Objects.requireNonNull(segment), slot);
        }
        cellsLeft--;
        return element(Objects.requireNonNull(cells).next());
    }

    private Object element(Segment segment, int slot) {
        Object element = part == KEYS
                ? segment.keyAcquire(slot)
                : part == VALUES ? segment.valueAcquire(slot) : segment.entryAcquire(slot);
        if (element == null) {
            throw snapshot.broken();
        }
        return element;
    }

    private Object element(Map.Entry<OverflowKey, @Nullable Object[]> cell) {
        Object key = cell.getKey().key;
        Object value = Segment.elementAcquire(cell.getValue(), 0);
        if (value == null) {
            throw snapshot.broken();
        }
        return part == KEYS ? key : part == VALUES ? value : Map.entry(key, value);
    }

    @Override
    public boolean tryAdvance(Consumer<? super T> action) {
        Objects.requireNonNull(action, "action");
        if (!find()) {
            return false;
        }
        action.accept(take());
        return true;
    }

    @Override
    public void forEachRemaining(Consumer<? super T> action) {
        Objects.requireNonNull(action, "action");
        try {
            while (find()) {
                if (used == 0) {
                    action.accept(take());
                } else {
                    restOfTable(Objects.requireNonNull(segment), action);
                }
            }
        } finally {
            Reference.reachabilityFence(cut);
        }
    }

    @SuppressWarnings("unchecked") // the part says what T is
    private void restOfTable(Segment segment, Consumer<? super T> action) {
        int physical = segment.physical();
        int word = nextWord - Tags.WORD;
        long inUse = used;
        used = 0;
        nextWord = physical;
        for (; ; ) {
            for (; inUse != 0; inUse &= inUse - 1) {
                Object element = element(segment, word + Tags.first(inUse));
                snapshot.open();
                action.accept((T) element);
            }
            word += Tags.WORD;
            if (word >= physical) {
                return;
            }
            inUse = segment.usedAcquire(word);
        }
    }

    /** Hands out what is left without making entries. */
    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    <K, V> void forEachPair(BiConsumer<? super K, ? super V> action) {
        try {
            while (find()) {
                if (used == 0) {
                    Map.Entry<OverflowKey, @Nullable Object[]> cell =
                            Objects.requireNonNull(cells).next();
                    cellsLeft--;
                    pair(action, (K) cell.getKey().key, (V) Segment.elementAcquire(cell.getValue(), 0));
                } else {
                    Segment segment = Objects.requireNonNull(this.segment);
                    int slot = nextWord - Tags.WORD + Tags.first(used);
                    used &= used - 1;
                    pair(action, (K) segment.keyAcquire(slot), (V) segment.valueAcquire(slot));
                }
            }
        } finally {
            Reference.reachabilityFence(cut);
        }
    }

    private <K, V> void pair(BiConsumer<? super K, ? super V> action, @Nullable K key, @Nullable V value) {
        if (key == null || value == null) {
            throw snapshot.broken();
        }
        snapshot.open();
        action.accept(key, value);
    }

    /** The elements of all segments, in an array; for a pass that has not begun. */
    Object[] toArray() {
        try {
            Object[] array = new Object[Math.toIntExact(cut.count(next, end))];
            if (array.length <= ELEMENTS_OF_A_TASK) {
                fill(array, 0, next, end);
            } else {
                new Filling(array, 0, next, end).invoke();
            }
            snapshot.open();
            return array;
        } finally {
            Reference.reachabilityFence(cut);
        }
    }

    /** A part of a large array, filled by whoever has time: nothing of the user's is called. */
    private final class Filling extends RecursiveAction {
        private static final long serialVersionUID = 1L;

        private final transient Object[] array;
        private final int at;
        private final int first;
        private final int last;

        Filling(Object[] array, int at, int first, int last) {
            this.array = array;
            this.at = at;
            this.first = first;
            this.last = last;
        }

        @Override
        protected void compute() {
            if (last - first == 1 || cut.count(first, last) <= ELEMENTS_OF_A_TASK) {
                fill(array, at, first, last);
            } else {
                int middle = (first + last) >>> 1;
                int ofFirst = Math.toIntExact(cut.count(first, middle));
                invokeAll(new Filling(array, at, first, middle), new Filling(array, at + ofFirst, middle, last));
            }
        }
    }

    /**
     * The elements of some segments, from an index of the array on.
     *
     * <p>A large array is old for the collector, which wants to know of each store into it; of a copy it is told once. So elements are gathered in a
     * small array first.
     */
    private void fill(Object[] array, int at, int first, int last) {
        Object[] piece = new Object[Math.toIntExact(Math.min(ELEMENTS_OF_A_PIECE, cut.count(first, last)))];
        int index = at;
        int gathered = 0;
        for (int i = first; i < last; i++) {
            Segment segment = cut.segments[i];
            int physical = segment.physical();
            for (int word = 0; word < physical; word += Tags.WORD) {
                if (gathered > piece.length - Tags.WORD) {
                    System.arraycopy(piece, 0, array, index, gathered);
                    index += gathered;
                    gathered = 0;
                }
                for (long inUse = segment.usedAcquire(word); inUse != 0; inUse &= inUse - 1) {
                    piece[gathered++] = element(segment, word + Tags.first(inUse));
                }
            }
            ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = segment.overflow;
            if (overflow != null) {
                System.arraycopy(piece, 0, array, index, gathered);
                index += gathered;
                gathered = 0;
                for (Map.Entry<OverflowKey, @Nullable Object[]> cell : overflow.entrySet()) {
                    array[index++] = element(cell);
                }
            }
        }
        System.arraycopy(piece, 0, array, index, gathered);
    }

    /** Splits off the first half of the segments that were not begun, and what is under way. */
    @Override
    public @Nullable Spliterator<T> trySplit() {
        int middle = (next + end) >>> 1;
        if (middle == next) {
            return null;
        }
        FrozenPass<T> first = new FrozenPass<>(snapshot, cut, part, next, middle);
        first.segment = segment;
        first.used = used;
        first.nextWord = nextWord;
        first.cells = cells;
        first.cellsLeft = cellsLeft;
        segment = null;
        used = 0;
        cells = null;
        next = middle;
        return first;
    }

    @Override
    public long estimateSize() {
        long count = cut.count(next, end) + Long.bitCount(used);
        Segment segment = this.segment;
        if (segment != null) {
            for (int word = nextWord; word < segment.physical(); word += Tags.WORD) {
                count += Long.bitCount(segment.usedAcquire(word));
            }
            count += cells == null ? sizeOf(segment.overflow) : cellsLeft;
        }
        return count;
    }

    private static int sizeOf(@Nullable ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow) {
        return overflow == null ? 0 : overflow.size();
    }

    @Override
    public int characteristics() {
        return (part == VALUES ? 0 : DISTINCT) | IMMUTABLE | NONNULL | SIZED | SUBSIZED;
    }
}
