package io.sherd;

/**
 * How far the writing or reading of an image is.
 *
 * @param entries the entries done so far
 * @param expectedEntries how many there are in all; while an image is read, by its own word
 * @param bytes the bytes of the image written or read so far
 */
public record ImageProgress(long entries, long expectedEntries, long bytes) {}
