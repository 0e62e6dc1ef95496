package io.sherd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The epochs of a heap map, which begin and end with the instants at which its snapshots are cut.
 *
 * <h2>The idea</h2>
 *
 * <p>A snapshot is a list of the map's segments. Nobody writes to a segment that a snapshot in use has: the first writer of an epoch
 * replaces it by a copy, as if it had grown, and the snapshot goes on with the old one, which is dead to the map and
 * changes no more. So a snapshot is read like a table that nobody shares, what it keeps is what was replaced since, and when it is gone the
 * collector takes all that with it: the map refers to {@link Cut cuts} weakly only, to know whether anybody needs the copy.
 *
 * <pre>
 *   word (64 bits)   | epoch: 62 bits | WATCHED: 1 bit | RAISED: 1 bit |
 * </pre>
 *
 * <h2>The instant</h2>
 *
 * <p>No write of the new epoch may be seen before every write of the old one can be: else somebody could see the first and not yet the
 * second, and the snapshot has the second and not the first. So writers are made to step aside: the taker raises a flag, waits until
 * it has seen each segment's lock free, notes the segments, and lowers the flag with the next epoch. In between lies a moment when
 * nobody is writing.
 *
 * <p>To look at each lock would take the longer, the larger the map, and all that time writers would wait. So this is done before,
 * under another flag, WATCHED. Who takes a lock and sees that goes on, but first names the segment to the taker. When the taker has seen a
 * lock free after the flag was up, then whoever has taken that since has named it. So the taker goes over those that were named
 * meanwhile, which takes less time, and over those named during that, until they are few; then it raises the other flag, and what it
 * has yet to look at are these few, and the segments whose keys are held. It is how a virtual machine is moved while it runs.
 *
 * <ol>
 *   <li><b>Regime.</b> What a segment has (its table, overflow, holds, announcements, or that it is in the directory at all) is changed
 *       only by a thread that has its lock and, after the last lock that it took, has seen RAISED down. Who sees it up gives all
 *       its locks back and waits. Raising the flag, looking at it, taking a lock and looking at that are volatile, so of
 *       a taker and a writer one sees the other: a lock found free after the flag was raised stays without consequence until that is lowered.
 *       One thing is done without: a segment for hashes that nobody has touched comes into its cell at any time ({@link
 *       SegmentDirectory#segmentOrNew}), also of who has locks and could not step aside. There is nothing in it, so a cut is the same
 *       with and without it; before something is, its lock is taken, and if a cut came meanwhile, it is stale.
 *   <li><b>Named.</b> The same holds of WATCHED, under which who has taken a lock names the segment, unless that was done since the taker last asked, and looks at the flags once more. So when RAISED
 *       goes up, each segment whose lock is not free, or that has a hold written down, is among those that the taker saw so, or that were named since
 *       its last look at them, or it is new: then {@link SegmentDirectory.Arrangement} says so. To write a hold down without having named the segment (as {@link SegmentLock#resume}
 *       does) is allowed, since the lock was PENDING before and so not free.
 *   <li><b>Epochs of segments.</b> {@link SegmentLock#epoch} is the epoch in which the segment was made or last readied for writing.
 *       A cut at the end of epoch e has every segment with entries of that time, all of epoch e or less. A segment of an epoch below the current is stale: before its content
 *       is changed, {@link SegmentDirectory#freshen} replaces it if a cut in use is of its epoch or a later one, and otherwise gives it the current epoch.
 *   <li><b>Frozen.</b> So from the instant of a cut on, tags, keys, values and overflow of its segments do not change while it is in use,
 *       but for the cells named in (5). Locks, holds, announcements and the stamp do; a snapshot looks at none of these.
 *   <li><b>Doubts.</b> Two things make a key's value another than what stands in its slot: a commit of several keys that is done but
 *       not yet written ({@link Commit}), and an owner of a hold who may write early, without the lock ({@link SegmentLock}). In both cases the key is
 *       held, and the hold written down; the taker writes down those that were not. Of these keys it notes what a reader
 *       would see, twice, until nothing has changed in between. A value under an early write changes once at most, and a commit becomes done under a
 *       lock and under (1), so between the last two looks all were what was noted: that is the instant of the cut. Afterwards the taker makes
 *       images of the segments concerned, with these values in place.
 *   <li><b>Early writes.</b> An owner whose segment is stale does not write early; its hold is written down, and it ends under the lock. One
 *       whose segment is not may, and if a cut came after its look, its key is in doubt there by (5).
 *   <li><b>Written.</b> {@link #written} is set before the first write of an epoch can be seen, by who freshens a segment, makes, replaces or drops one, or
 *       declares a commit done; the taker clears it at the instant. While it is clear, no epoch has ended since that of the cut, and its doubts are as noted, the map is as it was.
 *   <li><b>In use.</b> A cut is in use while {@link Cut#isInUse}. To take up one that may not be, it is counted in first, and {@code written} read
 *       afterwards; a writer sets that first, and looks whether the cut is in use afterwards. So not both of them go on.
 * </ol>
 *
 * <p>Takers of one map wait for one another ({@link HeapSnapshots}). Whatever happens to a taker, the flag comes down.
 */
final class Epochs {
    private static final VarHandle NAMED;

    static {
        try {
            NAMED = MethodHandles.lookup().findVarHandle(Epochs.class, "named", Named.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static final long RAISED = 1;
    static final long WATCHED = 2;
    static final long FLAGS = 3;
    private static final int EPOCH_SHIFT = 2;

    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 100 : 0;
    private static final int YIELDS = 200;
    private static final long NAP_NANOS = 20_000;
    private static final int FEW = 16;

    volatile long word;

    /** What the map does about locks that are waited for; null if nothing. Set before anybody else sees the map. */
    @Nullable
    Adaptivity adaptivity;

    /** See (7). */
    volatile boolean written = true;

    /** The newest cut that was registered. */
    private volatile @Nullable Registration newest;

    private int registered;
    private int pruneAt = FEW;

    /** The segments that were named since the taker last looked. */
    private volatile @Nullable Named named;

    /** In one of these a segment is named once. */
    private volatile long round = 1;

    /** Whether somebody had no memory to name a segment; then all are looked at again. */
    private volatile boolean missed;

    /** A list that grows at its head. */
    private record Named(Segment segment, @Nullable Named next) {}

    /** A cut, for as long as anybody refers to it; the list goes to older ones. */
    private static final class Registration extends WeakReference<Cut> {
        final long epoch;

        @Nullable
        final Registration older;

        Registration(Cut cut, @Nullable Registration older) {
            super(cut);
            this.epoch = cut.epoch;
            this.older = older;
        }

        boolean isInUse() {
            Cut cut = get();
            return cut != null && cut.isInUse();
        }
    }

    /** The epoch; right under a lock that was taken as (1) says. */
    long epoch() {
        return word >>> EPOCH_SHIFT;
    }

    boolean isRaised() {
        return (word & RAISED) != 0;
    }

    /** For who has taken a lock and seen a flag: whether it may go on, after it has named the segment, or must give it back. */
    boolean mayGoOn(SegmentLock segment) {
        for (long seen = word; ; ) {
            if ((seen & RAISED) != 0) {
                return false;
            }
            if ((seen & WATCHED) == 0) {
                return true;
            }
            long round = this.round;
            if (segment.namedIn != round) {
                // Who takes a lock to end a hold or a commit must not fail.
                try {
                    Named named;
                    do {
                        named = new Named((Segment) segment, this.named);
                    } while (!NAMED.compareAndSet(this, named.next, named));
                    segment.namedIn = round;
                } catch (OutOfMemoryError noMemory) {
                    missed = true;
                }
            }
            long again = word;
            if (again == seen) {
                return true;
            }
            seen = again;
        }
    }

    /** Waits, without any lock, until writers may go on. */
    @SuppressWarnings("ThreadPriorityCheck") // a yield between spinning and sleeping
    void awaitLowered() {
        for (int round = 0; isRaised(); round++) {
            if (round < SPINS) {
                Thread.onSpinWait();
            } else if (round < SPINS + YIELDS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(this, NAP_NANOS);
            }
        }
    }

    /** Before a write can be seen. */
    void noteWrite() {
        if (!written) {
            written = true;
        }
    }

    /** Whether a cut in use has a segment of an epoch below the current. {@link #noteWrite} comes first. */
    boolean isNeeded(long epochOfSegment) {
        for (Registration at = newest; at != null && at.epoch >= epochOfSegment; at = at.older) {
            if (at.isInUse()) {
                return true;
            }
        }
        return false;
    }

    // ---- for the taker

    @SuppressWarnings("NonAtomicVolatileUpdate") // there is one taker
    void watch() {
        round = round + 1; // what was named for an earlier taker is forgotten
        word = word | WATCHED;
    }

    /** Whether a name may be missing among those that were just {@link #touched}. */
    boolean hasMissed() {
        boolean had = missed;
        if (had) {
            missed = false;
        }
        return had;
    }

    /** Whether no epoch has ended since this one did, nor is one about to. */
    boolean isRightAfter(long epoch) {
        return (word & ~WATCHED) == (epoch + 1) << EPOCH_SHIFT;
    }

    void raise() {
        word = word | RAISED;
    }

    /** Takes both flags down, and ends the epoch if RAISED was up. */
    void lower() {
        long word = this.word;
        this.word =
                ((word | FLAGS) + ((word & RAISED) == 0 ? 0 : 1L << EPOCH_SHIFT)) & ~FLAGS; // no call: see SegmentLock
        NAMED.setRelease(this, null);
    }

    /** The segments that were named since this was asked, some of them perhaps more than once. They are to be looked at afterwards. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // there is one taker
    List<Segment> touched() {
        List<Segment> segments = new ArrayList<>();
        Named first = (Named) NAMED.getAndSet(this, null);
        // Who still sees the round before has its lock already, and whoever named the segment has done so.
        round = round + 1;
        for (Named at = first; at != null; at = at.next) {
            segments.add(at.segment);
        }
        return segments;
    }

    /** Adds a cut, with RAISED up; no writer goes on before. */
    void register(Cut cut) {
        registered++;
        newest = new Registration(cut, newest);
    }

    /** Forgets cuts that are not in use, if there may be many; but the newest stays, which may be taken up again. */
    void prune() {
        if (registered < pruneAt) {
            return;
        }
        List<Cut> used = new ArrayList<>();
        Registration first = newest;
        for (Registration at = first; at != null; at = at.older) {
            Cut cut = at.get();
            if (cut != null && (at == first || cut.isInUse())) {
                used.add(cut);
            }
        }
        Registration kept = null;
        for (int i = used.size() - 1; i >= 0; i--) {
            kept = new Registration(used.get(i), kept);
        }
        newest = kept;
        registered = used.size();
        pruneAt = 2 * registered + FEW;
    }
}
