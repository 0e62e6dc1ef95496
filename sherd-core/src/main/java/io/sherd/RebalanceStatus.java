package io.sherd;

import java.util.Objects;

/**
 * How far a rebalance is.
 *
 * @param state whether it goes on, or how it ended
 * @param progress the share that is done, from 0 to 1
 * @param moved how many of the {@code total} are done
 * @param total the number of shards to be divided, or to be formed: the smaller one of the numbers before and after
 */
public record RebalanceStatus(State state, double progress, int moved, int total) {

    /** What became of a rebalance. */
    public enum State {
        /** There is something left to do. It is done by who calls {@code advance} or {@code await}, or in the background. */
        RUNNING,
        /** All is done. */
        DONE,
        /** Somebody has called {@code cancel}. */
        CANCELLED,
        /** A step has thrown something, for want of memory say. The map is whole, and its tables as far as it had come. */
        FAILED
    }

    /** Checks that nothing is missing. */
    public RebalanceStatus {
        Objects.requireNonNull(state, "state");
    }
}
