package io.sherd;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a segment that every reader loads. They stand in a class of their own, and the padding in the next, so
 * that the lock word, which writers change all the time, lies on another cache line: the virtual machine lays out the
 * fields of a superclass first.
 */
abstract class SegmentTable {
    final int depth;
    final int prefix;
    /** The number of slots that are the home of a key. */
    final int slots;

    /** Counts removals; its sign bit says that the segment was replaced. Written under the lock, read by everyone. */
    int stamp;

    /** The tags; eight behind the last slot stay empty. */
    final byte[] tags;

    final @Nullable Object[] entries;
    final char[] middle;
    final byte @Nullable [] top;

    /** Entries that found no place in the table; null as long as there were none. */
    volatile @Nullable ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow;

    SegmentTable(int depth, int prefix, int slots, int physical) {
        this.depth = depth;
        this.prefix = prefix;
        this.slots = slots;
        this.tags = new byte[physical + Long.BYTES];
        this.entries = new @Nullable Object[2 * physical];
        this.middle = new char[physical];
        this.top = depth >= Segment.TOP_BITS ? null : new byte[physical];
    }
}

/** A cache line of nothing. */
abstract class SegmentState extends SegmentTable {
    long p0;
    long p1;
    long p2;
    long p3;
    long p4;
    long p5;
    long p6;
    long p7;

    SegmentState(int depth, int prefix, int slots, int physical) {
        super(depth, prefix, slots, physical);
    }
}
