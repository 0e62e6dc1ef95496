package io.sherd;

import java.util.List;

/**
 * The shards of a map: how many there are and how the entries are spread over them.
 *
 * <p>A live view: each call looks at the map as it is then. Safe for use by any number of threads; blocks nobody and waits
 * for nobody.
 */
public interface Shards {

    /**
     * The number of shards, touched or not.
     *
     * @return at least 1; it grows as full shards split
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
}
