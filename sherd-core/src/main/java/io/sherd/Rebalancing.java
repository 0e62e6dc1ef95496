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
 * A rebalance of a heap map: goes through the hashes from the first to the last, a {@link Reshaping} step after the other, so that no segment has
 * keys of two shards, and small shards one segment each; then the map has the number of shards that was asked for.
 *
 * <ol>
 *   <li>Steps are made under {@link #working} only, and while the state is RUNNING. Whoever gets that does a batch.
 *   <li>Left of the {@link #cursor} every segment was of the depth wanted or more at some moment since the beginning, and no segment becomes less
 *       deep but by this. So when all is done, the number is right, whatever has grown meanwhile.
 *   <li>Until then the map grows as before: how large a segment must be to split is set when all is done, so that nothing is to be undone if it never is.
 *   <li>Of one map one rebalance is running at a time: {@link SegmentDirectory#rebalancing} goes from one that has ended to the next by
 *       compare-and-set.
 * </ol>
 */
final class Rebalancing implements Rebalance {
    private static final int HASH_BITS = 31;
    private static final long ALL = 1L << HASH_BITS;
    private static final long SHORTEST_RUN = 100_000;
    private static final long LONGEST_RUN = 10_000_000;
    private static final long LONGEST_REST = 2 * LONGEST_RUN;

    private final SegmentDirectory<?, ?> map;
    private final RebalanceOptions options;
    private final int from;
    private final int wanted;
    private final int depth;

    /** The bits of the number of shards that the status counts. */
    private final int totalBits;

    /** Guarded by {@link #working}. */
    private final Reshaping reshaping;

    private final RebalanceEvent event = new RebalanceEvent();
    private final long began = System.nanoTime();
    private final ReentrantLock working = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile RebalanceStatus.State state = RebalanceStatus.State.RUNNING;

    /** The hashes that are done. */
    private volatile long cursor;

    /** Set by the first who cancels; who works then ends it at the next step. */
    private final AtomicBoolean cancelled = new AtomicBoolean();

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
        this.reshaping = new Reshaping(map, depth, wanted <= from, options.maxPauseNanos());
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

    /** Makes room for more shards, and starts the thread, if one is wanted. Whatever is thrown ends the rebalance. */
    Rebalancing begin() {
        try {
            map.deepen(depth); // what is written from now on where nobody has, is in its place
            if (options.isBackground()) {
                Thread.ofPlatform().daemon().name("sherd-rebalance").start(this::workInBackground);
            }
            return this;
        } catch (Throwable thrown) {
            cancel();
            throw thrown;
        }
    }

    /** Does all of it, whether or not the thread is interrupted. */
    RebalanceReport run() {
        begin();
        while (isRunning()) {
            working.lock();
            try {
                work(Integer.MAX_VALUE, Long.MAX_VALUE, false);
            } finally {
                working.unlock();
            }
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

    /**
     * Does so many shards, for so long, or until the end; the caller has {@link #working}. What a step throws ends the rebalance and
     * reaches the caller.
     *
     * @param interruptible whether to stop once the thread is interrupted
     */
    private void work(int shards, long limitNanos, boolean interruptible) {
        long start = System.nanoTime();
        long until = moved() + (long) shards;
        try {
            while (isRunning()) {
                if (cancelled.get()) {
                    end(RebalanceStatus.State.CANCELLED);
                    return;
                }
                reshaping.step();
                cursor = reshaping.done();
                if (reshaping.isThrough()) {
                    map.settleDepth(depth);
                    end(RebalanceStatus.State.DONE);
                }
                if (moved() >= until
                        || System.nanoTime() - start >= limitNanos
                        || (interruptible && Thread.currentThread().isInterrupted())) {
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
        }
    }

    private void end(RebalanceStatus.State how) {
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
                working.lock();
                try {
                    pace.begin();
                    reshaping.setPace(rests ? pace : Reshaping.NO_REST);
                    work(options.batchSize(), Long.MAX_VALUE, false);
                } finally {
                    reshaping.setPace(Reshaping.NO_REST);
                    working.unlock();
                }
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
     * has it back soon. What a thread has waited for others within a run is no work, but cannot be told from it; so a rest has an end.
     */
    private final class Pace implements Runnable {
        private final long run = Math.min(Math.max(options.maxPauseNanos(), SHORTEST_RUN), LONGEST_RUN);
        private long since;

        void begin() {
            since = System.nanoTime();
        }

        @Override
        public void run() {
            if (System.nanoTime() - since >= run) {
                rest();
            }
        }

        void rest() {
            LockSupport.parkNanos(this, Math.min(2 * (System.nanoTime() - since), LONGEST_REST));
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
        working.lock();
        try {
            work(maxShards, Long.MAX_VALUE, false);
        } finally {
            working.unlock();
        }
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
        await(nanosOf(limit));
        return !isRunning();
    }

    /** Nanoseconds, as far as a long goes; not negative. */
    private static long nanosOf(Duration limit) {
        if (limit.isNegative()) {
            return 0;
        }
        return limit.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : limit.toNanos();
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
            if (!working.tryLock(left, TimeUnit.NANOSECONDS)) {
                return;
            }
            try {
                work(options.batchSize(), limitNanos - (System.nanoTime() - start), true);
            } finally {
                working.unlock();
            }
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
