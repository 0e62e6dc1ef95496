package io.sherd;

import io.sherd.spi.AbstractShardedMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a heap map: from the top bits of a hash to the segment that has it, by extendible hashing.
 *
 * <p>The array has 2<sup>d</sup> cells. A segment of depth s stands in the 2<sup>d-s</sup> cells that share its prefix; a
 * null cell is a segment of depth d that nobody has touched. A segment that is full is replaced by a larger one or, above
 * a certain size, by two of one more bit of depth; when they are deeper than the directory, that is copied to twice its
 * length. So growth never touches more than one segment.
 *
 * <p>Sizes are not powers of two, and how far a segment grows at a time and when it splits depends a little on its prefix:
 * otherwise, as hashes are spread evenly, all segments would fill up together, and memory and pauses come in waves.
 *
 * <ol>
 *   <li>Cells change under the monitor of {@link #structure} only, which is taken last and held for some writes, or for the
 *       copy of a directory. Readers load the array and the cell with acquire.
 *   <li>Only the holder of a segment's lock replaces it: it fills the successors, writes them into the cells, then retires
 *       the old one. Who finds a segment dead looks into the directory again.
 *   <li>An array that was replaced by another one is written no more. A cell that a reader finds empty was so at some moment of the call,
 *       with all hashes that were its own then; it asks for both in one look.
 *   <li>Successors are born locked, and free only when the old one is dead. Else a transaction could read an old value in the old one
 *       and a new value in the new one, and find both unchanged.
 *   <li>In the middle of a rebalance a pass over the cells may meet a segment that took the place of some that it has met. It is the one
 *       that begins no further right.
 *   <li>A segment that a snapshot has is replaced by a copy before its content is changed; see {@link Epochs}.
 * </ol>
 */
abstract class SegmentDirectory<K, V> extends AbstractShardedMap<K, V> {
    private static final int HASH_BITS = 31;

    /** The size about which a segment splits, in slots, as long as it is less deep than {@link #MANY_DEPTH}. */
    static final int SPLIT_SLOTS = 4096;

    /**
     * The size about which it splits from there on. Each segment has pages of its own for its fields and the heads of its arrays, and of hundreds of
     * segments they find no room where a processor keeps the translations of addresses: each is then another wait of a look-up. Larger ones yet
     * would be copied for too long, by growth and for snapshots.
     */
    private static final int SPLIT_SLOTS_OF_MANY = 32_768;

    /** From this depth on there are so many segments. */
    private static final int MANY_DEPTH = 6;

    /** The size about which a segment splits while there are fewer than the map wants for its writers. */
    private static final int EARLY_SPLIT_SLOTS = 128;

    /** The largest table that a rebalance makes of several, and about the largest that then grows while there are few, in slots. */
    static final int LARGEST_UNITED = 8192;

    private static final int SMALLEST_SLOTS = 8;

    private static final int LARGEST_SLOTS = 1 << 28;

    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(Segment[].class);

    final Epochs epochs = new Epochs();

    /** The rebalance that was started last. Weak: one that works in no thread and that nobody refers to is given up. */
    final AtomicReference<@Nullable WeakReference<Rebalancing>> rebalancing = new AtomicReference<>();

    private final Object structure = new Object();
    private final int maxDepth;
    private final int firstSlots;
    private final int firstDepth;
    private final boolean ownHashes;

    private volatile @Nullable Segment[] cells;

    /** Segments of less depth split early. */
    private volatile int earlyDepth;

    /** The size about which the others split, in slots, if that is more than usual. */
    private volatile int splitSlots = SPLIT_SLOTS;

    /** The number of shards that was asked for last; null if none was, and each cell counts as one. Written under the monitor. */
    private volatile @Nullable Kept kept;

    /** Changes before a cell does; written under the monitor. */
    private volatile long arrangements;

    /** Written under the monitor. */
    private volatile long dropped;

    /**
     * Creates an empty directory.
     *
     * @param shards the number of cells, a power of two
     * @param earlyShards until there are so many, segments split early; a power of two
     * @param maxShards the largest number of cells, a power of two
     * @param initialCapacity the number of entries to make room for
     * @param ownHashes whether the hash of a key is made of its hash code
     */
    SegmentDirectory(int shards, int earlyShards, int maxShards, long initialCapacity, boolean ownHashes) {
        this.ownHashes = ownHashes;
        this.maxDepth = Integer.numberOfTrailingZeros(maxShards);
        this.earlyDepth = Integer.numberOfTrailingZeros(earlyShards);
        int depth = Integer.numberOfTrailingZeros(shards);
        while (depth < maxDepth && initialCapacity >>> depth > usualSplitSlots(depth) / 2) {
            depth++;
        }
        long each = initialCapacity >>> depth;
        this.firstDepth = depth;
        this.firstSlots = (int) Math.min(Math.max(SMALLEST_SLOTS, each + each / 2), 1 << 26);
        this.cells = new @Nullable Segment[1 << depth];
    }

    private static int depthOf(@Nullable Segment[] cells) {
        return Integer.numberOfTrailingZeros(cells.length);
    }

    private static int cellOf(@Nullable Segment[] cells, int hash) {
        return hash >>> Integer.numberOfLeadingZeros(cells.length);
    }

    /** The segment of a hash, or null if nobody has touched it. */
    final @Nullable Segment segment(int hash) {
        @Nullable Segment[] cells = this.cells;
        return (Segment) CELLS.getAcquire(cells, cellOf(cells, hash));
    }

    /**
     * The segment of a hash, made now if nobody has touched it.
     *
     * @param firstValue the value of the first key, or null if it is not known yet
     */
    final Segment segmentOrNew(int hash, Object firstKey, @Nullable Object firstValue) {
        Segment segment = segment(hash);
        return segment != null ? segment : newSegment(hash, firstKey, firstValue);
    }

    private Segment newSegment(int hash, Object firstKey, @Nullable Object firstValue) {
        synchronized (structure) {
            Segment segment = segment(hash);
            if (segment == null) {
                @Nullable Segment[] cells = this.cells;
                int cell = cellOf(cells, hash);
                int depth = depthOf(cells);
                int slots = Math.max(SMALLEST_SLOTS, firstSlots >>> Math.max(0, depth - firstDepth));
                Object number = slots > Segment.SMALL_SLOTS ? firstValue : null;
                SegmentKind kind = ownHashes ? SegmentKind.of(firstKey, number) : SegmentKind.ANY;
                segment = kind.segment(epochs, depth, cell, slots);
                // after the epoch was read: if a snapshot is cut in between, the segment is stale
                epochs.noteWrite();
                arrangements = arrangements + 1;
                CELLS.setRelease(cells, cell, segment);
            }
            return segment;
        }
    }

    /** The smallest hash above the range of the cell of a hash that nobody has touched; the hash itself if somebody has, by now. */
    final long nextCell(int hash) {
        @Nullable Segment[] cells = this.cells;
        int cell = cellOf(cells, hash);
        return CELLS.getAcquire(cells, cell) != null ? hash : (long) (cell + 1) << (HASH_BITS - depthOf(cells));
    }

    /**
     * Makes room for an entry: replaces a segment, whose lock the caller has, by a larger one or by two, or by one of another kind if
     * it does not accept the entry.
     *
     * @param value the value, or null if it is not known yet
     */
    final void grow(Segment full, Object key, @Nullable Object value) {
        grow(full, key, value, 1);
    }

    /** The same for several entries, of which this is one. */
    final void grow(Segment full, Object key, @Nullable Object value, int insertions) {
        if (!full.accepts(key, value)) {
            Segment other = full.kindFor(key, value).segment(epochs, full.depth, full.prefix, full.slots);
            full.copyInto(other, other);
            replace(full, other, other);
            return;
        }
        int inUse = full.slotsInUse() + insertions - 1;
        int depth = full.depth;
        int slots = slotsFor(inUse, depth, full.prefix, full.kind);
        if (slots > splitSlots(depth, full.prefix) && depth < maxDepth) {
            split(full, inUse, value);
        } else if (slots == LARGEST_SLOTS && full.slots == LARGEST_SLOTS) {
            full.useAllRoom();
        } else {
            Segment larger = full.kindWith(slots, value).segment(epochs, depth, full.prefix, slots);
            full.copyInto(larger, larger);
            replace(full, larger, larger);
        }
    }

    /** Replaces a segment, whose lock the caller has and which is not of the largest depth, by two. */
    final void split(Segment full) {
        split(full, full.slotsInUse(), null);
    }

    private void split(Segment full, int inUse, @Nullable Object next) {
        int depth = full.depth + 1;
        int prefix = full.prefix << 1;
        int part = inUse / 2 + inUse / 64;
        int lowSlots = slotsFor(part, depth, prefix, full.kind);
        int highSlots = slotsFor(part, depth, prefix | 1, full.kind);
        SegmentKind kind = full.kindWith(Math.min(lowSlots, highSlots), next);
        Segment low = kind.segment(epochs, depth, prefix, lowSlots);
        Segment high = kind.segment(epochs, depth, prefix | 1, highSlots);
        full.copyInto(low, high);
        replace(full, low, high);
    }

    /** A number in [0, 256) that looks random and depends on the arguments only. */
    private static int vary(int depth, int prefix, int salt) {
        return (prefix * 0x9E3779B1 + depth * 0x85EBCA6B + salt * 0xC2B2AE35) >>> 24;
    }

    static int slotsFor(int entries, int depth, int prefix, SegmentKind kind) {
        if (5 * entries / 2 <= Segment.SMALL_SLOTS) {
            return Math.max(SMALLEST_SLOTS, 5 * entries / 2); // filled to 0.4, and at 0.62 it grows again
        }
        // filled to 0.58 - 0.68, and at 0.86 it grows again; with keys that must be fetched to 0.5 - 0.6, and at 0.75
        int least = kind.keys() == SegmentKind.Keys.OBJECTS ? 512 : 596;
        long slots = entries * 1024L / (least + 103 * vary(depth, prefix, Integer.numberOfLeadingZeros(entries)) / 256);
        return (int) Math.min(Math.max(slots, Segment.SMALL_SLOTS + 1), LARGEST_SLOTS);
    }

    private int splitSlots(int depth, int prefix) {
        if (depth < earlyDepth) {
            return EARLY_SPLIT_SLOTS;
        }
        int about = Math.max(splitSlots, usualSplitSlots(depth));
        return about / 4 * 3 + about / 512 * vary(depth, prefix, 99);
    }

    private static int usualSplitSlots(int depth) {
        return depth < MANY_DEPTH ? SPLIT_SLOTS : SPLIT_SLOTS_OF_MANY;
    }

    /**
     * Makes a stale segment, whose lock the caller has and whose content it is about to change, one that may be written.
     *
     * @return false if it was replaced by a copy, since a snapshot has it; the caller looks in the directory again
     */
    final boolean freshen(Segment segment) {
        epochs.noteWrite();
        if (epochs.isNeeded(segment.epoch)) {
            Segment copy = segment.copy();
            replace(segment, copy, copy);
            return false;
        }
        segment.epoch = epochs.epoch();
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // the very same segment
    private void replace(Segment old, Segment low, Segment high) {
        epochs.noteWrite();
        low.bornLocked();
        high.bornLocked();
        synchronized (structure) {
            arrangements = arrangements + 1;
            @Nullable Segment[] cells = this.cells;
            int depth = depthOf(cells);
            if (low.depth > depth) {
                @Nullable Segment[] twice = new @Nullable Segment[2 * cells.length];
                for (int cell = 0; cell < cells.length; cell++) {
                    twice[2 * cell] = cells[cell];
                    twice[2 * cell + 1] = cells[cell];
                }
                twice[low.prefix] = low;
                twice[high.prefix] = high;
                this.cells = twice;
            } else {
                set(cells, low.depth, low.prefix, low);
                set(cells, high.depth, high.prefix, high);
            }
        }
        old.retire();
        low.unlock();
        if (high != low) {
            high.unlock();
        }
    }

    /** Takes a segment, whose lock the caller has, out of the map, with all that is in it. */
    final void drop(Segment old) {
        epochs.noteWrite();
        synchronized (structure) {
            arrangements = arrangements + 1;
            dropped = dropped + 1;
            set(cells, old.depth, old.prefix, null);
        }
        old.retire();
    }

    /** How many segments were dropped: if it is the same at two looks that found none for a hash, there was none in between. */
    final long dropped() {
        return dropped;
    }

    private static void set(@Nullable Segment[] cells, int depth, int prefix, @Nullable Segment segment) {
        int shift = depthOf(cells) - depth;
        for (int cell = prefix << shift; cell < (prefix + 1) << shift; cell++) {
            CELLS.setRelease(cells, cell, segment);
        }
    }

    /** The segments that exist, in the order of their hashes. */
    final List<Segment> segments() {
        @Nullable Segment[] cells = this.cells;
        int depth = depthOf(cells);
        List<Segment> found = new ArrayList<>(Math.min(cells.length, 1024));
        for (int cell = 0; cell < cells.length; ) {
            Segment segment = (Segment) CELLS.getAcquire(cells, cell);
            if (segment == null) {
                cell++;
            } else {
                while (!found.isEmpty() && found.getLast().firstHash() >= segment.firstHash()) {
                    found.removeLast(); // this one took its place meanwhile
                }
                found.add(segment);
                cell = (segment.prefix + 1) << (depth - segment.depth);
            }
        }
        return found;
    }

    /** What all cells had at one time. No segment is looked into, which would be a miss of the cache for each, one after the other. */
    final Arrangement arrangement() {
        synchronized (structure) {
            return new Arrangement(arrangements, cells.clone());
        }
    }

    /** Whether no cell was changed since. */
    final boolean isStill(Arrangement arrangement) {
        return arrangements == arrangement.number();
    }

    /** What the cells of a directory have: a segment of less depth than the directory stands in several, one after the other. */
    @SuppressWarnings("ArrayRecordComponent") // it is not compared
    record Arrangement(long number, @Nullable Segment[] cells) {
        /** The segments in their order, or only those that are not in an earlier arrangement. */
        @SuppressWarnings("ReferenceEquality") // the very same segments
        Segment[] segments(@Nullable Arrangement earlier) {
            @Nullable Segment[] before = earlier == null ? new @Nullable Segment[1] : earlier.cells;
            int shift = Math.max(0, depthOf(cells) - depthOf(before));
            int back = Math.max(0, depthOf(before) - depthOf(cells));
            Segment[] found = new Segment[cells.length];
            int count = 0;
            Segment last = null;
            for (int cell = 0; cell < cells.length; cell++) {
                Segment segment = cells[cell];
                if (segment != null && segment != last) {
                    if (segment != before[cell >>> shift << back]) {
                        found[count++] = segment;
                    }
                    last = segment;
                }
            }
            return count == found.length ? found : Arrays.copyOf(found, count);
        }
    }

    /**
     * A hash between two segments that divides those of a range into two parts, about equal; negative if there are less than
     * two segments.
     */
    final long borderNear(long from, long to) {
        @Nullable Segment[] cells = this.cells;
        int shift = HASH_BITS - depthOf(cells);
        List<Segment> inRange = new ArrayList<>();
        for (long cell = from >>> shift; cell << shift < to; ) {
            Segment segment = (Segment) CELLS.getAcquire(cells, (int) cell);
            if (segment == null) {
                cell++;
            } else {
                long first = segment.firstHash();
                if (first >= from
                        && first < to
                        && (inRange.isEmpty() || first > inRange.getLast().firstHash())) {
                    inRange.add(segment);
                }
                cell = segment.lastHash() >>> shift;
            }
        }
        return inRange.size() < 2 ? -1 : inRange.get(inRange.size() / 2).firstHash();
    }

    // ---- for rebalances

    /**
     * Puts the successors of some segments, whose locks the caller has, into their cells.
     *
     * @param old all segments that there are in the range; a cell without one may be among theirs
     * @param depth the depth of the successors
     * @param prefix the prefix of the first of them
     * @param successors born locked, and given free by this; null where there is nothing to keep
     * @return false, and nothing was done, if somebody has touched a cell of the range meanwhile
     */
    final boolean replaceAll(Segment[] old, int depth, int prefix, @Nullable Segment[] successors) {
        epochs.noteWrite();
        long epoch = epochs.epoch();
        for (Segment successor : successors) {
            if (successor != null) {
                successor.epoch = epoch;
            }
        }
        synchronized (structure) {
            @Nullable Segment[] cells = this.cells;
            long from = (long) prefix << (HASH_BITS - depth);
            if (!hasOnly(cells, from, from + ((long) successors.length << (HASH_BITS - depth)), old)) {
                return false;
            }
            arrangements = arrangements + 1;
            boolean longer = depth > depthOf(cells);
            if (longer) {
                cells = ofDepth(cells, depth);
            }
            for (int i = 0; i < successors.length; i++) {
                Segment successor = successors[i];
                if (successor == null) {
                    dropped = dropped + 1;
                }
                set(cells, depth, prefix + i, successor);
            }
            if (longer) {
                this.cells = cells;
            }
        }
        for (Segment segment : old) {
            segment.retire();
        }
        for (Segment successor : successors) {
            if (successor != null) {
                successor.unlock();
            }
        }
        return true;
    }

    /** Whether the cells of a range have these segments, in their order, and no other. */
    @SuppressWarnings("ReferenceEquality") // the very same segments
    private static boolean hasOnly(@Nullable Segment[] cells, long from, long to, Segment[] segments) {
        int shift = HASH_BITS - depthOf(cells);
        int next = 0;
        Segment last = null;
        for (long cell = from >>> shift; cell << shift < to; cell++) {
            Segment segment = cells[(int) cell];
            if (segment != null && segment != last) {
                if (next == segments.length || segments[next] != segment) {
                    return false;
                }
                next++;
                last = segment;
            }
        }
        return next == segments.length;
    }

    /** A copy of an array of cells that is longer, or shorter where no segment is of more depth. */
    private static @Nullable Segment[] ofDepth(@Nullable Segment[] cells, int depth) {
        int shift = depth - depthOf(cells);
        @Nullable Segment[] copy = new @Nullable Segment[1 << depth];
        for (int cell = 0; cell < copy.length; cell++) {
            copy[cell] = cells[shift < 0 ? cell << -shift : cell >>> shift];
        }
        return copy;
    }

    /** What was asked for, as a depth, and the depth of the directory with the entries of then. */
    private record Kept(int depth, int cellsDepth) {}

    /**
     * The number of bits of a hash that say which shard it belongs to. Each cell is a shard until somebody asks for a number of shards. That
     * is kept until the directory has had to be doubled twice, and then doubles with it.
     */
    @SuppressWarnings("ReferenceEquality") // the very same array
    final int shardDepth() {
        for (; ; ) {
            @Nullable Segment[] cells = this.cells;
            Kept kept = this.kept;
            if (cells == this.cells) {
                int depth = depthOf(cells);
                return kept == null ? depth : kept.depth + Math.max(0, depth - kept.cellsDepth - 1);
            }
        }
    }

    /** Brings the directory to a depth if it has less; if there are to be more shards, there are from here on. */
    final void deepen(int depth) {
        synchronized (structure) {
            int before = depthOf(cells);
            @Nullable Segment[] deeper = depth > before ? ofDepth(cells, depth) : cells;
            raiseTo(depth, Math.max(depth, before));
            cells = deeper; // after that, for who counts
        }
    }

    /** After a segment of a depth was split: has there be twice as many shards, if it was a whole one. */
    final void raisePast(int depth) {
        synchronized (structure) {
            if (shardDepth() == depth) {
                raiseTo(depth + 1, depthOf(cells));
            }
        }
    }

    private void raiseTo(int depth, int cellsDepth) {
        if (depth > shardDepth()) {
            kept = new Kept(depth, cellsDepth);
        }
    }

    /**
     * Makes a depth that of the shards, and brings the directory to it, or to the depth of the deepest segment if that is more. From
     * here on segments split only when they are about four times as large as they are with the entries of now, if that is more than usual.
     */
    final void settleDepth(int wanted) {
        long each = mappingCount() >>> wanted;
        synchronized (structure) {
            @Nullable Segment[] cells = this.cells;
            int depth = wanted;
            for (Segment segment : cells) {
                if (segment != null && segment.depth > depth) {
                    depth = segment.depth;
                }
            }
            @Nullable Segment[] settled = depth == depthOf(cells) ? cells : ofDepth(cells, depth);
            Kept kept = new Kept(wanted, depth);
            this.kept = new Kept(wanted, depthOf(cells)); // right before the next and after
            this.cells = settled;
            this.kept = kept;
            earlyDepth = 0;
            splitSlots = (int) Math.max(SPLIT_SLOTS, Math.min(4 * each, LARGEST_UNITED / 5 * 4));
        }
    }

    @Override
    public final long mappingCount() {
        @Nullable Segment[] cells = this.cells;
        int depth = depthOf(cells);
        long count = 0;
        for (int cell = 0; cell < cells.length; ) {
            Segment segment = (Segment) CELLS.getAcquire(cells, cell);
            if (segment == null) {
                cell++;
            } else if (segment.firstHash() < (long) cell << (HASH_BITS - depth)) {
                return segments().stream().mapToLong(Segment::liveOpaque).sum();
            } else {
                count += segment.liveOpaque();
                cell = (segment.prefix + 1) << (depth - segment.depth);
            }
        }
        return count;
    }

    @Override
    public final Shards shards() {
        return new Loads();
    }

    private final class Loads implements Shards {
        @Override
        public int count() {
            return 1 << shardDepth();
        }

        @Override
        public int max() {
            return 1 << maxDepth;
        }

        @Override
        public List<ShardLoad> loads() {
            int depth = shardDepth();
            List<ShardLoad> loads = new ArrayList<>();
            long last = -1;
            for (Segment segment : segments()) {
                long first = segment.firstHash() >>> (HASH_BITS - depth) << (HASH_BITS - depth);
                long entries = segment.liveOpaque();
                long slots = segment.capacity();
                long bytes = segment.bytes();
                if (first == last) {
                    ShardLoad rest = loads.removeLast();
                    entries += rest.entries();
                    slots += rest.slots();
                    bytes += rest.bytes();
                }
                loads.add(new ShardLoad(loads.size(), entries, slots, bytes));
                last = first;
            }
            return List.copyOf(loads);
        }

        @Override
        public long bytes() {
            return 16
                    + 4L * cells.length
                    + segments().stream().mapToLong(Segment::bytes).sum();
        }

        @Override
        public RebalanceReport rebalanceTo(int shards) {
            return Rebalancing.start(SegmentDirectory.this, shards, RebalanceOptions.defaults())
                    .run();
        }

        @Override
        public Rebalance startRebalance(int shards, RebalanceOptions options) {
            return Rebalancing.start(SegmentDirectory.this, shards, options).begin();
        }

        @Override
        public String toString() {
            return "Shards[count=" + count() + ", max=" + max() + ", entries=" + mappingCount() + "]";
        }
    }
}
