package io.sherd.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A measurement of one system in a JVM of its own. */
interface Fork {
    /** What it measures, for the progress lines; without the system. */
    String label();

    /** Whom it measures. */
    String system();

    /** How often to run it when everything else runs {@code rounds} times: exact figures need no repetition. */
    default int rounds(int rounds) {
        return rounds;
    }

    /**
     * Runs the JVM and waits for it.
     *
     * @param limit after how long it is ended
     * @return what it measured, up to the limit
     * @throws IOException if the JVM failed, with the end of what it said
     * @throws InterruptedException if the caller was interrupted meanwhile
     */
    List<Sample> run(Duration limit) throws IOException, InterruptedException;
}
