package io.sherd;

import io.sherd.codec.Codec;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToIntBiFunction;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A concurrent map cut into shards, in which every key can be held on its own.
 *
 * <h2>Contract of every implementation</h2>
 *
 * <ul>
 *   <li><b>Linearizable per key.</b> Each operation on one key takes effect at one instant between its call and its
 *       return. Actions of a thread before it writes a key happen-before the actions of another thread after it reads what
 *       was written.
 *   <li><b>Reads never wait.</b> {@link #get}, {@link #containsKey}, {@link #getAll} and iteration take no lock, whether or
 *       not the key is held or its shard is growing.
 *   <li><b>A function holds its key only.</b> While the function of {@link #compute}, {@link #computeIfAbsent},
 *       {@link #computeIfPresent} or {@link #merge} runs, writers of <em>that</em> key wait and all others go on, those of
 *       the same shard too. The function runs at most once for each call, may take as long as it likes, and may read and
 *       write other keys of the same map, nested to any depth. If it throws, the entry is as before and the exception
 *       reaches the caller. It may read its own key (it sees the value from before the hold), but a write to it from the
 *       same thread throws {@link IllegalStateException} naming the key. Where holders of keys would
 *       wait for one another for ever, the last to wait gets {@link KeyDeadlockException}.
 *   <li><b>No nulls.</b> A null key or value is refused with {@link NullPointerException} and changes nothing.
 *   <li><b>Iteration is weakly consistent.</b> Iterators and spliterators never throw
 *       {@link java.util.ConcurrentModificationException}. A key that is present during the whole iteration is seen exactly
 *       once, also while shards split. One that a transaction or the holder of several keys adds is present, in this sense, once the call
 *       that adds it has returned. An entry's value is one the key had at or after the creation of the iterator.
 *   <li><b>Sizes</b> cost O(shards) and are exact when no write is in flight.
 *   <li><b>Virtual threads</b> may use a map freely; waiting does not pin a carrier.
 * </ul>
 *
 * <p>Unless said otherwise, an operation on one key costs O(1) expected time, and O(log n) for {@link Comparable} keys whose
 * hash codes all collide. {@code equals} and {@code hashCode} of keys must not use the map.
 *
 * <p>A batch operation is not atomic as a whole: each of its keys is written as by the single operation.
 *
 * {@snippet :
 * ShardedMap<String, Long> hits = ShardedMap.onHeap().build();
 * hits.merge("/index.html", 1L, Long::sum);
 * hits.compareAndSet("/index.html", 1L, 2L);        // true
 * hits.compareAndExchange("/about.html", null, 7L); // null: it was absent and is 7 now
 * }
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface ShardedMap<K, V> extends ConcurrentMap<K, V> {

    /**
     * Starts the description of a map on the Java heap.
     *
     * @return a new builder with default settings
     */
    static HeapMapBuilder<Object, Object> onHeap() {
        return new HeapMapBuilder<>();
    }

    /**
     * Makes a map on the Java heap of an image that {@link #writeTo} wrote. The same as {@code
     * ShardedMap.onHeap().readFrom(…)}, where the settings of the map can be given.
     *
     * @param file the image
     * @param keyCodec how keys were written
     * @param valueCodec how values were written
     * @param <K> the type of keys
     * @param <V> the type of values
     * @return a new map with the entries of the image, and the shards that the map had
     * @throws IOException as {@link HeapMapBuilder#readFrom(Path, Codec, Codec, ImageOptions)} says; there is no map then
     */
    static <K, V> ShardedMap<K, V> readFrom(Path file, Codec<K> keyCodec, Codec<V> valueCodec) throws IOException {
        return readFrom(file, keyCodec, valueCodec, ImageOptions.defaults());
    }

    /**
     * Makes a map on the Java heap of an image that {@link #writeTo} wrote.
     *
     * @param file the image
     * @param keyCodec how keys were written
     * @param valueCodec how values were written
     * @param options how to read
     * @param <K> the type of keys
     * @param <V> the type of values
     * @return a new map with the entries of the image, and the shards that the map had
     * @throws IOException as {@link HeapMapBuilder#readFrom(Path, Codec, Codec, ImageOptions)} says; there is no map then
     */
    static <K, V> ShardedMap<K, V> readFrom(Path file, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options)
            throws IOException {
        return onHeap().readFrom(file, keyCodec, valueCodec, options);
    }

    /**
     * Makes a map on the Java heap of an image that {@link #writeTo} wrote into a channel.
     *
     * @param channel where the image comes from; it is read to the end of the image, no further, and stays open
     * @param keyCodec how keys were written
     * @param valueCodec how values were written
     * @param <K> the type of keys
     * @param <V> the type of values
     * @return a new map with the entries of the image, and the shards that the map had
     * @throws IOException as {@link HeapMapBuilder#readFrom(ReadableByteChannel, Codec, Codec, ImageOptions)} says; there is no
     *     map then
     */
    static <K, V> ShardedMap<K, V> readFrom(ReadableByteChannel channel, Codec<K> keyCodec, Codec<V> valueCodec)
            throws IOException {
        return readFrom(channel, keyCodec, valueCodec, ImageOptions.defaults());
    }

    /**
     * Makes a map on the Java heap of an image that {@link #writeTo} wrote into a channel.
     *
     * @param channel where the image comes from; it is read to the end of the image, no further, and stays open
     * @param keyCodec how keys were written
     * @param valueCodec how values were written
     * @param options how to read
     * @param <K> the type of keys
     * @param <V> the type of values
     * @return a new map with the entries of the image, and the shards that the map had
     * @throws IOException as {@link HeapMapBuilder#readFrom(ReadableByteChannel, Codec, Codec, ImageOptions)} says; there is no
     *     map then
     */
    static <K, V> ShardedMap<K, V> readFrom(
            ReadableByteChannel channel, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options)
            throws IOException {
        return onHeap().readFrom(channel, keyCodec, valueCodec, options);
    }

    /**
     * Writes the entries into a file as an image. The same as {@link #writeTo(Path, Codec, Codec, ImageOptions)} with the
     * default options.
     *
     * @param file where to put the image
     * @param keyCodec how to write keys
     * @param valueCodec how to write values
     * @return the number of entries in the image
     * @throws IOException if the file cannot be written; what was there before stays
     */
    default long writeTo(Path file, Codec<K> keyCodec, Codec<V> valueCodec) throws IOException {
        return writeTo(file, keyCodec, valueCodec, ImageOptions.defaults());
    }

    /**
     * Writes the entries into a file as an image, which {@link #readFrom} and {@link #putAllFrom} read: with checksums, the number
     * of shards, and the identities of the codecs. {@code docs/image-format.md} has the bytes.
     *
     * <p>The image is written beside the file and takes its place in one step, when it is whole and safe from a loss of power. Until
     * then, and after any failure, there is what was there before.
     *
     * <p>What is written is one instant of the map, as a {@link #snapshot} in the mode {@link SnapshotMode#COW COW} has it, whatever mode
     * the map has.
     *
     * <p>Locking behaviour: that of such a snapshot; writers copy what they write to while it is read. Takes some mebibytes of memory for each thread, however large the map. An interrupt of the calling
     * thread ends the writing with an {@link IOException}; the interrupt status is kept.
     *
     * @param file where to put the image; a file of that name is replaced
     * @param keyCodec how to write keys
     * @param valueCodec how to write values
     * @param options how to write
     * @return the number of entries in the image
     * @throws IOException if the file cannot be written; what was there before stays
     * @throws IllegalArgumentException if a codec refuses an object, or breaks its contract; what was there before stays
     */
    default long writeTo(Path file, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options) throws IOException {
        return ImageWriter.write(this, file, keyCodec, valueCodec, options);
    }

    /**
     * Writes the entries into a channel as an image. The same as {@link #writeTo(WritableByteChannel, Codec, Codec, ImageOptions)}
     * with the default options.
     *
     * @param channel where the image goes; it stays open
     * @param keyCodec how to write keys
     * @param valueCodec how to write values
     * @return the number of entries in the image
     * @throws IOException if the channel cannot be written; a part of an image may be in it
     */
    default long writeTo(WritableByteChannel channel, Codec<K> keyCodec, Codec<V> valueCodec) throws IOException {
        return writeTo(channel, keyCodec, valueCodec, ImageOptions.defaults());
    }

    /**
     * Writes the entries into a channel as an image, as {@link #writeTo(Path, Codec, Codec, ImageOptions)} does into a file. An
     * image says itself where it ends, so others may follow in the same channel.
     *
     * @param channel where the image goes, in blocking mode; it stays open, and is not forced
     * @param keyCodec how to write keys
     * @param valueCodec how to write values
     * @param options how to write
     * @return the number of entries in the image
     * @throws IOException if the channel cannot be written; a part of an image may be in it, which is refused when it is read
     * @throws java.nio.channels.IllegalBlockingModeException if the channel is in non-blocking mode
     * @throws IllegalArgumentException if a codec refuses an object, or breaks its contract
     */
    default long writeTo(WritableByteChannel channel, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options)
            throws IOException {
        return ImageWriter.write(this, channel, keyCodec, valueCodec, options);
    }

    /**
     * Puts every entry of an image into this map. The whole image is read and checked before the first entry is put: it is read
     * twice.
     *
     * <p>Locking behaviour: that of {@link #putAll}, from several threads.
     *
     * @param file the image
     * @param keyCodec how keys were written
     * @param valueCodec how values were written
     * @param options how to read; progress is that of the second time
     * @return the number of entries of the image
     * @throws CorruptImageException if the image is damaged; nothing was put
     * @throws ImageCodecException if it was written with other codecs; nothing was put
     * @throws UnsupportedImageException if it is no image, or one of a newer format; nothing was put
     * @throws IOException if the file cannot be read; entries may have been put if that failed the second time only
     */
    default long putAllFrom(Path file, Codec<K> keyCodec, Codec<V> valueCodec, ImageOptions options)
            throws IOException {
        return ImageReader.putAll(this, file, keyCodec, valueCodec, options);
    }

    /**
     * Hands every entry to an action, in several threads if there are enough entries.
     *
     * <p>This, {@link #search} and {@link #reduce} are the bulk operations of {@link java.util.concurrent.ConcurrentHashMap} that
     * no stream does better. Those over keys, values or entries alone, and those that collect, are streams over the views, which
     * split by shard in the same way: {@code map.keySet().parallelStream()}. A stream that needs a few entries only, such as
     * {@code map.entrySet().stream().filter(…).limit(10)}, ends when it has them.
     *
     * <p>What is seen is what an iteration sees. The functions may use the map; where several threads run them, they must not
     * depend on an order, and their effects must be safe for that. Tasks run in the common pool, and in the calling thread.
     * Locking behaviour: none.
     *
     * @param parallelismThreshold with fewer entries, about, the calling thread does it all; {@link Long#MAX_VALUE} for that in any
     *     case, 1 for as many threads as the common pool has
     * @param action gets each key and its value; what it throws reaches the caller, when other entries may have been seen
     * @throws NullPointerException if {@code action} is null
     */
    void forEach(long parallelismThreshold, BiConsumer<? super K, ? super V> action);

    /**
     * Asks a function about the entries until it answers something, and then leaves the others alone.
     *
     * @param parallelismThreshold with fewer entries, about, the calling thread does it all, see {@link #forEach(long, BiConsumer)}
     * @param function what to ask; null to go on. What it throws reaches the caller
     * @param <U> the type of the answer
     * @return an answer, not null, of some entry; null if there was none for any entry
     * @throws NullPointerException if {@code function} is null
     */
    <U> @Nullable U search(long parallelismThreshold, BiFunction<? super K, ? super V, ? extends @Nullable U> function);

    /**
     * Makes something of each entry, and one of all of these.
     *
     * @param parallelismThreshold with fewer entries, about, the calling thread does it all, see {@link #forEach(long, BiConsumer)}
     * @param transformer what to make of an entry; null to leave the entry out
     * @param reducer puts two together; it must be associative and commutative
     * @param <U> the type of the result
     * @return the result; null if there was nothing
     * @throws NullPointerException if an argument is null
     */
    <U> @Nullable U reduce(
            long parallelismThreshold,
            BiFunction<? super K, ? super V, ? extends @Nullable U> transformer,
            BiFunction<? super U, ? super U, ? extends U> reducer);

    /**
     * Makes a number of each entry, and one of all numbers, without boxing them.
     *
     * @param parallelismThreshold with fewer entries, about, the calling thread does it all, see {@link #forEach(long, BiConsumer)}
     * @param transformer what to make of an entry
     * @param basis what changes no number when it is put together with it, such as 0 for sums
     * @param reducer puts two numbers together; it must be associative and commutative
     * @return the result; the basis if there are no entries
     * @throws NullPointerException if an argument is null
     */
    long reduceToLong(
            long parallelismThreshold,
            ToLongBiFunction<? super K, ? super V> transformer,
            long basis,
            LongBinaryOperator reducer);

    /**
     * {@link #reduceToLong} for numbers of 32 bits.
     *
     * @param parallelismThreshold with fewer entries, about, the calling thread does it all, see {@link #forEach(long, BiConsumer)}
     * @param transformer what to make of an entry
     * @param basis what changes no number when it is put together with it
     * @param reducer puts two numbers together; it must be associative and commutative
     * @return the result; the basis if there are no entries
     * @throws NullPointerException if an argument is null
     */
    int reduceToInt(
            long parallelismThreshold,
            ToIntBiFunction<? super K, ? super V> transformer,
            int basis,
            IntBinaryOperator reducer);

    /**
     * {@link #reduceToLong} for floating-point numbers.
     *
     * @param parallelismThreshold with fewer entries, about, the calling thread does it all, see {@link #forEach(long, BiConsumer)}
     * @param transformer what to make of an entry
     * @param basis what changes no number when it is put together with it
     * @param reducer puts two numbers together; it must be associative and commutative, or the last digits differ from run to run
     * @return the result; the basis if there are no entries
     * @throws NullPointerException if an argument is null
     */
    double reduceToDouble(
            long parallelismThreshold,
            ToDoubleBiFunction<? super K, ? super V> transformer,
            double basis,
            DoubleBinaryOperator reducer);

    /**
     * The values of the given keys. Each key is read as by {@link #get}; the result need not be of one instant.
     *
     * <p>Locking behaviour: none. Costs O(keys).
     *
     * @param keys the keys to look up; duplicates count once
     * @return a new modifiable map, in the iteration order of {@code keys}, of those keys that are present
     * @throws NullPointerException if {@code keys} is null or holds a null
     */
    Map<K, V> getAll(Collection<? extends K> keys);

    /**
     * Puts every entry of the given map, each as by {@link #put}; an implementation may take the lock of a shard once for
     * several of them. A held key is waited for without holding anything else meanwhile.
     *
     * @param entries the entries to put
     * @throws NullPointerException if {@code entries} is null or holds a null; entries before it may have been put
     * @throws IllegalStateException if the calling thread holds one of the keys; other entries may have been put
     */
    @Override
    void putAll(Map<? extends K, ? extends V> entries);

    /**
     * Removes every given key that is present.
     *
     * @param keys the keys to remove; duplicates count once
     * @return the number of entries removed
     * @throws NullPointerException if {@code keys} is null or holds a null; keys before it may have been removed
     * @throws IllegalStateException if the calling thread holds one of the keys; other keys may have been removed
     */
    int removeAll(Collection<? extends K> keys);

    /**
     * Removes every entry for which the filter answers true. The filter sees each entry as iteration would, runs outside
     * all locks, and is asked again when the value changed before the entry could be removed.
     *
     * @param filter what to remove; it may read the map
     * @return the number of entries removed; {@link Integer#MAX_VALUE} when there were more
     * @throws NullPointerException if {@code filter} is null
     * @throws IllegalStateException if the calling thread holds a key that is to be removed
     */
    int removeIf(BiPredicate<? super K, ? super V> filter);

    /**
     * Writes {@code update} if the present value equals {@code expected}, and says what the value was.
     *
     * <p>Null stands for absence: {@code compareAndExchange(k, null, v)} is {@code putIfAbsent}, {@code (k, v, null)}
     * removes, {@code (k, null, null)} only reads.
     *
     * @param key the key
     * @param expected the value that must be present, or null for none; compared with {@code equals}
     * @param update the value to write, or null to remove the entry
     * @return the witness: the value before, or null for none; the write took effect exactly when it equals {@code expected}
     * @throws NullPointerException if {@code key} is null
     * @throws IllegalStateException if the calling thread holds the key; nothing is changed
     */
    @Nullable
    V compareAndExchange(K key, @Nullable V expected, @Nullable V update);

    /**
     * Writes {@code update} if the present value equals {@code expected}. Null stands for absence, as in
     * {@link #compareAndExchange}.
     *
     * @param key the key
     * @param expected the value that must be present, or null for none
     * @param update the value to write, or null to remove the entry
     * @return whether the value was as expected, and is {@code update} now
     * @throws NullPointerException if {@code key} is null
     * @throws IllegalStateException if there is something to write and the calling thread holds the key; nothing is changed
     */
    default boolean compareAndSet(K key, @Nullable V expected, @Nullable V update) {
        return Objects.equals(compareAndExchange(key, expected, update), expected);
    }

    /**
     * Holds a key, present or absent, until the entry is closed. Waits as long as somebody else holds it.
     *
     * <p>Locking behaviour: writers of that key wait, in the order of arrival but that one who is running may pass one who
     * sleeps, at most some times; readers go on and see the value from before; all other keys are free. An interrupt does not
     * end the wait and is kept. What the last holder did happens-before this returns.
     *
     * <p>Costs about what {@link #compute} costs, and nothing for a key that is not held.
     *
     * {@snippet :
     * try (LockedEntry<String, Long> entry = stock.lock("apples")) {
     *     if (entry.isPresent()) {
     *         entry.setValue(entry.value() - 1);
     *     }
     * } // seen by others from here on
     * }
     *
     * @param key the key
     * @return its entry, open; close it in the same {@code try}
     * @throws NullPointerException if {@code key} is null
     * @throws IllegalStateException if the calling thread holds the key already
     * @throws KeyDeadlockException if the wait would never end, since the holder waits, perhaps through others, for a key that
     *     the calling thread holds, of this map or another
     */
    LockedEntry<K, V> lock(K key);

    /**
     * Holds a key if nobody else holds it now.
     *
     * <p>Locking behaviour: never waits for another holder.
     *
     * @param key the key
     * @return its entry, open, or null if somebody else holds the key
     * @throws NullPointerException if {@code key} is null
     * @throws IllegalStateException if the calling thread holds the key already
     */
    @Nullable
    LockedEntry<K, V> tryLock(K key);

    /**
     * Holds a key, and waits for that at most some time. Such a wait ends by itself, so it is not counted as part of a deadlock.
     *
     * @param key the key
     * @param wait how long to wait; zero or less asks once
     * @return its entry, open, or null if somebody else held the key all the time
     * @throws InterruptedException if the thread is interrupted before or while it waits; the key is not held
     * @throws NullPointerException if an argument is null
     * @throws IllegalStateException if the calling thread holds the key already
     */
    @Nullable
    LockedEntry<K, V> tryLock(K key, Duration wait) throws InterruptedException;

    /**
     * Holds several keys, and shows what is set in them in one step when they are closed. On a map that keeps its entries on
     * disk, all of it is there after a crash, or nothing.
     *
     * <p>Locking behaviour: takes the keys in one order that is the same for all callers, so calls of this alone never wait for
     * one another in a circle. Waits for each as {@link #lock} does. Costs O(keys log keys); hundreds of thousands are fine.
     *
     * @param keys the keys, of any class, in any order; duplicates count once
     * @return their entries, open
     * @throws NullPointerException if {@code keys} is null or holds a null; nothing is held
     * @throws IllegalStateException if the calling thread holds one of the keys already; of the others none is held
     * @throws KeyDeadlockException if a wait would never end, since the holder waits, perhaps through others, for a key that the
     *     calling thread held before, or for one of {@code keys} that it has taken already; of these none is held
     */
    LockedEntries<K, V> lockAll(Collection<? extends K> keys);

    /**
     * Reads and writes several keys as one: strictly serializable, all or nothing.
     *
     * <p>The body may run more than once, so it should do nothing but use the transaction. It sees one state of the map, and the
     * transaction commits only if that is still the state when its writes appear, at one instant, for everybody. Otherwise the
     * body runs again; after some failures the keys that it touched are held meanwhile, so that it gets done. What it
     * does to the map by other ways than the transaction is no part of it.
     *
     * <p>Locking behaviour: reads take no lock. The commit waits for keys that somebody holds, and stops the writers of the shards
     * concerned while it writes. A transaction that has only read waits for nobody unless it failed some times.
     *
     * <p>A map that keeps its entries on disk has all of a transaction after the end of the process, or nothing; what it has
     * returned is as safe as what a single write has returned.
     *
     * <p>Costs about what its single operations cost, a sort of its keys, and for each read a look at those before.
     *
     * {@snippet :
     * boolean paid = accounts.transact(tx -> {
     *     long balance = tx.get("alice");
     *     if (balance < 10) {
     *         return false;
     *     }
     *     tx.put("alice", balance - 10);
     *     tx.compute("bob", (name, old) -> old + 10);
     *     return true;
     * });
     * }
     *
     * @param body what to do; an exception from it reaches the caller, and nothing is written
     * @param <R> the type of the result
     * @return what the body answered when it committed, or null if it {@link Transaction#abort aborted}
     * @throws NullPointerException if {@code body} is null
     * @throws IllegalStateException if the body used a key that the calling thread holds
     * @throws TransactionConflictException if others were in the way too often; nothing is written
     * @throws KeyDeadlockException if it would wait for ever for a key, since the calling thread holds others; nothing is written
     */
    <R extends @Nullable Object> @Nullable R transact(Function<? super Transaction<K, V>, ? extends R> body);

    /**
     * What became of transactions.
     *
     * @return counts since the map was made or opened
     */
    TransactionStats transactionStats();

    /**
     * What the map has now, as a map that does not change any more. How it is made is the {@link SnapshotMode} of the map; unless that was
     * set, the snapshot is one instant of the whole map.
     *
     * <p>Locking behaviour: in the mode COW, writers wait some microseconds for the snapshot, and the snapshot for writes that are
     * under way; functions and holders of keys are not waited for. In the mode CLONE, writers of a shard wait while it is copied. Readers are
     * never stopped. The calling thread may hold keys; what it has set in their entries is not seen before they are closed.
     *
     * <p>Costs O(shards + keys that are held and waited for), with a copy of each shard that has such a key; in the mode CLONE O(entries).
     *
     * {@snippet :
     * try (Snapshot<String, Long> before = map.snapshot()) {
     *     map.merge("apples", 1L, Long::sum);
     *     before.get("apples"); // as it was
     * }
     * }
     *
     * @return a snapshot, open
     */
    Snapshot<K, V> snapshot();

    /**
     * One of the last snapshots, if the map was built to keep versions.
     *
     * @param version a {@link Snapshot#version} of this map
     * @return the same state, open, to be closed by itself; empty if that version is no longer kept, or never was
     */
    Optional<Snapshot<K, V>> snapshotAt(long version);

    /**
     * Removes all entries and hands them out. An entry that is put while this runs is handed out or stays, and every entry
     * is handed out by exactly one of several concurrent calls. Costs O(entries) time and memory.
     *
     * @return a new list of the entries removed, each immutable, in no particular order
     * @throws IllegalStateException if the calling thread holds a key of the map; entries removed before are put back
     *     unless their key was written meanwhile
     */
    List<Map.Entry<K, V>> drain();

    /**
     * The number of entries, as a {@code long}. Costs O(shards); exact when no write is in flight.
     *
     * @return at least 0
     */
    long mappingCount();

    /**
     * The number of entries, or {@link Integer#MAX_VALUE} if there are more; see {@link #mappingCount}.
     *
     * @return at least 0
     */
    @Override
    default int size() {
        return (int) Math.min(mappingCount(), Integer.MAX_VALUE);
    }

    /**
     * This map with operations that never block the calling thread. Functions run in virtual threads.
     *
     * @return a view; always the same
     */
    AsyncMap<K, V> async();

    /**
     * This map with operations that never block the calling thread.
     *
     * @param executor where functions run, and what else may take long; see {@link AsyncMap}
     * @return a new view; with others it shares the loads of {@link AsyncMap#computeIfAbsent}
     * @throws NullPointerException if {@code executor} is null
     */
    AsyncMap<K, V> async(Executor executor);

    /**
     * The shards of this map.
     *
     * @return a live view
     */
    Shards shards();

    /**
     * {@inheritDoc}
     *
     * <p>Locking behaviour: a read first, which takes no lock; if the key is absent, holds the key while the function runs.
     * Two callers never both run their function for the same absence: the second waits and returns the first's value.
     *
     * @throws NullPointerException if an argument is null
     * @throws IllegalStateException if the calling thread already holds the key; nothing is changed
     */
    @Override
    @Nullable
    V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> mappingFunction);

    /**
     * {@inheritDoc}
     *
     * <p>Locking behaviour: holds the key while the function runs; an absent key is not held.
     *
     * @throws NullPointerException if an argument is null
     * @throws IllegalStateException if the calling thread already holds the key; nothing is changed
     */
    @Override
    @Nullable
    V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends @Nullable V> remappingFunction);

    /**
     * {@inheritDoc}
     *
     * <p>Locking behaviour: holds the key, present or absent, while the function runs.
     *
     * @throws NullPointerException if an argument is null
     * @throws IllegalStateException if the calling thread already holds the key; nothing is changed
     */
    @Override
    @Nullable
    V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> remappingFunction);

    /**
     * {@inheritDoc}
     *
     * <p>Locking behaviour: holds the key while the function runs; for an absent key no function runs.
     *
     * @throws NullPointerException if an argument is null
     * @throws IllegalStateException if the calling thread already holds the key; nothing is changed
     */
    @Override
    @Nullable
    V merge(K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> remappingFunction);
}
