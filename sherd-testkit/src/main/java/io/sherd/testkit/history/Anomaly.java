package io.sherd.testkit.history;

/**
 * Why a history is not strictly serializable.
 *
 * @param kind what it is called
 * @param text who did what
 */
public record Anomaly(Kind kind, String text) {

    /** The kinds, by their usual names. */
    public enum Kind {
        /** G1a: what was read was written by a transaction that aborted. */
        ABORTED_READ,
        /** G1b: what was read was overwritten by its own transaction. */
        INTERMEDIATE_READ,
        /** What was read was written by nobody. */
        READ_FROM_NOWHERE,
        /** A transaction does not find what it wrote itself. */
        INTERNAL,
        /** A transaction finds two versions of a key that it did not write. */
        UNREPEATABLE_READ,
        /** Two transactions overwrote the same version. */
        LOST_UPDATE,
        /** G0, G1c: each depends on what the other wrote. */
        CIRCULAR_FLOW,
        /** G-single: a cycle with one read of what was overwritten: part of what it read is older than the rest. */
        READ_SKEW,
        /** G2: a cycle with several reads of what was overwritten. */
        WRITE_SKEW,
        /** Serializable, but not in the order of time. */
        REAL_TIME
    }

    @Override
    public String toString() {
        return kind + ": " + text;
    }
}
