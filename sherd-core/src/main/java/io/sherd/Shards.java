package io.sherd;

import java.util.List;

/**
 * The shards of a map: how many there are, how the entries are spread over them, and how to have another number.
 *
 * <p>A shard is a range of hashes. On the heap it is one table with one lock, until there are more than some thousand entries in it: from there on it has
 * several, since a table of any size would keep its writers for any time when it grows. Where costs are in O(shards), such
 * tables count as shards.
 *
 * <p>A live view: each call looks at the map as it is then. Safe for use by any number of threads. But for {@link #rebalanceTo} and
 * {@link #startRebalance}, blocks nobody and waits for nobody.
 */
public interface Shards {

    /**
     * The number of shards, touched or not.
     *
     * @return at least 1; it grows as full shards split, and changes with a rebalance: to more shards when that begins, to fewer when it has
     *     ended
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
     * <p>The map keeps what was asked for until its entries have about doubled to quadrupled; then the number grows as they do. More and
     * smaller shards cost memory. Fewer and larger ones cost nothing, and save something only where they are small: a shard of less than about 4,000 entries becomes
     * one table, and others keep the tables they have, but for those with little in them. So where shards are many thousand
     * entries large before and after, there is nothing to move.
     *
     * <p>Readers never wait; writers of the tables of a step wait for that, and a step is never more than some thousand entries. Costs
     * O(entries that are moved) and O(shards), and for each step memory for the tables that it makes; the directory, a reference for each shard, is copied in one
     * piece.
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
