package io.sherd;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ShardedMap} whose operations never block the calling thread: each answers at once with a future. From
 * {@link ShardedMap#async()}; it is a view, all of whose writes are writes to the map.
 *
 * {@snippet :
 * AsyncMap<String, User> users = map.async();
 * users.computeIfAbsent("alice", name -> http.sendAsync(request(name), body).thenApply(User::parse)) // one request at a time
 *         .thenAccept(this::greet);
 * users.lock("bob").thenCompose(entry -> charge(entry.value())
 *         .thenAccept(entry::setValue)
 *         .whenComplete((done, failure) -> entry.close())); // by whatever thread comes here
 * }
 *
 * <h2>Contract</h2>
 *
 * <ul>
 *   <li><b>Waiting.</b> A key that is free is taken in the calling thread, and on the heap the operation is done when the call
 *       returns. A key that somebody holds, by whatever means, gets the operation as a waiter, in the order of
 *       arrival; threads that come by may pass it at most some times, other asynchronous operations never. So operations
 *       on one key that one thread asks for one after the other take effect in that order; batches and transactions are
 *       excepted. The caller waits for nothing but the short inner locks of the map, and on the disk map perhaps for the
 *       system to read a page.
 *   <li><b>Where things run.</b> Functions and the bodies of transactions run on the executor, never in the calling thread, and
 *       so does every write to a disk map, which may wait for a flush. A future completes in the calling thread, on the
 *       executor, or in the thread that completed the stage of a function; what depends on it should not block. The executor must
 *       not block in {@code execute}; if it refuses a task, the future fails with what it threw, and the key is given back.
 *   <li><b>Durability.</b> A future of a write completes when the write is as durable as the map promises.
 *   <li><b>Memory.</b> Actions before a call happen-before its function runs, and what an operation did happens-before
 *       the actions that depend on its future.
 *   <li><b>Failure.</b> Null arguments throw {@link NullPointerException} at once. Everything else that the operation of the
 *       same name of {@link ShardedMap} throws, the future fails with, and with nothing around it; likewise with what a
 *       function throws or its stage fails with. The entry is then as before.
 *   <li><b>Cancelling</b> a future, or completing it from outside, say with {@code orTimeout}, takes the operation out of the queue
 *       while it waits for its key: then it never happens. Later it goes on, and only its answer is lost; but a key that
 *       was to be handed out is given back. This holds for the future that the call answered, not for those made of it.
 * </ul>
 *
 * <h2>Owners and deadlocks</h2>
 *
 * <p>Each operation is an owner of its own, which holds its key while it runs. What a function calls, in the thread in which it
 * was called, acts for the function's operation: it cannot take the key that the function holds, and a circle of owners that
 * wait for one another is found when the last one begins to wait. It fails with {@link KeyDeadlockException}, which is an
 * {@link IllegalStateException}. Threads that wait in the map are part of such circles too.
 *
 * <p>Keys that are locked and then more are asked for, across several steps, need a name for who does that: {@link #asOwner}.
 *
 * <p>Not seen, so that the futures concerned just never complete: a thread that blocks in {@code join} or {@code get} of a
 * future; a later step, on another thread, of what a function started, unless it uses {@link #asOwner}; a stage that is never
 * completed, which holds its key for ever. Give such stages a time limit.
 *
 * <p>Safe for use by any number of threads. Costs are those of the operation of the same name of {@link ShardedMap}, and a future.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface AsyncMap<K, V> {
    /**
     * The map itself.
     *
     * @return the map of which this is a view
     */
    ShardedMap<K, V> sync();

    /**
     * The same map, for somebody who takes several keys in several steps. All that is asked for by the answer acts for one
     * owner, as what a thread does acts for that thread: a key that it has locked it cannot take again, which fails with
     * {@link IllegalStateException}, and if two owners wait for one another's keys, the second fails with
     * {@link KeyDeadlockException}. It does not matter which threads it uses.
     *
     * <p>Use one for each task. Two tasks that share one would get these failures for keys that the other will give back.
     *
     * {@snippet :
     * AsyncMap<String, Long> transfer = accounts.async().asOwner("transfer 17");
     * transfer.lock("alice").thenCompose(from -> transfer.lock("bob").thenAccept(to -> move(from, to)));
     * }
     *
     * @param name how messages call the owner
     * @return a view for a new owner, with the executor of this one
     * @throws NullPointerException if {@code name} is null
     */
    AsyncMap<K, V> asOwner(String name);

    /**
     * The value of a key; see {@link ShardedMap#get}. Takes no lock and waits for no holder: done when it returns.
     *
     * @param key the key
     * @return the value, or null if there is none
     * @throws NullPointerException if {@code key} is null
     */
    CompletableFuture<@Nullable V> get(K key);

    /**
     * The values of several keys; see {@link ShardedMap#getAll}. Takes no lock and waits for no holder: done when it returns.
     *
     * @param keys the keys; duplicates count once
     * @return a new modifiable map, in the order of {@code keys}, of those that are present
     * @throws NullPointerException if {@code keys} is null or holds a null
     */
    CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys);

    /**
     * Writes a value.
     *
     * @param key the key
     * @param value the value
     * @return the value before, or null if there was none
     * @throws NullPointerException if an argument is null
     */
    CompletableFuture<@Nullable V> put(K key, V value);

    /**
     * Writes a value if there is none.
     *
     * <p>Unlike the operation of the map it waits for its turn also if there is a value now, which an operation before it may
     * remove.
     *
     * @param key the key
     * @param value the value
     * @return the value that was there, or null if it was written
     * @throws NullPointerException if an argument is null
     */
    CompletableFuture<@Nullable V> putIfAbsent(K key, V value);

    /**
     * Writes a value if there is one.
     *
     * @param key the key
     * @param value the value
     * @return the value before, or null if there was none and nothing was written
     * @throws NullPointerException if an argument is null
     */
    CompletableFuture<@Nullable V> replace(K key, V value);

    /**
     * Removes a key.
     *
     * @param key the key
     * @return the value before, or null if there was none
     * @throws NullPointerException if {@code key} is null
     */
    CompletableFuture<@Nullable V> remove(K key);

    /**
     * Writes {@code update} if the value equals {@code expected}, as {@link ShardedMap#compareAndExchange}; null stands for
     * absence. Waits for its turn also if the value is another now.
     *
     * @param key the key
     * @param expected the value that must be present, or null for none
     * @param update the value to write, or null to remove the entry
     * @return the witness: the value before, or null for none
     * @throws NullPointerException if {@code key} is null
     */
    CompletableFuture<@Nullable V> compareAndExchange(K key, @Nullable V expected, @Nullable V update);

    /**
     * Writes {@code update} if the value equals {@code expected}, as {@link ShardedMap#compareAndSet}; null stands for absence.
     * Waits for its turn also if the value is another now.
     *
     * @param key the key
     * @param expected the value that must be present, or null for none
     * @param update the value to write, or null to remove the entry
     * @return whether the value was as expected, and is {@code update} now
     * @throws NullPointerException if {@code key} is null
     */
    CompletableFuture<Boolean> compareAndSet(K key, @Nullable V expected, @Nullable V update);

    /**
     * The value of a key, loaded if there is none. One load at a time: all who ask meanwhile, through whatever view of the map,
     * share the one that runs, its value or its failure. A failure is not kept, the next call loads again.
     *
     * <p>Each caller gets a future of its own: cancelling one changes nothing for the others nor for the load, which goes on
     * also if nobody is left. Callers of {@link ShardedMap#computeIfAbsent} wait as long as the load holds the key and see its
     * value; so do callers that act for a function or for an {@link #asOwner owner}, since only then a deadlock is found, and
     * if the load fails they load themselves.
     *
     * <p>Locking behaviour: a read first, which takes no lock; if the key is absent, holds it until the stage is complete.
     *
     * @param key the key
     * @param function starts the load; its stage may answer null, which leaves the key absent
     * @return the value that was there or is new, or null if the load answered null
     * @throws NullPointerException if an argument is null
     */
    CompletableFuture<@Nullable V> computeIfAbsent(
            K key, Function<? super K, ? extends CompletionStage<? extends @Nullable V>> function);

    /**
     * Writes what a function makes of the value of a key, if there is one.
     *
     * <p>Locking behaviour: holds the key until the stage is complete; an absent key is not held.
     *
     * @param key the key
     * @param function gets the key and its value; its stage answers the new value, or null to remove the entry
     * @return the new value, or null if there is none
     * @throws NullPointerException if an argument is null
     */
    CompletableFuture<@Nullable V> computeIfPresent(
            K key, BiFunction<? super K, ? super V, ? extends CompletionStage<? extends @Nullable V>> function);

    /**
     * Writes what a function makes of the value of a key. The function answers a stage, for what takes its time is the
     * reason to compute asynchronously; for a plain value there is {@link CompletableFuture#completedFuture}.
     *
     * <p>Locking behaviour: holds the key, present or absent, until the stage is complete.
     *
     * @param key the key
     * @param function gets the key and its value, or null; its stage answers the new value, or null to remove the entry
     * @return the new value, or null if there is none
     * @throws NullPointerException if an argument is null
     */
    CompletableFuture<@Nullable V> compute(
            K key,
            BiFunction<? super K, ? super @Nullable V, ? extends CompletionStage<? extends @Nullable V>> function);

    /**
     * Writes a value, or what a function makes of the old one and this. The function answers a plain value, so that
     * {@code merge(key, 1L, Long::sum)} is written as on the map; for slow ones there is {@link #compute}.
     *
     * <p>Locking behaviour: holds the key while the function runs; for an absent key no function runs.
     *
     * @param key the key
     * @param value what to write if there is no value
     * @param function gets the old value and {@code value}; answers the new value, or null to remove the entry
     * @return the new value, or null if there is none
     * @throws NullPointerException if an argument is null
     */
    CompletableFuture<@Nullable V> merge(
            K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function);

    /**
     * Puts every entry of a map, each on its own as by {@link #put}. The entries are copied before the call returns. Held
     * keys do not keep the others waiting.
     *
     * @param entries the entries to put
     * @return completes when all are written; if one fails, others may have been written or be under way
     * @throws NullPointerException if {@code entries} is null or holds a null; nothing is written
     */
    CompletableFuture<@Nullable Void> putAll(Map<? extends K, ? extends V> entries);

    /**
     * Removes every given key that is present, each on its own as by {@link #remove}. The keys are copied before the call returns.
     *
     * @param keys the keys to remove; duplicates count once
     * @return the number of entries removed; if one fails, others may have been removed or be under way
     * @throws NullPointerException if {@code keys} is null or holds a null; nothing is removed
     */
    CompletableFuture<Integer> removeAll(Collection<? extends K> keys);

    /**
     * Holds a key, present or absent, until the entry is closed; see {@link ShardedMap#lock}.
     *
     * <p>Any thread may use and close the entry, one at a time. Closing one of a disk map waits until the write is durable.
     *
     * @param key the key
     * @return its entry, open; a future that was cancelled before holds nothing
     * @throws NullPointerException if {@code key} is null
     */
    CompletableFuture<LockedEntry<K, V>> lock(K key);

    /**
     * Holds a key if nobody holds it or waits for it; done when it returns.
     *
     * @param key the key
     * @return its entry, open, or null
     * @throws NullPointerException if {@code key} is null
     */
    CompletableFuture<@Nullable LockedEntry<K, V>> tryLock(K key);

    /**
     * Holds several keys, and shows what is set in them in one step when they are closed; see {@link ShardedMap#lockAll}.
     *
     * <p>Locking behaviour: takes the keys in the order in which threads take them too, and waits for one after the other. If
     * it fails or is cancelled, none is held.
     *
     * @param keys the keys, in any order; duplicates count once; copied before the call returns
     * @return their entries, open
     * @throws NullPointerException if {@code keys} is null or holds a null; nothing is held
     */
    CompletableFuture<LockedEntries<K, V>> lockAll(Collection<? extends K> keys);

    /**
     * Reads and writes several keys as one; see {@link ShardedMap#transact}, which runs on the executor, and may wait there for
     * keys that are held.
     *
     * @param body what to do; may run more than once
     * @param <R> the type of the result
     * @return what the body answered when it committed, or null if it {@link Transaction#abort aborted}
     * @throws NullPointerException if {@code body} is null
     */
    <R extends @Nullable Object> CompletableFuture<@Nullable R> transact(
            Function<? super Transaction<K, V>, ? extends R> body);
}
