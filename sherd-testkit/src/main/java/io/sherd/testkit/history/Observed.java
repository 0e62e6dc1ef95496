package io.sherd.testkit.history;

import java.util.List;

/**
 * A transaction, or another operation, as the one who asked for it saw it. Each version of a key is a number that is written
 * once, absence too; {@link #INITIAL} is what a key has before anybody wrote it.
 *
 * @param name for reports
 * @param began a time before it began
 * @param ended a time after it ended; if the outcome is unknown, one at which it could no longer take effect
 * @param events what it read and wrote, in its order
 * @param outcome what became of it
 */
public record Observed(String name, long began, long ended, List<Event> events, Outcome outcome) {
    /** The version of a key that nobody has written. */
    public static final long INITIAL = 0;

    /** Copies the events. */
    public Observed {
        events = List.copyOf(events);
    }

    /** What became of a transaction. */
    public enum Outcome {
        /** It returned. */
        COMMITTED,
        /** Nothing of it may be seen; what it read must be one state all the same. */
        ABORTED,
        /** Its process ended before it did. */
        UNKNOWN
    }

    /** One thing that it did with a key. */
    public sealed interface Event {

        /**
         * Which key.
         *
         * @return the key
         */
        int key();

        /**
         * What was read or written.
         *
         * @return the version
         */
        long version();
    }

    /**
     * It found a version.
     *
     * @param key the key
     * @param version what it found
     */
    public record Read(int key, long version) implements Event {}

    /**
     * It wrote a version.
     *
     * @param key the key
     * @param version what it wrote
     */
    public record Write(int key, long version) implements Event {}
}
