package io.sherd;

/**
 * What became of the transactions of a map since it was made.
 *
 * @param commits how many returned with their writes done, or had only read
 * @param conflicts how many attempts failed because others had changed what was read; those were tried again
 * @param aborts how many ended without writing: by {@link Transaction#abort}, by an exception of the body, or as they were given
 *     up
 */
public record TransactionStats(long commits, long conflicts, long aborts) {}
