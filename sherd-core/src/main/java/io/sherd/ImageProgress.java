package io.sherd;

/**
 * How far the writing or reading of an image is.
 *
 * @param entries the entries done so far
 * @param expectedEntries how many there were when the writing of the image began; there may be more or less, since others may
 *     write the map meanwhile
 * @param bytes the bytes of the image written or read so far
 */
public record ImageProgress(long entries, long expectedEntries, long bytes) {}
