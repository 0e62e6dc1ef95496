package io.sherd;

import io.sherd.spi.Hold;
import io.sherd.spi.Waiter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a transaction on a heap map: optimistic reads, and a commit under the locks of all segments concerned.
 *
 * <h2>Reading one state</h2>
 *
 * <p>A read notes the segment, the count in the word of its lock from before the read, and the value. Before it goes on, it
 * looks again at everything noted so far: the count must be the same and the value the very same object. While a count lasts, a
 * value changes once at most: by the writer who has the lock, or by the early write of a function ({@link SegmentLock}). So a
 * value that was there twice under one count was there all the time in between. All these times overlap from the last first
 * look to the first second look, and in that moment the map was in the state that the body sees. A transaction that only read has
 * then committed; it took no lock and waited for nobody.
 *
 * <h2>Committing</h2>
 *
 * <p>The segments of all keys that were read or written are locked, in the order of their hashes, which is one for everybody. If
 * a key is held by somebody, its hold is waited for without any lock, and the commit begins again. When all are locked and no
 * key is held, nothing of what was read can change any more, and if all of it is still what it was, then the state that the
 * body saw is the one of now. The writes follow as one {@link Commit}. To have locked only what is written would not do: the
 * readers of the map look at no lock, and could see a write to what the body read, and then not yet what the body wrote.
 *
 * <p>Segments that must grow for the commit do so before, by the one who has locked them; then the commit goes on with their
 * successors.
 */
