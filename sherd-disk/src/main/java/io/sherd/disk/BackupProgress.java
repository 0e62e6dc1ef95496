package io.sherd.disk;

/**
 * How far a backup is.
 *
 * @param bytes the bytes of the copy that are in place so far, whether they were written, linked, or there before
 * @param totalBytes how many there will be; of a copy with another number of shards an estimate
 */
public record BackupProgress(long bytes, long totalBytes) {}
