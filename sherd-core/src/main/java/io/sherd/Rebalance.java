package io.sherd;

import java.time.Duration;

/**
 * A rebalance that was started: its shards are moved step by step, while the map is read and written.
 *
 * <p>Without {@link RebalanceOptions#background} nothing happens but in calls of {@link #advance} and {@link #await()}; one that
 * nobody refers to any more is forgotten then, as if it was cancelled.
 *
 * <p>Each step divides one table, or makes one of several. Readers find every key at every moment and never wait. Writers of the tables
 * of a step wait for it ({@link RebalanceReport#longestPause}), all others do not notice.
 *
 * <p>Safe for use by any number of threads; the steps are done one after the other.
 *
 * {@snippet :
 * Rebalance rebalance = map.shards().startRebalance(1024, RebalanceOptions.defaults());
 * while (rebalance.advance(16).state() == RebalanceStatus.State.RUNNING) {
 *     bar.stepTo(rebalance.status().progress());
 * }
 * }
 */
public interface Rebalance {

    /**
     * How far it is. Waits for nobody.
     *
     * @return the state of now
     */
    RebalanceStatus status();

    /**
     * Does a part of it in the calling thread, also where another one works on it in the background. Waits while somebody else does a
     * batch.
     *
     * @param maxShards how many of the {@link RebalanceStatus#total} to do at most, at least 1; those that are as asked already count
     * @return the state afterwards
     * @throws IllegalArgumentException if {@code maxShards} is not positive
     */
    RebalanceStatus advance(int maxShards);

    /**
     * Returns when it has ended: waits where it is done in the background, and else does it in the calling thread, or waits for another
     * one that does a batch just now.
     *
     * @return what was done
     * @throws InterruptedException if the thread is interrupted; a step that was begun is finished, and the rebalance is not ended by that
     * @throws IllegalStateException if a step has failed; the cause says why, and {@link #status} how far it came
     */
    RebalanceReport await() throws InterruptedException;

    /**
     * The same for some time; a step that this thread has begun before its end is finished.
     *
     * @param limit how long to wait or to work; not positive for a look only
     * @return whether it has ended, in whatever way
     * @throws InterruptedException if the thread is interrupted; the rebalance is not ended by that
     */
    boolean await(Duration limit) throws InterruptedException;

    /**
     * Ends it. What was moved stays moved; the map has some shards as they were and some as they were asked for, works as well, and grows as
     * it did before. Waits for the step under way; afterwards no other is done.
     *
     * @return whether this has ended it; false if it had ended before
     */
    boolean cancel();
}
