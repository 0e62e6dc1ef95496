package io.sherd;

import io.sherd.SegmentDirectory.Arrangement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The segments that snapshots are read from, in the order of their hashes; nothing in them changes while this is in use. */
final class Cut {
    private static final long ALL = 1L << 31;

    /** How often, at most, the segments are looked at that were written to since the last look; and how few make another not worth while. */
    private static final int MOST_ROUNDS = 40;

    private static final int FEW_LOOKS = 16;

    private static final int LOOKS_BETWEEN_PAUSES = 1024;
    private static final int YIELDS = 4;
    private static final long NAP_NANOS = 20_000;

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
        SnapshotEvent event = new SnapshotEvent();
        event.begin();
        epochs.prune();
        Cut cut;
        long raised = 0;
        epochs.watch();
        try {
            Arrangement arrangement = map.arrangement();
            List<Segment> busy = new ArrayList<>();
            boolean writing = addBusy(List.of(arrangement.segments(null)), busy);
            for (int round = 0; round < MOST_ROUNDS; round++) {
                List<Segment> touched = touched(epochs, arrangement);
                if (!map.isStill(arrangement)) {
                    Arrangement newer = map.arrangement();
                    touched.addAll(Arrays.asList(newer.segments(arrangement)));
                    arrangement = newer;
                }
                boolean settled = touched.size() < FEW_LOOKS && !writing;
                touched.addAll(busy);
                busy.clear();
                writing = addBusy(touched, busy);
                if (settled && !writing) {
                    break;
                }
                if (writing) {
                    pause(round);
                }
            }
            List<Doubt> doubts = new ArrayList<>(busy.size()); // the rest is not to wait for memory
            Segment[] found = arrangement.segments(null);
            raised = System.nanoTime();
            epochs.raise();
            busy.addAll(touched(epochs, arrangement));
            settle(busy, doubts);
            while (!map.isStill(arrangement)) {
                Arrangement newer = map.arrangement();
                busy.addAll(Arrays.asList(newer.segments(arrangement)));
                arrangement = newer;
                found = newer.segments(null);
                settle(busy, doubts);
            }
            lookUntilSettled(doubts);
            cut = new Cut(epochs.epoch(), found, doubts);
            epochs.register(cut);
            epochs.written = false;
        } finally {
            epochs.lower();
        }
        event.stoodAside = System.nanoTime() - raised;
        cut.settleDoubts();
        event.shards = cut.segments.length;
        event.doubts = cut.doubts.size();
        event.commit();
        return cut;
    }

    private static List<Segment> touched(Epochs epochs, Arrangement arrangement) {
        List<Segment> touched = epochs.touched();
        if (epochs.hasMissed()) {
            touched.addAll(List.of(arrangement.segments(null)));
        }
        return touched;
    }

    /**
     * Adds the segments that somebody is writing to, or in which something is in doubt. Answers whether there is one of the first kind.
     * That may be a thread that was stopped with its lock; nobody should have to wait for it.
     */
    private static boolean addBusy(List<Segment> segments, List<Segment> busy) {
        boolean writing = false;
        int looks = 0;
        for (Segment segment : segments) {
            if (!segment.isQuiet() && !segment.isDead()) {
                writing |= segment.isLocked();
                busy.add(segment);
            }
            if ((++looks & (LOOKS_BETWEEN_PAUSES - 1)) == 0) {
                LockSupport.parkNanos(1); // a writer whose processor this thread has taken goes on
            }
        }
        return writing;
    }

    @SuppressWarnings("ThreadPriorityCheck") // the processor is given to who has a lock
    private static void pause(int round) {
        if (round < YIELDS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(NAP_NANOS);
        }
    }

    /**
     * Waits until each segment was seen without a writer, and notes the doubts. One that was replaced is left out: the directory is asked
     * again afterwards, as it must be since a cell may have been empty before.
     */
    private static void settle(List<Segment> segments, List<Doubt> doubts) {
        doubts.clear();
        Set<Segment> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Segment segment : segments) {
            if (!segment.isQuiet() && seen.add(segment) && segment.seizeAtOnce()) {
                try {
                    segment.addDoubts(doubts);
                } finally {
                    segment.unlock();
                }
            }
        }
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
        if (doubts.isEmpty()) {
            return;
        }
        IdentityHashMap<Segment, List<Doubt>> bySegment = new IdentityHashMap<>();
        for (Doubt doubt : doubts) {
            bySegment
                    .computeIfAbsent(doubt.segment, segment -> new ArrayList<>())
                    .add(doubt);
        }
        for (int place = 0; place < segments.length; place++) {
            List<Doubt> here = bySegment.get(segments[place]);
            if (here != null) {
                segments[place] = segments[place].copyTable(here);
            }
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
                    segment.addDoubts(doubts);
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
    boolean isCurrent(HeapMap<?, ?> map, Epochs epochs) {
        // The doubts first: each may turn once, and if none has by its look, none had when the first was looked at.
        for (Doubt doubt : doubts) {
            if (!Segment.isSame(map.valueOf(doubt.hash, doubt.key), doubt.value)) {
                return false;
            }
        }
        // in this order: who clears the flag for a later cut has raised the other before
        return !epochs.written && epochs.isRightAfter(epoch);
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
