/**
 * Sharded concurrent maps.
 *
 * <p>{@link io.sherd.ShardedMap} is the one interface; {@link io.sherd.ShardedMap#onHeap()} builds the map that lives on
 * the Java heap.
 *
 * <h2>Glossary</h2>
 *
 * <dl>
 *   <dt>shard
 *   <dd>a part of the map that owns a contiguous range of hash codes. Shards come into being when first touched and split
 *       by themselves when full.
 *   <dt>hold
 *   <dd>the exclusive right of one thread or task to change one key, present or absent. {@code compute} and its siblings hold
 *       their key while the function runs; readers never wait for a hold.
 *   <dt>slot
 *   <dd>the place of one entry within a shard.
 *   <dt>tag
 *   <dd>the byte that says of a slot whether it is empty, deleted or in use, and in the last case eight bits of the hash, or seven.
 *   <dt>tombstone
 *   <dd>a slot whose entry was removed but which a probe must still step over.
 * </dl>
 *
 * <h2>Memory access</h2>
 *
 * <p>Where a field or array element is shared without a lock, the accessor's suffix names the order: {@code Plain} (no
 * order; only under the lock that guards the field), {@code Opaque} (the value is one that was written, and is seen
 * eventually), {@code Acquire} and {@code Release} (what was written before the release is seen after the acquire),
 * {@code Volatile} (one order of all such accesses).
 */
@NullMarked
package io.sherd;

import org.jspecify.annotations.NullMarked;
