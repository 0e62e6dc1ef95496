package io.sherd.disk;

/**
 * What the files of a {@link DiskMap} hold.
 *
 * @param entries the number of entries
 * @param files the number of data files
 * @param fileBytes the bytes of space that the data files take; space given to a file in advance counts, holes do not
 * @param liveBytes the bytes of records that are the current state of a key
 * @param deadBytes the bytes of records that were overwritten or removed, or say that a key was removed; approximate by what
 *     was under way during the last checkpoint, if the map was not closed after it
 * @param indexBytes the bytes of the index, in memory and in a checkpoint
 */
public record DiskStats(long entries, int files, long fileBytes, long liveBytes, long deadBytes, long indexBytes) {}
