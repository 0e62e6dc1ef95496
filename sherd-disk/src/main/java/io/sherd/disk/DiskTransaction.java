package io.sherd.disk;

import io.sherd.KeyDeadlockException;
import io.sherd.spi.Transactions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a transaction on a disk map: optimistic reads, and a {@link Commit} under the locks of all shards concerned.
 *
 * <p>A read notes the address of the record. Before it goes on, it looks again at everything noted so far. An address is never
 * used twice, so one that was there twice was there all the time in between; and a key that was absent twice was absent all
 * the time if its shard has lost no key meanwhile. All these times overlap from the last first look to the first second look,
 * and in that moment the map was in the state that the body sees. A transaction that only read is done with that: it took no
 * lock and waited for nobody.
 *
 * <p>To commit, all shards of keys that were read or written are locked, in their order, which is one for everybody. If
 * somebody holds one of the keys, all locks go back, that key is waited for, and the commit begins again. Else nothing of what
 * was read can change any more, and if all of it is still what it was, then the state that the body saw is the one of now.
 */
final class DiskTransaction<K, V> implements Transactions.Attempt<K, V> {
    /** What was done with a key. */
    private static final class Access<K, V> {
        final K key;
        final Object identity;
        final long keyWord;
        final byte @Nullable [] keyBytes;
        final long hash;
        final Shard shard;
        boolean read;
        boolean written;
        long erasures;
        long address;

        @Nullable
        V now;

        Access(Entries<K, V> entries, Index index, K key, Object identity) {
            this.key = key;
            this.identity = identity;
            this.keyWord = entries.keyWord(key);
            this.keyBytes = entries.keyBytes(key);
            this.hash = entries.hash(keyWord, keyBytes);
            this.shard = index.shard(hash);
        }

        boolean isChange() {
            return written && (now != null || address != Index.ABSENT);
        }
    }

    private final MapFiles files;
    private final Store store;
    private final Entries<K, V> entries;
    private final Map<Object, ?> held;
    private final Runnable durable;
    private final Map<Object, Access<K, V>> accesses = new LinkedHashMap<>();
    private final List<Access<K, V>> reads = new ArrayList<>();
    private boolean ended;
    private boolean aborted;
    private boolean changing;

    /** The key over which the attempt failed. */
    private @Nullable K conflict;

    /**
     * Begins an attempt.
     *
     * @param held the keys that this transaction holds, by their identity, with whatever holds them
     * @param durable waits until what was written is as durable as the map promises
     */
    DiskTransaction(MapFiles files, Store store, Entries<K, V> entries, Map<Object, ?> held, Runnable durable) {
        this.files = files;
        this.store = store;
        this.entries = entries;
        this.held = held;
        this.durable = durable;
    }

    @Override
    public boolean isAborted() {
        return aborted;
    }

    @Override
    public @Nullable K conflict() {
        return conflict;
    }

    /** The keys that the attempt has touched. */
    @Override
    public List<K> keys() {
        return accesses.values().stream().map(access -> access.key).toList();
    }

    @Override
    public void end() {
        ended = true;
    }

    // ---- the body

    private Access<K, V> access(K key) {
        if (ended) {
            throw new IllegalStateException("The transaction has ended: use it in the body only");
        }
        K failed = conflict;
        if (failed != null) {
            throw conflict(failed);
        }
        return accesses.computeIfAbsent(
                entries.identity(key), identity -> new Access<>(entries, files.index, key, identity));
    }

    private Transactions.Ended conflict(K key) {
        conflict = key;
        return new Transactions.Ended("conflict");
    }

    private void read(Access<K, V> access) {
        if (access.read) {
            return;
        }
        access.erasures = access.shard.erasures(); // before the look: a key that goes and comes in between is noticed
        Entries.Found<V> found = entries.find(access.hash, access.keyWord, access.keyBytes);
        access.address = found.address();
        access.now = found.value();
        access.read = true;
        for (Access<K, V> earlier : reads) {
            if (!isUnchanged(earlier)) {
                throw conflict(earlier.key);
            }
        }
        if (!held.containsKey(access.identity)) {
            reads.add(access); // else nobody can change it
        }
    }

