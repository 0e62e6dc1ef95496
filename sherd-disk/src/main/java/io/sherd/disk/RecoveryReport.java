package io.sherd.disk;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What opening a map had to do.
 *
 * @param clean whether the map had been closed, so that nothing had to be recovered
 * @param records the number of records read again from the log
 * @param bytes the bytes of these records
 * @param duration how long it took
 * @param cuts where the log ended otherwise than in a place where nothing was written yet: a torn write after a loss of
 *     power, or damage; what was behind in the same lane is not in the map
 */
public record RecoveryReport(boolean clean, long records, long bytes, Duration duration, List<Cut> cuts) {

    /** Copies the list. */
    public RecoveryReport {
        cuts = List.copyOf(cuts);
    }

    /**
     * A place where the log ends in something that is no record.
     *
     * @param file the data file
     * @param offset the offset in the file
     */
    public record Cut(Path file, long offset) {}
}
