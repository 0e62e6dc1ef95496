package io.sherd;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A rebalance of a heap map: goes through the hashes from the first to the last, a {@link Reshaping} step after the other, so that all segments
 * come to be of the depth that was asked for; then it has the directory that depth.
 *
 * <ol>
 *   <li>Steps are made under {@link #working} only, and while the state is RUNNING. Whoever gets that does a batch.
 *   <li>Left of the {@link #cursor} every segment was of the depth wanted at some moment since the pass began. They stay so unless the map
 *       grows by much: how large a segment must be to split is set before the first step, by the entries of then, and after the last.
 *       If one has split all the same, the directory cannot become so small, and another pass follows, up to {@value #PASSES}.
 *   <li>Of one map one rebalance is running at a time: {@link SegmentDirectory#rebalancing} goes from one that has ended to the next by
 *       compare-and-set.
 * </ol>
 */
final class Rebalancing implements Rebalance {
    private static final int HASH_BITS = 31;
    private static final long ALL = 1L << HASH_BITS;
    private static final int PASSES = 8;
    private static final long SHORTEST_RUN = 100_000;
    private static final long LONGEST_RUN = 10_000_000;

    private final SegmentDirectory<?, ?> map;
    private final RebalanceOptions options;
    private final int from;
    private final int wanted;
    private final int depth;

    /** The bits of the number of shards that the status counts. */
    private final int totalBits;

    private final Reshaping reshaping;
    private final RebalanceEvent event = new RebalanceEvent();
    private final long began = System.nanoTime();
    private final ReentrantLock working = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile RebalanceStatus.State state = RebalanceStatus.State.RUNNING;

    /** The hashes that are done, in the first pass. */
    private volatile long cursor;

    /** Set by the first who cancels; who works then ends it at the next step. */
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /** Guarded by {@link #working}. */
    private long place;

    private int pass;

    /** Written before the state says how it ended. */
    private @Nullable RebalanceReport report;

    private @Nullable Throwable failure;

    private Rebalancing(SegmentDirectory<?, ?> map, int wanted, RebalanceOptions options) {
        this.map = map;
        this.options = options;
        this.from = map.shards().count();
        this.wanted = wanted;
        this.depth = Integer.numberOfTrailingZeros(wanted);
        this.totalBits = Math.min(depth, Integer.numberOfTrailingZeros(from));
        this.reshaping = new Reshaping(map, depth, options.maxPauseNanos());
        event.begin();
    }

    /** Registers a new one; it has done nothing yet. */
    static Rebalancing start(SegmentDirectory<?, ?> map, int shards, RebalanceOptions options) {
        Objects.requireNonNull(options, "options");
        int max = map.shards().max();
        if (shards < 1 || shards > max) {
            throw new ShardCountException(shards, max);
        }
        for (; ; ) {
            WeakReference<Rebalancing> last = map.rebalancing.get();
            Rebalancing other = last == null ? null : last.get();
            if (other != null && other.isRunning()) {
                throw new IllegalStateException("rebalance to " + shards + " shards: " + other
                        + " is under way; wait for it, or cancel it, before another is started");
            }
            Rebalancing mine = new Rebalancing(map, HeapMapBuilder.ceilingPowerOfTwo(shards), options);
            if (map.rebalancing.compareAndSet(last, new WeakReference<>(mine))) {
                return mine;
            }
        }
    }

    /** Whether one is running that somebody refers to. */
    static boolean isUnderWay(SegmentDirectory<?, ?> map) {
        WeakReference<Rebalancing> last = map.rebalancing.get();
        Rebalancing other = last == null ? null : last.get();
        return other != null && other.isRunning();
    }

    /** Starts the thread, if one is wanted. */
    Rebalancing begin() {
        map.keepDepth(depth);
        map.deepen(depth); // what is written from now on where nobody has, is in its place
        if (options.isBackground()) {
            try {
                Thread.ofPlatform().daemon().name("sherd-rebalance").start(this::workInBackground);
            } catch (Throwable noThread) {
                cancel();
                throw noThread;
            }
        }
        return this;
    }

    /** Does all of it, whether or not the thread is interrupted. */
    RebalanceReport run() {
        begin();
        while (isRunning()) {
            work(Integer.MAX_VALUE, Long.MAX_VALUE, Reshaping.NO_REST);
        }
        return report();
    }

    boolean isRunning() {
        return state == RebalanceStatus.State.RUNNING;
    }

    // ---- the work

    private int moved() {
        return (int) (cursor >>> (HASH_BITS - totalBits));
    }

    /** Does so many shards, until a time, or until the end. What a step throws ends the rebalance and reaches the caller. */
    private void work(int shards, long limitNanos, Runnable pace) {
        long start = System.nanoTime();
        working.lock();
        try {
            reshaping.setPace(pace);
            long until = moved() + (long) shards;
            while (isRunning()) {
                if (cancelled.get()) {
                    end(RebalanceStatus.State.CANCELLED);
                    return;
                }
                step();
                if ((pass == 0 && moved() >= until) || System.nanoTime() - start >= limitNanos) {
                    return;
                }
            }
        } catch (Throwable thrown) {
            if (isRunning()) {
                failure = thrown;
                state = RebalanceStatus.State.FAILED; // before anything that may fail, too: somebody may wait
                ended.countDown();
                end(RebalanceStatus.State.FAILED);
            }
            throw thrown;
        } finally {
            working.unlock();
        }
    }

    private void step() {
        place = reshaping.step(place);
        if (pass == 0) {
            cursor = Math.min(place, ALL);
        }
        if (place >= ALL) {
            if (map.settleDepth(depth) || ++pass == PASSES) {
                end(RebalanceStatus.State.DONE);
            } else {
                place = 0;
                map.keepDepth(depth);
            }
        }
    }

    private void end(RebalanceStatus.State how) {
        if (how == RebalanceStatus.State.DONE) {
            map.keepDepth(depth);
        }
        report = new RebalanceReport(
                from,
                map.shards().count(),
                reshaping.movedShards(),
                reshaping.movedEntries(),
                Duration.ofNanos(System.nanoTime() - began),
                Duration.ofNanos(reshaping.longestPause()));
        state = how;
        ended.countDown();
        event.from = from;
        event.to = report.to();
        event.movedShards = report.movedShards();
        event.movedEntries = report.movedEntries();
        event.longestPause = reshaping.longestPause();
        event.reason = wanted + " shards were asked for";
        event.state = how.name();
        event.commit();
    }

    private void workInBackground() {
        Pace pace = new Pace();
        boolean rests = options.batchSize() != Integer.MAX_VALUE;
        try {
            while (isRunning()) {
                work(options.batchSize(), Long.MAX_VALUE, rests ? pace : Reshaping.NO_REST);
                if (isRunning() && rests) {
                    pace.rest();
                }
            }
        } catch (Throwable failed) {
            // who waits for the rebalance is told, and its status says so
        }
    }

    /**
     * Gives the processor to others when it was used for about as long as writers may have to wait, so that a thread that it was taken from
     * has it back soon.
     */
    private final class Pace implements Runnable {
        private final long run = Math.min(Math.max(options.maxPauseNanos(), SHORTEST_RUN), LONGEST_RUN);
        private long since = System.nanoTime();

        @Override
        public void run() {
            if (System.nanoTime() - since >= run) {
                rest();
            }
        }

        void rest() {
            LockSupport.parkNanos(this, 2 * (System.nanoTime() - since));
            since = System.nanoTime();
        }
    }

    // ---- what users see

    @Override
    public RebalanceStatus status() {
        RebalanceStatus.State state = this.state; // first: once it says DONE, all is moved
        long cursor = this.cursor;
        return new RebalanceStatus(
                state, cursor / (double) ALL, (int) (cursor >>> (HASH_BITS - totalBits)), 1 << totalBits);
    }

    @Override
    public RebalanceStatus advance(int maxShards) {
        if (maxShards < 1) {
            throw new IllegalArgumentException("advance: " + maxShards + " shards given, but it must be at least 1");
        }
        work(maxShards, Long.MAX_VALUE, Reshaping.NO_REST);
        return status();
    }

    @Override
    public RebalanceReport await() throws InterruptedException {
        while (isRunning()) {
            await(Long.MAX_VALUE);
        }
        return report();
    }

    @Override
    public boolean await(Duration limit) throws InterruptedException {
        await(limit.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : limit.toNanos());
        return !isRunning();
    }

    private void await(long limitNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while waiting for " + this);
        }
        if (options.isBackground()) {
            ended.await(limitNanos, TimeUnit.NANOSECONDS);
            return;
        }
        long start = System.nanoTime();
        for (long left = limitNanos; left > 0 && isRunning(); left = limitNanos - (System.nanoTime() - start)) {
            work(options.batchSize(), left, Reshaping.NO_REST);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while working on " + this);
            }
        }
    }

    private RebalanceReport report() {
        Throwable failure = this.failure;
        if (failure != null) {
            throw new IllegalStateException("The " + this + " has failed; the map is whole and goes on", failure);
        }
        return Objects.requireNonNull(report);
    }

    @Override
    public boolean cancel() {
        boolean first = isRunning() && cancelled.compareAndSet(false, true);
        working.lock();
        try {
            if (isRunning()) {
                end(RebalanceStatus.State.CANCELLED);
            }
            return first && state == RebalanceStatus.State.CANCELLED;
        } finally {
            working.unlock();
        }
    }

    @Override
    public String toString() {
        RebalanceStatus status = status();
        return "rebalance from " + from + " to " + wanted + " shards (" + status.state() + ", " + status.moved()
                + " of " + status.total() + " done)";
    }
}
