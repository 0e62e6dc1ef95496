package io.sherd.disk;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * What {@link DiskMap#backup} did.
 *
 * @param target the directory that holds the copy, absolute
 * @param entries the entries of the copy
 * @param shards its number of shards
 * @param takenAt the instant whose state it is, by the system's clock
 * @param duration how long the whole took
 * @param linked data files that are hard links to files of the map
 * @param copied data files that were written
 * @param kept data files that an earlier backup had put there
 * @param bytes the bytes of records, large values and index in the copy
 * @param writtenBytes those of them that were written; the others cost no room
 */
public record BackupReport(
        Path target,
        long entries,
        int shards,
        Instant takenAt,
        Duration duration,
        int linked,
        int copied,
        int kept,
        long bytes,
        long writtenBytes) {}
