package io.sherd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The segments that snapshots are read from, in the order of their hashes; nothing in them changes while this is in use. */
final class Cut {
    private static final long ALL = 1L << 31;

    /** The epoch that ended with this. */
    final long epoch;

    /** Complete before anybody but the taker sees this. */
    final Segment[] segments;

    /** What was in doubt, with the values that this has. */
    final List<Doubt> doubts;

    /** The snapshots that are open, and the places where this is kept. */
    private final AtomicInteger users = new AtomicInteger(1);

    private volatile @Nullable Segment @Nullable [] index;
    private volatile long count = -1;

    private Cut(long epoch, Segment[] segments, List<Doubt> doubts) {
        this.epoch = epoch;
        this.segments = segments;
        this.doubts = doubts;
    }

    // ---- making one

    /** Cuts all segments at one instant, as {@link Epochs} says. The new cut has one user. */
    static Cut take(SegmentDirectory<?, ?> map, Epochs epochs) {
        epochs.prune();
        // Once before anybody has to wait, so that what is looked at is in the cache.
        @Nullable Segment[] cells = map.copyOfCells();
        Segment[] found = distinct(cells);
        int busy = 0;
        for (Segment segment : found) {
            busy += segment.isQuiet() ? 0 : 1;
        }
        List<Doubt> doubts = new ArrayList<>(busy);
        Cut cut;
        epochs.raise();
        try {
            while (!settle(found, doubts) || !map.hasCells(cells)) {
                cells = map.copyOfCells();
                found = distinct(cells);
            }
            lookUntilSettled(doubts);
            cut = new Cut(epochs.epoch(), found, doubts);
            epochs.register(cut);
            epochs.written = false;
        } finally {
            epochs.lower();
        }
        cut.settleDoubts();
        return cut;
    }

    /** The segments in their order; none is looked into, which would be a miss of the cache for each, one after the other. */
    @SuppressWarnings("ReferenceEquality") // the very same segments
    private static Segment[] distinct(@Nullable Segment[] cells) {
        Segment[] found = new Segment[cells.length];
        int count = 0;
        Segment last = null;
        for (Segment segment : cells) {
            if (segment != null && segment != last) {
                found[count++] = segment;
                last = segment;
            }
        }
        return count == found.length ? found : Arrays.copyOf(found, count);
    }

    /**
     * Waits until each segment was seen without a writer, and notes the doubts. Answers false if one was replaced: then the directory must be
     * asked again, as it must if a cell has changed, which may have been empty and have got an entry since.
     */
    private static boolean settle(Segment[] segments, List<Doubt> doubts) {
        doubts.clear();
        for (int i = 0; i < segments.length; i++) {
            Segment segment = segments[i];
            if (!segment.isQuiet()) {
                if (!segment.seize()) {
                    return false;
                }
                try {
                    segment.addDoubts(i, doubts);
                } finally {
                    segment.unlock();
                }
            }
        }
        return true;
    }

    /** Until nothing has changed between two looks at everything. */
    private static void lookUntilSettled(List<Doubt> doubts) {
        boolean changed = false;
        do {
            changed = false;
            for (Doubt doubt : doubts) {
                changed |= doubt.look();
            }
        } while (changed);
    }

    /** Puts the values that were noted in their places, in images of the segments. */
    private void settleDoubts() {
        for (int from = 0; from < doubts.size(); ) {
            int place = doubts.get(from).index;
            int to = from;
            while (to < doubts.size() && doubts.get(to).index == place) {
                to++;
            }
            segments[place] = segments[place].copyTable(doubts.subList(from, to));
            from = to;
        }
    }

    /** Copies all entries, one segment after the other under its lock. The new cut has one user. */
    static Cut copyOf(SegmentDirectory<?, ?> map) {
        List<Segment> copies = new ArrayList<>();
        for (long from = 0; from < ALL; ) {
            Segment segment = map.segment((int) from);
            if (segment == null) {
                from = map.nextCell((int) from);
            } else if (segment.lock()) {
                try {
                    // one that took the place of several since, some of them copied already
                    while (!copies.isEmpty() && copies.getLast().firstHash() >= segment.firstHash()) {
                        copies.removeLast();
                    }
                    List<Doubt> doubts = new ArrayList<>();
                    segment.addDoubts(0, doubts);
                    copies.add(doubts.isEmpty() ? segment.copyTable() : segment.copyTable(doubts));
                    from = segment.lastHash();
                } finally {
                    segment.unlock();
                }
            }
        }
        return new Cut(0, copies.toArray(Segment[]::new), List.of());
    }

    // ---- use

    boolean isInUse() {
        return users.get() > 0;
    }

    void addUser() {
        users.incrementAndGet();
    }

    void dropUser() {
        users.decrementAndGet();
    }

    /** Whether the map still has all that this has, and nothing else. Counts as a user first; see {@link Epochs}. */
    @SuppressWarnings("ReferenceEquality") // whether it is still the same object
    boolean isCurrent(HeapMap<?, ?> map, Epochs epochs) {
        // The doubts first: each may turn once, and if none has by its look, none had when the first was looked at.
        for (Doubt doubt : doubts) {
            if (map.valueOf(doubt.hash, doubt.key) != doubt.value) {
                return false;
            }
        }
        return !epochs.written;
    }

    // ---- reading

    /** The segment of a hash, or null. */
    @Nullable
    Segment segment(int hash) {
        @Nullable Segment[] index = this.index;
        if (index == null) {
            this.index = index = indexed();
        }
        return index[hash >>> Integer.numberOfLeadingZeros(index.length)];
    }

    private @Nullable Segment[] indexed() {
        int depth = 0;
        for (Segment segment : segments) {
            depth = Math.max(depth, segment.depth);
        }
        @Nullable Segment[] index = new @Nullable Segment[1 << depth];
        for (Segment segment : segments) {
            int shift = depth - segment.depth;
            Arrays.fill(index, segment.prefix << shift, (segment.prefix + 1) << shift, segment);
        }
        return index;
    }

    @Nullable
    Object value(int hash, Object key) {
        Segment segment = segment(hash);
        return segment == null ? null : segment.frozenValue(hash, key);
    }

    /** Whether this has the very same segment. */
    boolean has(Segment segment) {
        return Objects.equals(segment((int) segment.firstHash()), segment);
    }

    long count() {
        long count = this.count;
        if (count < 0) {
            this.count = count = count(0, segments.length);
        }
        return count;
    }

    /** The number of entries in some of the segments. */
    long count(int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += segments[i].liveOpaque();
        }
        return sum;
    }
}
