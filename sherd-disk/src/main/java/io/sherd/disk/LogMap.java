package io.sherd.disk;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.Shards;
import io.sherd.Snapshot;
import io.sherd.Transaction;
import io.sherd.TransactionStats;
import io.sherd.spi.AbstractShardedMap;
import io.sherd.spi.HeldEntries;
import io.sherd.spi.HeldEntry;
import io.sherd.spi.HeldKeys;
import io.sherd.spi.Transactions;
import io.sherd.spi.Waiter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The disk map: a log of records, and an index of their addresses.
 *
 * <p>{@link Entries} reads, {@link Store} changes. This class joins them, adds the functions that compute values, and waits
 * for flushes.
 *
 * <p>Under {@link Durability#SYNC} a writer waits for a flush after it gave the lock back, see {@link Committer}.
 *
 * <p>A function runs while its key has a {@link RecordHold} in the shard's list, and without any lock. Others who come to write the key
 * wait in the hold; the entry is read before the function and written after it, each under the shard's lock, and nobody can
 * have changed it in between.
 */
final class LogMap<K, V> extends AbstractShardedMap<K, V> implements DiskMap<K, V> {
    private final MapFiles files;
    private final Log log;
    private final Index index;
    private final Store store;
    private final Entries<K, V> entries;
    private final Transactions<K, V> transactions;
    private final DiskSnapshots<K, V> snapshots;
    private final @Nullable Committer committer;

    LogMap(MapFiles files, Entries<K, V> entries, int keepVersions) {
        this.files = files;
        this.log = files.log;
        this.index = files.index;
        this.entries = entries;
        this.store = new Store(files, entries::heldKey);
        this.transactions = new Transactions<>(
                held -> new DiskTransaction<>(files, store, entries, held, this::commit), this::holdAll);
        this.snapshots = new DiskSnapshots<>(files, entries, keepVersions);
        this.committer = files.committer;
    }

    // ---- reading

    @Override
    public @Nullable V get(Object key) {
        return entries.get(key);
    }

    @Override
    public boolean containsKey(Object key) {
        return entries.containsKey(key);
    }

    @Override
    public <R> @Nullable R view(K key, Function<? super MemorySegment, ? extends @Nullable R> function) {
        return entries.view(key, function);
    }

    @Override
    public Map<K, V> getAll(Collection<? extends K> wanted) {
        return entries.getAll(wanted);
    }

    // ---- writing

    @Override
    public @Nullable V put(K key, V value) {
        return entries.previous(write(When.ALWAYS, entries.asKey(key), entries.asValue(value), null));
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
        return entries.previous(write(When.ABSENT, entries.asKey(key), entries.asValue(value), null));
    }

    @Override
    public @Nullable V replace(K key, V value) {
        return entries.previous(write(When.PRESENT, entries.asKey(key), entries.asValue(value), null));
    }

    @Override
    public boolean replace(K key, V expected, V value) {
        return write(When.EQUAL, entries.asKey(key), entries.asValue(value), entries.asValue(expected))
                .applied();
    }

    @Override
    public @Nullable V remove(Object key) {
        return entries.previous(write(When.PRESENT, entries.asKey(key), null, null));
    }

    @Override
    public boolean remove(Object key, @Nullable Object value) {
        K typed = entries.asKey(key);
        if (value == null) {
            files.checkOpen();
            return false;
        }
        return write(When.EQUAL, typed, null, entries.asValue(value)).applied();
    }

    @Override
    public @Nullable V compareAndExchange(K key, @Nullable V expected, @Nullable V update) {
        if (expected == null) {
            return update == null ? get(key) : putIfAbsent(key, update);
        }
        return entries.previous(write(When.EQUAL, entries.asKey(key), update, expected));
    }

    @Override
    public boolean compareAndSet(K key, @Nullable V expected, @Nullable V update) {
        if (expected == null) {
            return (update == null ? get(key) : putIfAbsent(key, update)) == null;
        }
        return write(When.EQUAL, entries.asKey(key), update, expected).applied();
    }

    private Outcome write(When when, K key, @Nullable V value, @Nullable V expected) {
        Outcome outcome = append(when, key, value, expected);
        if (outcome.applied()) {
            commit();
        }
        return outcome;
    }

    /** Writes without waiting for a flush. */
    private Outcome append(When when, K key, @Nullable V value, @Nullable V expected) {
        long keyWord = entries.keyWord(key);
        byte[] keyBytes = entries.keyBytes(key);
        return store.write(
                when,
                entries.hash(keyWord, keyBytes),
                keyWord,
                keyBytes,
                value != null,
                entries.valueWord(value),
                entries.valueBytes(value),
                entries.valueWord(expected),
                entries.valueBytes(expected));
    }

    void commit() {
        if (committer != null) {
            committer.await();
        }
    }

    // ---- computing

    @Override
    public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function) {
        Objects.requireNonNull(function, "mappingFunction");
        V present = get(key);
        if (present != null) {
            return present;
        }
        return compute(key, When.ABSENT, (held, value) -> function.apply(held));
    }

    @Override
    public @Nullable V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
        Objects.requireNonNull(function, "remappingFunction");
        return compute(key, When.PRESENT, (held, value) -> value == null ? null : function.apply(held, value));
    }

    @Override
    public @Nullable V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
        Objects.requireNonNull(function, "remappingFunction");
        return compute(key, When.ALWAYS, function);
    }

    @Override
    public @Nullable V merge(K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
        Objects.requireNonNull(function, "remappingFunction");
        entries.asValue(value);
        return compute(key, When.ALWAYS, (held, old) -> old == null ? value : function.apply(old, value));
    }

    /** Holds a key, and runs the function unless {@code when} is not met; what is there is the answer then. */
    private @Nullable V compute(
            K key, When when, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
        long keyWord = entries.keyWord(entries.asKey(key));
        byte[] keyBytes = entries.keyBytes(key);
        long hash = entries.hash(keyWord, keyBytes);
        Shard shard = index.shard(hash);
        RecordHold hold;
        Outcome found;
        shard.lock.lock();
        try {
            files.checkWritable();
            hold = store.holds.take(shard, hash, keyWord, keyBytes);
            found = presentOrRelease(shard, hold);
        } finally {
            shard.lock.unlock();
        }
        DataFile large = null;
        Outcome outcome = null;
        V result;
        try {
            V old = entries.previous(found);
            if (when == (old == null ? When.PRESENT : When.ABSENT)) {
                return old;
            }
            result = function.apply(key, old);
            if (result == null && old == null) {
                return null;
            }
            byte[] valueBytes = entries.valueBytes(result);
            large = store.storeLarge(valueBytes);
            outcome = finish(shard, hold, result != null, entries.valueWord(result), valueBytes, large);
        } finally {
            if (outcome == null) {
                giveBack(shard, hold);
                if (large != null) {
                    log.discard(large);
                }
            }
        }
        commit();
        return result;
    }

    private Outcome presentOrRelease(Shard shard, RecordHold hold) {
        try {
            return store.present(shard, hold.keyHash, hold.keyWord, hold.key);
        } catch (InternalError | IndexOutOfBoundsException e) {
            store.holds.release(shard, hold);
            throw files.unreadable(e);
        }
    }

    /** Writes what a function answered and gives the key back; if it throws, the key is still held. */
    private Outcome finish(
            Shard shard,
            RecordHold hold,
            boolean hasValue,
            long valueWord,
            byte @Nullable [] value,
            @Nullable DataFile large) {
        shard.lock.lock();
        try {
            files.checkWritable();
            Outcome outcome = store.change(
                    shard,
                    When.ALWAYS,
                    hold.keyHash,
                    hold.keyWord,
                    hold.key,
                    hasValue,
                    valueWord,
                    value,
                    large,
                    0,
                    null);
            store.holds.release(shard, hold);
            return outcome;
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        } finally {
            shard.lock.unlock();
        }
    }

    // ---- keys held across statements

    @Override
    public LockedEntry<K, V> lock(K key) {
        return lockEntry(key);
    }

    private RecordEntry<K, V> lockEntry(K key) {
        return Objects.requireNonNull(hold(key, store.holds::take));
    }

    @Override
    public @Nullable LockedEntry<K, V> tryLock(K key) {
        return tryLockEntry(key);
    }

    private @Nullable RecordEntry<K, V> tryLockEntry(K key) {
        return hold(key, (shard, hash, keyWord, keyBytes) -> store.holds.tryTake(shard, hash, keyWord, keyBytes, null));
    }

    @Override
    public @Nullable LockedEntry<K, V> tryLock(K key, Duration wait) throws InterruptedException {
        entries.asKey(key);
        long nanos = nanosOf(wait);
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before waiting for key " + key);
        }
        if (nanos == 0) {
            return tryLock(key);
        }
        long deadline = System.nanoTime() + nanos;
        return hold(
                key, (shard, hash, keyWord, keyBytes) -> store.holds.take(shard, hash, keyWord, keyBytes, deadline));
    }

    /** Takes a hold, under the lock of the shard; null if that did not succeed. */
    @FunctionalInterface
    private interface Taking<X extends Exception> {
        @Nullable
        RecordHold take(Shard shard, long hash, long keyWord, byte @Nullable [] keyBytes) throws X;
    }

    private <X extends Exception> @Nullable RecordEntry<K, V> hold(K key, Taking<X> taking) throws X {
        long keyWord = entries.keyWord(entries.asKey(key));
        byte[] keyBytes = entries.keyBytes(key);
        long hash = entries.hash(keyWord, keyBytes);
        Shard shard = index.shard(hash);
        RecordHold hold;
        Outcome found;
        shard.lock.lock();
        try {
            files.checkWritable();
            hold = taking.take(shard, hash, keyWord, keyBytes);
            if (hold == null) {
                return null;
            }
            found = presentOrRelease(shard, hold);
        } finally {
            shard.lock.unlock();
        }
        boolean made = false;
        try {
            RecordEntry<K, V> entry = new RecordEntry<>(this, shard, hold, key, entries.previous(found));
            made = true;
            return entry;
        } finally {
            if (!made) {
                giveBack(shard, hold);
            }
        }
    }

    private void giveBack(Shard shard, RecordHold hold) {
        shard.lock.lock();
        store.holds.release(shard, hold);
        shard.lock.unlock();
    }

    /** Writes what was set in an entry, without waiting for a flush, and gives the key back even if that fails. */
    void release(Shard shard, RecordHold hold, boolean changed, @Nullable V value) {
        if (!changed) {
            giveBack(shard, hold);
            return;
        }
        DataFile large = null;
        Outcome outcome = null;
        try {
            byte[] valueBytes = entries.valueBytes(value);
            large = store.storeLarge(valueBytes);
            outcome = finish(shard, hold, value != null, entries.valueWord(value), valueBytes, large);
        } finally {
            if (outcome == null) {
                giveBack(shard, hold);
                if (large != null) {
                    log.discard(large);
                }
            }
        }
    }

    @Override
    public LockedEntries<K, V> lockAll(Collection<? extends K> keys) {
        return together(holdAll(keys));
    }

    private Map<Object, RecordEntry<K, V>> holdAll(Collection<? extends K> keys) {
        return new HeldKeys<K, V, RecordEntry<K, V>>(
                        entries::identity, this::hashOf, this::lockEntry, this::tryLockEntry)
                .lockAll(keys);
    }

    @Override
    protected LockedEntries<K, V> together(Map<Object, ? extends HeldEntry<K, V>> held) {
        return new HeldEntries<>(entries::identity, held) {
            @Override
            protected void release(Collection<? extends HeldEntry<K, V>> group) {
                publish(group);
            }
        };
    }

    @Override
    protected @Nullable HeldEntry<K, V> take(K key, long owner, @Nullable Waiter waiter) {
        return hold(
                key,
                (shard, hash, keyWord, keyBytes) ->
                        store.holds.takeOrQueue(shard, hash, keyWord, keyBytes, owner, waiter));
    }

    @Override
    protected void abandon(K key, Waiter waiter) {
        long keyWord = entries.keyWord(key);
        byte[] keyBytes = entries.keyBytes(key);
        long hash = entries.hash(keyWord, keyBytes);
        Shard shard = index.shard(hash);
        shard.lock.lock();
        try {
            store.holds.abandon(shard, hash, keyWord, keyBytes, waiter);
        } finally {
            shard.lock.unlock();
        }
    }

    @Override
    protected Object identity(K key) {
        return entries.identity(key);
    }

    @Override
    protected long orderOf(K key) {
        return hashOf(key);
    }

    @Override
    protected boolean isExpected(V present, V expected) {
        return entries.valueWord(present) == entries.valueWord(expected)
                && Arrays.equals(entries.valueBytes(present), entries.valueBytes(expected));
    }

    @Override
    protected boolean closesSlowly() {
        return true;
    }

    @Override
    protected void awaitDurable() {
        commit();
    }

    private long hashOf(K key) {
        return entries.hash(entries.keyWord(entries.asKey(key)), entries.keyBytes(key));
    }

    /** Writes what was set in several entries, all at one instant, and gives all back even if that fails. */
    private void publish(Collection<? extends HeldEntry<K, V>> group) {
        List<Commit.Change> changes = new ArrayList<>();
        boolean written = false;
        try {
            for (HeldEntry<K, V> entry : group) {
                if (entry.isChanged() && (entry.now() != null || entry.before() != null)) {
                    RecordEntry<K, V> held = (RecordEntry<K, V>) entry;
                    V value = entry.now();
                    Commit.Change change = held.change(entries.valueWord(value), entries.valueBytes(value));
                    changes.add(change);
                    change.large = store.storeLarge(change.value);
                }
            }
            if (!changes.isEmpty()) {
                Commit commit = new Commit(changes);
                List<Shard> shards = commit.shards();
                Store.lock(shards);
                try {
                    files.checkWritable();
                    store.apply(commit);
                    written = true;
                } finally {
                    Store.unlock(shards);
                }
            }
        } finally {
            if (!written) {
                store.discard(changes);
            }
            for (HeldEntry<K, V> entry : group) {
                ((RecordEntry<K, V>) entry).giveUp();
            }
        }
        if (written) {
            commit();
        }
    }

    // ---- transactions

    @Override
    public <R extends @Nullable Object> @Nullable R transact(Function<? super Transaction<K, V>, ? extends R> body) {
        Objects.requireNonNull(body, "body");
        files.checkOpen();
        return transactions.run(body);
    }

    @Override
    public TransactionStats transactionStats() {
        return transactions.stats();
    }

    // ---- snapshots

    @Override
    public Snapshot<K, V> snapshot() {
        return snapshots.take();
    }

    @Override
    public Optional<Snapshot<K, V>> snapshotAt(long version) {
        return snapshots.at(version);
    }

    // ---- several keys

    @Override
    public void putAll(Map<? extends K, ? extends V> source) {
        files.checkWritable();
        Batch batch = new Batch(files, store, true);
        try {
            for (Map.Entry<? extends K, ? extends V> entry : source.entrySet()) {
                K key = entries.asKey(entry.getKey());
                V value = entries.asValue(entry.getValue());
                byte[] valueBytes = entries.valueBytes(value);
                long keyWord = entries.keyWord(key);
                byte[] keyBytes = entries.keyBytes(key);
                long hash = entries.hash(keyWord, keyBytes);
                if (store.isLarge(valueBytes)) {
                    store.write(When.ALWAYS, hash, keyWord, keyBytes, true, 0, valueBytes, 0, null);
                } else {
                    batch.add(hash, keyWord, keyBytes, entries.valueWord(value), valueBytes);
                }
            }
            batch.apply();
        } finally {
            commit();
        }
    }

    @Override
    public int removeAll(Collection<? extends K> unwanted) {
        files.checkWritable();
        Batch batch = new Batch(files, store, false);
        long removed = 0;
        try {
            for (K key : unwanted) {
                long keyWord = entries.keyWord(entries.asKey(key));
                byte[] keyBytes = entries.keyBytes(key);
                removed += batch.add(entries.hash(keyWord, keyBytes), keyWord, keyBytes, 0, null);
            }
            removed += batch.apply();
        } finally {
            commit();
        }
        return (int) Math.min(removed, Integer.MAX_VALUE);
    }

    @Override
    public int removeIf(BiPredicate<? super K, ? super V> filter) {
        Objects.requireNonNull(filter, "filter");
        files.checkWritable();
        long[] removed = {0};
        try {
            entrySpliterator().forEachRemaining(entry -> {
                K key = entry.getKey();
                for (V value = entry.getValue(); value != null && filter.test(key, value); value = get(key)) {
                    if (append(When.EQUAL, key, null, value).applied()) {
                        removed[0]++;
                        break;
                    }
                }
            });
        } finally {
            commit();
        }
        return (int) Math.min(removed[0], Integer.MAX_VALUE);
    }

    @Override
    public void clear() {
        files.checkWritable();
        try {
            for (Shard shard : index.shards) {
                if (!store.empty(shard, null)) {
                    for (Map.Entry<K, V> entry : entriesOf(shard)) {
                        append(When.PRESENT, entry.getKey(), null, null);
                    }
                }
            }
        } finally {
            commit();
        }
    }

    @Override
    public List<Map.Entry<K, V>> drain() {
        files.checkWritable();
        List<Map.Entry<K, V>> drained = new ArrayList<>();
        try {
            for (Shard shard : index.shards) {
                drain(shard, drained);
            }
        } catch (IllegalStateException e) {
            if (!(e instanceof MapClosedException)) {
                for (Map.Entry<K, V> entry : drained) {
                    append(When.ABSENT, entry.getKey(), entry.getValue(), null);
                }
            }
            throw e;
        } finally {
            commit();
        }
        return drained;
    }

    private void drain(Shard shard, List<Map.Entry<K, V>> drained) {
        List<Outcome> gone = new ArrayList<>();
        if (store.empty(shard, gone)) {
            for (Outcome outcome : gone) {
                drained.add(Map.entry(
                        entries.keyAt(outcome.previous()), Objects.requireNonNull(entries.previous(outcome))));
            }
            return;
        }
        for (Map.Entry<K, V> entry : entriesOf(shard)) {
            V value = entries.previous(append(When.PRESENT, entry.getKey(), null, null));
            if (value != null) {
                drained.add(Map.entry(entry.getKey(), value));
            }
        }
    }

    private List<Map.Entry<K, V>> entriesOf(Shard shard) {
        List<Map.Entry<K, V>> found = new ArrayList<>();
        new EntrySpliterator<>(this, files, entries, shard.index, shard.index + 1).forEachRemaining(found::add);
        return found;
    }

    @Override
    public long mappingCount() {
        files.checkOpen();
        long count = 0;
        for (Shard shard : index.shards) {
            count += shard.live();
        }
        return count;
    }

    @Override
    protected boolean valuesEqual(@Nullable Object a, @Nullable Object b) {
        return Objects.deepEquals(a, b);
    }

    @Override
    protected Spliterator<Map.Entry<K, V>> entrySpliterator() {
        files.checkOpen();
        return new EntrySpliterator<>(this, files, entries, 0, index.shards.length);
    }

    // ---- facets

    @Override
    public Shards shards() {
        files.checkOpen();
        return new ShardView(index);
    }

    @Override
    public Path path() {
        return files.directory;
    }

    @Override
    public void force() {
        files.force();
    }

    @Override
    public void checkpoint() {
        files.checkpoint();
    }

    @Override
    public BackupReport backup(Path target) {
        return backup(target, BackupOptions.defaults());
    }

    @Override
    public BackupReport backup(Path target, BackupOptions options) {
        Objects.requireNonNull(target, "target");
        return files.backup(target, Objects.requireNonNull(options, "options"));
    }

    @Override
    public DiskStats diskStats() {
        return files.stats(mappingCount());
    }

    @Override
    public RecoveryReport recovery() {
        return files.recovery;
    }

    @Override
    public VerifyReport verify() {
        files.checkOpen();
        return files.verify();
    }

    @Override
    public void close() {
        files.close();
    }

    /** Lets go of everything as the end of the process would; for tests. */
    void crash() {
        files.crash();
    }

    /** Where the first lane stands; for tests. */
    Lane.Position position() {
        return log.lane(0).position();
    }

    /** The writing half; for tests. */
    Store store() {
        return store;
    }
}
