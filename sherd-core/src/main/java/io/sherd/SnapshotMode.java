package io.sherd;

/**
 * How {@link ShardedMap#snapshot} is made, and who pays for it. Whichever is set, a map from which no snapshot was ever taken
 * costs the same.
 */
public enum SnapshotMode {
    /**
     * A copy, made when it is asked for, shard after shard: each shard as it was at some moment of the call, but not all at the same, so
     * half of a transaction may be seen. Costs O(entries) time and memory each time; writers of a shard wait while that is
     * copied, and afterwards a snapshot costs them nothing.
     */
    CLONE,

    /**
     * As {@link #COW}, and the very same object again as long as nothing was written. Those who ask share it, so
     * {@link Snapshot#close} does nothing: let go of it instead.
     */
    CACHED,

    /**
     * One instant across all shards. Taking one costs O(shards), and some microseconds in which writers step aside. While it
     * is in use, the first write to each shard copies that shard, so it costs memory in proportion to what is written. When it is closed, or
     * nobody refers to it any more, nothing is copied for it.
     */
    COW
}
