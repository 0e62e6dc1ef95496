package io.sherd;

/**
 * What one shard holds at the moment of asking.
 *
 * @param index the shard's place in the order of hash ranges, from 0
 * @param entries the number of entries, at least 0
 * @param slots the number of slots, at least 0; 0 for a shard not yet touched
 * @param bytes the bytes of the shard's own structure (not of keys and values), at least 0
 */
public record ShardLoad(int index, long entries, long slots, long bytes) {

    /**
     * The share of slots in use.
     *
     * @return {@code entries / slots}, or 0 for a shard not yet touched
     */
    public double loadFactor() {
        return slots == 0 ? 0 : (double) entries / slots;
    }
}
