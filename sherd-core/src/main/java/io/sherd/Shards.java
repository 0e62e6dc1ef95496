package io.sherd;

import java.util.List;

/**
 * The shards of a map: how many there are, how the entries are spread over them, and how to have another number.
 *
 * <p>A live view: each call looks at the map as it is then. Safe for use by any number of threads. But for {@link #rebalanceTo} and
 * {@link #startRebalance}, blocks nobody and waits for nobody.
 */
public interface Shards {

    /**
     * The number of shards, touched or not.
     *
     * @return at least 1; it grows as full shards split, and changes with a rebalance
     */
    int count();

    /**
     * The largest number of shards that the map will have.
     *
     * @return a power of two
     */
    int max();

    /**
     * The load of each shard that has been touched, in the order of hash ranges. The figures of one shard are read
     * together; those of two shards need not be of one instant. Costs O(shards).
     *
     * @return a new unmodifiable list; empty for a map that was never written
     */
    List<ShardLoad> loads();

    /**
     * The bytes that the structure of the map takes (tables, directory; not keys and values). Costs O(shards).
     *
     * @return an estimate from the sizes of the arrays or mapped regions, at least 0
     */
    long bytes();

    /**
     * Gives the map another number of shards, while it is read and written, and returns when it has them. The same as
     * {@link #startRebalance} with the default options and {@link Rebalance#await()}, but not ended by interrupts.
     *
     * <p>The map keeps what was asked for until its entries have about doubled to quadrupled: only then do shards that are larger than they
     * would get by themselves split again. Fewer and larger shards make growth steps longer, more and smaller ones cost memory.
     *
     * <p>Readers never wait; writers of the shards of a step wait for that. Costs O(entries), and for each step memory for the shards that it
     * makes.
     *
     * @param shards from 1 to {@link #max}; rounded up to a power of two
     * @return what was done
     * @throws ShardCountException if {@code shards} is out of range
     * @throws IllegalStateException if another rebalance is under way, which the message tells of
     * @throws UnsupportedOperationException if the map cannot change the number of its shards while it is in use: a disk map changes
     *     it on a copy
     */
    RebalanceReport rebalanceTo(int shards);

    /**
     * Begins to give the map another number of shards. What that means is told at {@link #rebalanceTo}.
     *
     * @param shards from 1 to {@link #max}; rounded up to a power of two
     * @param options how to do it
     * @return by which it is watched, helped and ended
     * @throws ShardCountException if {@code shards} is out of range
     * @throws IllegalStateException if another rebalance is under way, which the message tells of
     * @throws UnsupportedOperationException if the map cannot change the number of its shards while it is in use: a disk map changes
     *     it on a copy
     */
    Rebalance startRebalance(int shards, RebalanceOptions options);
}
