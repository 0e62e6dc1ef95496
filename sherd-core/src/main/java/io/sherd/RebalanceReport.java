package io.sherd;

import java.time.Duration;
import java.util.Objects;

/**
 * What a rebalance has done.
 *
 * @param from the number of shards before, at least 1
 * @param to the number of shards afterwards. It is the one that was asked for, unless a rebalance to fewer was cancelled or has
 *     failed. One to more that was, leaves that number with shards that share a table
 * @param movedShards how many tables were replaced by others, at least 0. A large shard has several; if they are as they should be, for the
 *     number before and for the one afterwards, there is nothing to replace
 * @param movedEntries how many entries were in them, at least 0; those that were moved twice count twice
 * @param duration from the start to the end, rests included
 * @param longestPause the longest time in which writers of some keys had to wait; zero if nothing was moved; readers never wait
 */
public record RebalanceReport(
        int from, int to, long movedShards, long movedEntries, Duration duration, Duration longestPause) {

    /** Checks that nothing is missing. */
    public RebalanceReport {
        Objects.requireNonNull(duration, "duration");
        Objects.requireNonNull(longestPause, "longestPause");
    }
}
