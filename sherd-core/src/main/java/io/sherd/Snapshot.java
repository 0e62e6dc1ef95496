package io.sherd;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * What a {@link ShardedMap} had at one time: an unmodifiable map that never changes.
 *
 * <p>In the modes {@link SnapshotMode#COW COW} and {@link SnapshotMode#CACHED CACHED} it is the state of one instant between the
 * call of {@link ShardedMap#snapshot} and its return: every operation on one key took effect before or after it, and of a
 * {@link ShardedMap#transact transaction}, or of keys {@link ShardedMap#lockAll locked together} and written, all is in it or nothing.
 * In the mode {@link SnapshotMode#CLONE CLONE} that holds for each shard by itself.
 *
 * <p>Keys and values are those of the map, not copies; what a program changes inside of them shows. All methods of {@link Map}
 * that would change it throw {@link UnsupportedOperationException}, on its views and iterators too. Its size is exact, and look-ups cost what
 * they cost on the map. Streams of its views split by shard. Of a heap map, {@code toArray()} of a view of more than
 * 16,384 elements is done by several threads, of the {@link java.util.concurrent.ForkJoinPool#commonPool common pool}.
 *
 * <p>Locking behaviour: nothing here takes a lock or waits. Safe for use by any number of threads.
 *
 * <p>Close it when it is done with; one that is simply dropped is found by the garbage collector, and until then writers
 * copy for it. After that all methods but {@link #version}, {@link #takenAt}, {@link #age} and {@code close} throw
 * {@link IllegalStateException}, those of its views and iterators too.
 *
 * {@snippet :
 * try (Snapshot<String, Long> stock = map.snapshot()) {
 *     long total = stock.values().stream().mapToLong(Long::longValue).sum();
 * }
 * }
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface Snapshot<K, V> extends Map<K, V>, AutoCloseable {

    /**
     * Which state of the map this is. Versions of one map go up with every snapshot that is made; a snapshot
     * that the map hands out again keeps its own.
     *
     * @return at least 1
     */
    long version();

    /**
     * When this was taken, by the system's clock.
     *
     * @return a time between the call of {@code snapshot} and its return
     */
    Instant takenAt();

    /**
     * How long ago this was taken. Unlike {@link #takenAt} it does not jump when the system's clock is set.
     *
     * @return at least zero
     */
    Duration age();

    /**
     * The number of entries, as a {@code long}.
     *
     * @return at least 0
     * @throws IllegalStateException if this is closed
     */
    long mappingCount();

    /**
     * What happened between an older snapshot of the same map and this. A key counts as changed if its values are not
     * {@code equals}.
     *
     * <p>Costs, in the modes COW and CACHED, time in proportion to the shards that were written in between; in the mode CLONE,
     * to the entries of both.
     *
     * @param older a snapshot of the same map, with no higher version
     * @return the differences; a new object that stays valid when the snapshots are closed
     * @throws IllegalArgumentException if {@code older} is of another map or younger than this
     * @throws IllegalStateException if one of the two is closed
     * @throws NullPointerException if {@code older} is null
     */
    Changes<K, V> changesSince(Snapshot<K, V> older);

    /**
     * Ends the use of this snapshot; does nothing if that was done before. In the mode {@link SnapshotMode#CACHED CACHED}, where
     * callers share it, this does nothing at all. What {@link ShardedMap#snapshotAt} hands out is closed on its own.
     */
    @Override
    void close();
}
