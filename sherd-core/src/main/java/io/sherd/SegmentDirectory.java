package io.sherd;

import io.sherd.spi.AbstractShardedMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 *   <li>An array that was replaced by a longer one is written no more.
 *   <li>A segment that a snapshot has is replaced by a copy before its content is changed; see {@link Epochs}.
 * </ol>
 */
abstract class SegmentDirectory<K, V> extends AbstractShardedMap<K, V> {
    private static final int HASH_BITS = 31;

    /** The size about which a segment splits, in slots. */
    static final int SPLIT_SLOTS = 4096;

    /** The same while there are fewer segments than the map wants for its writers. */
    private static final int EARLY_SPLIT_SLOTS = 128;

    private static final int SMALLEST_SLOTS = 8;

    private static final int LARGEST_SLOTS = 1 << 28;

    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(Segment[].class);

    final Epochs epochs = new Epochs();

    private final Object structure = new Object();
    private final int earlyDepth;
    private final int maxDepth;
    private final int firstSlots;
    private final boolean ownHashes;

    private volatile @Nullable Segment[] cells;

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
        while (depth < maxDepth && initialCapacity >>> depth > SPLIT_SLOTS / 2) {
            depth++;
        }
        long each = initialCapacity >>> depth;
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

    /** The segment of a hash, made now if nobody has touched it. */
    final Segment segmentOrNew(int hash, Object firstKey) {
        Segment segment = segment(hash);
        return segment != null ? segment : newSegment(hash, firstKey);
    }

    private Segment newSegment(int hash, Object firstKey) {
        synchronized (structure) {
            Segment segment = segment(hash);
            if (segment == null) {
                @Nullable Segment[] cells = this.cells;
                int cell = cellOf(cells, hash);
                segment = ownHashes && firstKey instanceof Long
                        ? new WordSegment(epochs, false, depthOf(cells), cell, firstSlots)
                        : ownHashes && firstKey instanceof Integer
                                ? new WordSegment(epochs, true, depthOf(cells), cell, firstSlots)
                                : new ObjectSegment(epochs, depthOf(cells), cell, firstSlots);
                // after the epoch was read: if a snapshot is cut in between, the segment is stale
                epochs.noteWrite();
                arrangements = arrangements + 1;
                CELLS.setRelease(cells, cell, segment);
            }
            return segment;
        }
    }

    /** The smallest hash above the range of the cell of a hash that nobody has touched. */
    final long nextCell(int hash) {
        @Nullable Segment[] cells = this.cells;
        return (long) (cellOf(cells, hash) + 1) << (HASH_BITS - depthOf(cells));
    }

    /**
     * Makes room for a key: replaces a segment, whose lock the caller has, by a larger one or by two, or by one for keys of any
     * class if its own does not accept the key.
     */
    final void grow(Segment full, Object key) {
        grow(full, key, 1);
    }

    /** The same for several keys, of which this is one. */
    final void grow(Segment full, Object key, int insertions) {
        if (!full.accepts(key)) {
            Segment general = new ObjectSegment(epochs, full.depth, full.prefix, full.slots);
            full.copyInto(general, general);
            replace(full, general, general);
            return;
        }
        int inUse = full.slotsInUse() + insertions - 1;
        int depth = full.depth;
        int slots = slotsFor(inUse, depth, full.prefix);
        if (slots > splitSlots(depth, full.prefix) && depth < maxDepth) {
            int prefix = full.prefix << 1;
            int part = inUse / 2 + inUse / 64;
            Segment low = full.like(depth + 1, prefix, slotsFor(part, depth + 1, prefix));
            Segment high = full.like(depth + 1, prefix | 1, slotsFor(part, depth + 1, prefix | 1));
            full.copyInto(low, high);
            replace(full, low, high);
        } else if (slots == LARGEST_SLOTS && full.slots == LARGEST_SLOTS) {
            full.useAllRoom();
        } else {
            Segment larger = full.like(depth, full.prefix, slots);
            full.copyInto(larger, larger);
            replace(full, larger, larger);
        }
    }

    /** A number in [0, 256) that looks random and depends on the arguments only. */
    private static int vary(int depth, int prefix, int salt) {
        return (prefix * 0x9E3779B1 + depth * 0x85EBCA6B + salt * 0xC2B2AE35) >>> 24;
    }

    private static int slotsFor(int entries, int depth, int prefix) {
        if (5 * entries / 2 <= Segment.SMALL_SLOTS) {
            return Math.max(SMALLEST_SLOTS, 5 * entries / 2); // filled to 0.4, and at 0.62 it grows again
        }
        // filled to 0.56 - 0.66, and at 0.86 it grows again
        long slots = entries * 1024L / (573 + 103 * vary(depth, prefix, Integer.numberOfLeadingZeros(entries)) / 256);
        return (int) Math.min(Math.max(slots, Segment.SMALL_SLOTS + 1), LARGEST_SLOTS);
    }

    private int splitSlots(int depth, int prefix) {
        return depth < earlyDepth
                ? EARLY_SPLIT_SLOTS
                : SPLIT_SLOTS * 3 / 4 + SPLIT_SLOTS / 512 * vary(depth, prefix, 99);
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

    private void replace(Segment old, Segment low, Segment high) {
        epochs.noteWrite();
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
                set(cells, low, low);
                set(cells, high, high);
            }
        }
        old.retire();
    }

    /** Takes a segment, whose lock the caller has, out of the map, with all that is in it. */
    final void drop(Segment old) {
        epochs.noteWrite();
        synchronized (structure) {
            arrangements = arrangements + 1;
            dropped = dropped + 1;
            set(cells, old, null);
        }
        old.retire();
    }

    /** How many segments were dropped: if it is the same at two looks that found none for a hash, there was none in between. */
    final long dropped() {
        return dropped;
    }

    private static void set(@Nullable Segment[] cells, Segment place, @Nullable Segment segment) {
        int shift = depthOf(cells) - place.depth;
        for (int cell = place.prefix << shift; cell < (place.prefix + 1) << shift; cell++) {
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
                if (segment.firstHash() >= from && segment.firstHash() < to) {
                    inRange.add(segment);
                }
                cell = segment.lastHash() >>> shift;
            }
        }
        return inRange.size() < 2 ? -1 : inRange.get(inRange.size() / 2).firstHash();
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
            return cells.length;
        }

        @Override
        public int max() {
            return 1 << maxDepth;
        }

        @Override
        public List<ShardLoad> loads() {
            ShardLoad[] loads = segments().stream()
                    .map(segment ->
                            new ShardLoad(segment.prefix, segment.liveOpaque(), segment.capacity(), segment.bytes()))
                    .toArray(ShardLoad[]::new);
            for (int index = 0; index < loads.length; index++) {
                ShardLoad load = loads[index];
                loads[index] = new ShardLoad(index, load.entries(), load.slots(), load.bytes());
            }
            return List.copyOf(Arrays.asList(loads));
        }

        @Override
        public long bytes() {
            return 16
                    + 4L * cells.length
                    + segments().stream().mapToLong(Segment::bytes).sum();
        }

        @Override
        public String toString() {
            return "Shards[count=" + count() + ", max=" + max() + ", entries=" + mappingCount() + "]";
        }
    }
}
