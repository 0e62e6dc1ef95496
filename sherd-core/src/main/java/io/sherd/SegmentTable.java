package io.sherd;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a segment that every reader loads. They stand in a class of their own, and the padding in the next, so
 * that the lock word, which writers change all the time, lies on another cache line: the virtual machine lays out the
 * fields of a superclass first.
 */
abstract class SegmentTable {
    /** The epochs of the map. */
    final Epochs epochs;

    final int depth;
    final int prefix;

    /** The number of slots that are the home of a key. */
    final int slots;

    /** The bits of a hash behind the prefix, and what they are multiplied by to give the home. */
    final int restMask;

    final long scale;

    /**
     * Counts removals; negative if the segment was replaced, or if readers must ask {@link #announced} first. Written under the
     * lock, read by everyone.
     */
    int stamp;

    /** The tags; eight behind the last slot stay empty. */
    final byte[] tags;

    /** What keys and values are accepted. */
    final SegmentKind kind;

    /** The values, unless they are numbers, and in an {@link ObjectSegment} the keys too. */
    final @Nullable Object[] entries;

    /** In a {@link WordSegment}, the keys, and whether they are {@link Integer}. */
    final long[] words;

    final boolean ints;

    /** Values that are numbers, in 32 bits or in 64, and whether they are {@link Integer}; else empty. */
    final int[] small;

    final long[] wide;
    final boolean intValues;

    /** In an {@link ObjectSegment}, 16 bits of the hashes above {@link Tags#HASH_BITS}; else empty. */
    final char[] middle;

    /** Entries that found no place in the table; null as long as there were none. */
    volatile @Nullable ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow;

    /** Values that stand elsewhere for the time being. */
    volatile @Nullable Displaced displaced;

    /** Commits that have keys here and are under way. */
    volatile @Nullable Commit announced;

    SegmentTable(Epochs epochs, SegmentKind kind, int depth, int prefix, int slots, int physical) {
        this.epochs = epochs;
        this.depth = depth;
        this.prefix = prefix;
        this.slots = slots;
        this.restMask = Integer.MAX_VALUE >>> depth;
        this.scale = (long) slots << depth;
        this.tags = new byte[physical + Long.BYTES];
        this.kind = kind;
        SegmentKind.Values values = kind.values();
        boolean objects = kind.keys() == SegmentKind.Keys.OBJECTS;
        this.ints = kind.keys() == SegmentKind.Keys.INTEGERS;
        this.intValues = values == SegmentKind.Values.INTEGERS;
        boolean narrow = intValues || values == SegmentKind.Values.SMALL_LONGS;
        this.entries =
                new @Nullable Object[objects ? 2 * physical : values == SegmentKind.Values.OBJECTS ? physical : 0];
        this.words = new long[objects ? 0 : physical];
        this.middle = new char[objects ? physical : 0];
        this.small = new int[narrow ? physical : 0];
        this.wide = new long[values == SegmentKind.Values.LONGS ? physical : 0];
    }
}

/** A cache line of nothing. */
abstract class SegmentPadding extends SegmentTable {
    long p0;
    long p1;
    long p2;
    long p3;
    long p4;
    long p5;
    long p6;
    long p7;

    SegmentPadding(Epochs epochs, SegmentKind kind, int depth, int prefix, int slots, int physical) {
        super(epochs, kind, depth, prefix, slots, physical);
    }
}
