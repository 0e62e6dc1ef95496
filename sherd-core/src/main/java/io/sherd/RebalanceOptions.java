package io.sherd;

import java.time.Duration;
import java.util.Objects;

/**
 * How to rebalance. Immutable: each setting gives new options.
 *
 * {@snippet :
 * map.shards().startRebalance(1024, RebalanceOptions.defaults()
 *         .background(true)
 *         .batchSize(4)
 *         .maxPause(Duration.ofMillis(1)));
 * }
 */
public final class RebalanceOptions {
    private static final RebalanceOptions DEFAULTS = new RebalanceOptions(false, 1, Duration.ofNanos(250_000));

    private final boolean background;
    private final int batchSize;
    private final Duration maxPause;

    private RebalanceOptions(boolean background, int batchSize, Duration maxPause) {
        this.background = background;
        this.batchSize = batchSize;
        this.maxPause = maxPause;
    }

    /**
     * In the threads that ask for it, one shard at a time, with a {@link #maxPause} of 0.25 ms.
     *
     * @return the shared instance
     */
    public static RebalanceOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Whether a thread is started for it, which ends with it. After each batch, and where that is longer each time it has worked for
     * {@link #maxPause} (but at least 0.1 ms and at most 10 ms), it rests for twice as long as it worked, 20 ms at most, so that it takes a
     * third of a processor.
     *
     * @param background whether to work in the background
     * @return new options
     */
    public RebalanceOptions background(boolean background) {
        return new RebalanceOptions(background, batchSize, maxPause);
    }

    /**
     * How many of the {@link RebalanceStatus#total} shards to divide or to form between two rests. A small number spreads the work, a large one is through sooner: with
     * {@link Integer#MAX_VALUE} there is no rest.
     *
     * @param shards at least 1
     * @return new options
     * @throws IllegalArgumentException if {@code shards} is not positive
     */
    public RebalanceOptions batchSize(int shards) {
        if (shards < 1) {
            throw new IllegalArgumentException("batchSize: " + shards + " given, but it must be at least 1");
        }
        return new RebalanceOptions(background, shards, maxPause);
    }

    /**
     * How long writers of a shard may have to wait for one step. However long that is, a step moves no more than one table of some thousand
     * entries, or makes one of up to 1,024 small ones. A step that would still take longer than this, by what was measured of those before, is
     * prepared while they write, and only what they changed meanwhile is done while they wait: what is left then is to compare the
     * tables, word by word, and to take their locks. That takes half as long again in all and, for
     * the time of the step, memory for two more copies of what is moved. It is an aim and no promise: keys beside the table, since many have one hash, and keys that
     * are held go with the locks taken, and a thread may lose the processor or wait for the collector. {@link RebalanceReport#longestPause}
     * says what it came to.
     *
     * @param pause zero to prepare every step, and more
     * @return new options
     * @throws IllegalArgumentException if {@code pause} is negative
     */
    public RebalanceOptions maxPause(Duration pause) {
        Objects.requireNonNull(pause, "pause");
        if (pause.isNegative()) {
            throw new IllegalArgumentException(
                    "maxPause: " + pause + " given, but it cannot be negative; zero prepares every step");
        }
        return new RebalanceOptions(background, batchSize, pause);
    }

    boolean isBackground() {
        return background;
    }

    int batchSize() {
        return batchSize;
    }

    /** The longest pause in nanoseconds, as far as a long goes. */
    long maxPauseNanos() {
        return maxPause.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : maxPause.toNanos();
    }

    @Override
    public String toString() {
        return "RebalanceOptions[background=" + background + ", batchSize=" + batchSize + ", maxPause=" + maxPause
                + "]";
    }
}