@SuppressWarnings("ReferenceEquality") // whether a value is still the object that was read is the question
final class HeapTransaction<K, V> implements Transaction<K, V> {
    /** Ends a body that was aborted, or has seen that it cannot commit. */
    static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Ended(String message) {
            super(message, null, false, false);
        }
    }

    /** What was done with a key. */
    private static final class Access {
        final int hash;
        final Object key;
        boolean read;
        boolean written;

        @Nullable
        Segment segment;

        long word;

        @Nullable
        Object before;

        @Nullable
        Object now;

        Access(int hash, Object key) {
            this.hash = hash;
            this.key = key;
        }

        boolean isChange() {
            return written && !(read && now == null && before == null);
        }
    }

    private final HeapMap<K, V> map;
    private final Map<Object, ?> held;
    private final Map<Object, Access> accesses = new LinkedHashMap<>();
    private final List<Access> reads = new ArrayList<>();
    private boolean ended;
    private boolean aborted;
    private boolean changing;

    /** The key over which the attempt failed. */
    private @Nullable Object conflict;

    /** @param held the keys that this transaction holds, with whatever holds them */
    HeapTransaction(HeapMap<K, V> map, Map<Object, ?> held) {
        this.map = map;
        this.held = held;
    }

    boolean isAborted() {
        return aborted;
    }

    @Nullable
    Object conflict() {
        return conflict;
    }

    /** The keys that the attempt has touched. */
    @SuppressWarnings("unchecked") // only keys of K are ever given
    Collection<K> keys() {
        return (Collection<K>) (Collection<?>) accesses.keySet();
    }

    void end() {
        ended = true;
    }

    // ---- the body

    private Access access(Object key) {
        if (ended) {
            throw new IllegalStateException("The transaction has ended: use it in the body only");
        }
        if (conflict != null) {
            throw conflict(conflict);
        }
        Access access = accesses.get(Objects.requireNonNull(key, "key"));
        if (access == null) {
            access = new Access(map.hash(key), key);
            accesses.put(key, access);
        }
        return access;
    }

    private Ended conflict(Object key) {
        conflict = key;
        return new Ended("conflict");
    }

    private void read(Access access) {
        if (access.read || access.written) {
            return;
        }
        for (; ; ) {
            Segment segment = map.segment(access.hash);
            access.segment = segment;
            if (segment == null) {
                break;
            }
            access.word = segment.state;
            if (SegmentLock.phase(access.word) != SegmentLock.DEAD) {
                access.before = segment.get(access.hash, access.key);
                break;
            }
            Thread.onSpinWait();
        }
        access.read = true;
        access.now = access.before;
        for (Access earlier : reads) {
            if (!isUnchanged(earlier)) {
                throw conflict(earlier.key);
            }
        }
        if (!held.containsKey(access.key)) {
            reads.add(access); // else nobody can change it
        }
    }

    private boolean isUnchanged(Access access) {
        Segment segment = access.segment;
        if (segment == null) {
            return map.segment(access.hash) == null;
        }
        return segment.get(access.hash, access.key) == access.before && segment.isCountOf(access.word);
    }

    @SuppressWarnings("unchecked") // only values of V are ever written
    private @Nullable V value(Access access) {
        read(access);
        return (V) access.now;
    }

    @Override
    public @Nullable V get(K key) {
        return value(access(key));
    }

    @Override
    public Map<K, V> getAll(Collection<? extends K> keys) {
        Map<K, V> found = LinkedHashMap.newLinkedHashMap(keys.size());
        for (K key : keys) {
            V value = get(key);
            if (value != null) {
                found.put(key, value);
            }
        }
        return found;
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

    private @Nullable V write(Access access, @Nullable V value) {
        V old = value(access);
        access.now = value;
        access.written = true;
        changing = true;
        return old;
    }

    @Override
    public @Nullable V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
        Objects.requireNonNull(function, "function");
        Access access = access(key);
        V value = function.apply(key, value(access));
        write(access, value);
        return value;
    }

    @Override
    public RuntimeException abort() {
        aborted = true;
        throw new Ended("aborted");
    }

    // ---- the commit

    /**
     * Writes what the body wrote.
     *
     * @return false if something that was read has changed
     */
    boolean commit() {
        if (!changing) {
            for (Access access : reads) {
                if (!isUnchanged(access)) {
                    conflict = access.key;
                    return false;
                }
            }
            return true;
        }
        List<Access> inOrder = new ArrayList<>(accesses.values());
        inOrder.sort(Comparator.comparingInt(access -> access.hash));
        for (; ; ) {
            List<Segment> locked = new ArrayList<>();
            Access heldByOther = null;
            Waiter waiter = null;
            try {
                heldByOther = lock(inOrder, locked);
                if (heldByOther == null) {
                    for (Access access : inOrder) {
                        if (access.read && current(access, locked) != access.before) {
                            conflict = access.key;
                            return false;
                        }
                    }
                    write(inOrder, locked);
                    return true;
                }
                Hold hold =
                        Objects.requireNonNull(locked.get(locked.size() - 1).holdOf(heldByOther.hash, heldByOther.key));
                if (hold.owner() == Thread.currentThread().threadId()) {
                    throw HeapMap.alreadyHeld(heldByOther.key);
                }
                waiter = Waiter.thread();
                hold.enqueue(waiter);
            } finally {
                locked.forEach(SegmentLock::unlock);
            }
            try {
                map.awaitFree(heldByOther.hash, heldByOther.key, waiter);
            } catch (KeyDeadlockException circle) {
                if (held.isEmpty()) {
                    throw circle; // one of keys that the thread holds beside the transaction
                }
                conflict = heldByOther.key; // all keys are known now, and will be taken in order
                return false;
            }
        }
    }

    /**
     * Locks the segments of all keys, and makes room in them. Answers a key that somebody holds, whose segment is the last of
     * those locked; or null when all is ready.
     */
    private @Nullable Access lock(List<Access> inOrder, List<Segment> locked) {
        for (int from = 0; from < inOrder.size(); ) {
            Access first = inOrder.get(from);
            Segment segment = map.segmentOrNew(first.hash, first.key);
            if (!segment.lock()) {
                continue;
            }
            locked.add(segment);
            int to = from;
            int insertions = 0;
            Object foreign = null;
            for (; to < inOrder.size() && inOrder.get(to).hash < segment.lastHash(); to++) {
                Access access = inOrder.get(to);
                Hold hold = segment.holdOf(access.hash, access.key);
                if (hold != null && hold.owner() != Hold.NOBODY && !held.containsKey(access.key)) {
                    return access;
                }
                if (access.isChange() && access.now != null) {
                    insertions++;
                    if (!segment.accepts(access.key)) {
                        foreign = access.key;
                    }
                }
            }
            if (foreign != null || !segment.hasRoom(insertions)) {
                // If there is no memory for that, the segment is as it was, locked and listed.
                map.grow(segment, foreign != null ? foreign : first.key, insertions);
                if (!segment.isLocked()) {
                    locked.remove(locked.size() - 1);
                    continue;
                }
            }
            from = to;
        }
        return null;
    }

    private static Segment segmentOf(Access access, List<Segment> locked) {
        int low = 0;
        int high = locked.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (locked.get(middle).firstHash() <= access.hash) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return locked.get(low);
    }

    private static @Nullable Object current(Access access, List<Segment> locked) {
        return segmentOf(access, locked).get(access.hash, access.key);
    }

    private static void write(List<Access> inOrder, List<Segment> locked) {
        Map<Object, Object> values = new HashMap<>();
        for (Access access : inOrder) {
            if (access.isChange()) {
                values.put(access.key, Commit.orRemoved(access.now));
            }
        }
        Commit commit = values.size() > 1 ? new Commit(values) : null;
        if (commit != null) {
            locked.forEach(segment -> segment.announce(commit));
            commit.done();
        }
        for (Access access : inOrder) {
            if (access.isChange()) {
                Segment segment = segmentOf(access, locked);
                KeyHold own = segment.holdOf(access.hash, access.key);
                if (own != null) {
                    segment.settle(own);
                }
                HeapMap.set(segment, access.hash, access.key, access.now);
            }
        }
        if (commit != null) {
            locked.forEach(segment -> segment.takeBack(commit));
        }
    }
}