    private boolean isUnchanged(Access<K, V> access) {
        return entries.addressOf(access.hash, access.keyWord, access.keyBytes) == access.address
                && (access.address != Index.ABSENT || access.shard.erasures() == access.erasures);
    }

    private @Nullable V value(Access<K, V> access) {
        read(access);
        return access.now;
    }

    @Override
    public @Nullable V get(K key) {
        return value(access(key));
    }

    @Override
    public @Nullable V put(K key, V value) {
        Objects.requireNonNull(value, "value");
        return write(access(key), value);
    }

    @Override
    public @Nullable V remove(K key) {
        return write(access(key), null);
    }

    private @Nullable V write(Access<K, V> access, @Nullable V value) {
        V old = value(access);
        access.now = value;
        access.written = true;
        changing = true;
        return old;
    }

    @Override
    public RuntimeException abort() {
        aborted = true;
        throw new Transactions.Ended("aborted");
    }

    // ---- the commit

    /**
     * Writes what the body wrote, and does not wait for a flush.
     *
     * @return false if something that was read has changed
     */
    @Override
    public boolean commit() {
        if (!changing) {
            return true; // the last read has shown that there was a moment when all was so
        }
        List<Commit.Change> changes = new ArrayList<>();
        boolean written = false;
        try {
            for (Access<K, V> access : accesses.values()) {
                if (access.isChange()) {
                    changes.add(change(access));
                }
            }
            Commit commit = new Commit(changes);
            while (!written && conflict == null) {
                Access<K, V> heldByOther = null;
                List<Shard> shards = shards();
                Store.lock(shards);
                try {
                    files.checkWritable();
                    heldByOther = firstHeldByOther();
                    if (heldByOther == null) {
                        conflict = firstChanged();
                        if (conflict == null) {
                            store.apply(commit);
                            written = true;
                        }
                    }
                } finally {
                    Store.unlock(shards);
                }
                if (heldByOther != null && !awaitFree(heldByOther)) {
                    conflict = heldByOther.key; // all keys are known now, and will be taken in order
                    return false;
                }
            }
        } finally {
            if (!written) {
                store.discard(changes);
            }
        }
        return written;
    }

    @Override
    public void written() {
        if (changing) {
            durable.run();
        }
    }

    private Commit.Change change(Access<K, V> access) {
        V value = access.now;
        Commit.Change change = new Commit.Change(
                access.shard,
                access.hash,
                access.keyWord,
                access.keyBytes,
                value != null,
                entries.valueWord(value),
                entries.valueBytes(value));
        change.large = store.storeLarge(change.value);
        return change;
    }

    private List<Shard> shards() {
        Map<Integer, Shard> inOrder = new TreeMap<>();
        for (Access<K, V> access : accesses.values()) {
            inOrder.put(access.shard.index, access.shard);
        }
        return List.copyOf(inOrder.values());
    }

    private @Nullable Access<K, V> firstHeldByOther() {
        for (Access<K, V> access : accesses.values()) {
            if (access.shard.holds != null
                    && !held.containsKey(access.identity)
                    && store.holds.isHeld(access.shard, access.hash, access.keyWord, access.keyBytes)) {
                return access;
            }
        }
        return null;
    }

    private @Nullable K firstChanged() {
        for (Access<K, V> access : accesses.values()) {
            if (access.read && entries.addressOf(access.hash, access.keyWord, access.keyBytes) != access.address) {
                return access.key;
            }
        }
        return null;
    }

    /** Waits for a key that somebody holds; answers false if that would close a circle by the keys that the transaction holds. */
    private boolean awaitFree(Access<K, V> access) {
        access.shard.lock.lock();
        try {
            store.holds.awaitFree(access.shard, access.hash, access.keyWord, access.keyBytes);
            return true;
        } catch (KeyDeadlockException circle) {
            if (held.isEmpty()) {
                throw circle; // one of keys that the thread holds beside the transaction
            }
            return false;
        } finally {
            access.shard.lock.unlock();
        }
    }
}
