package io.sherd;

import io.sherd.spi.Hold;
import io.sherd.spi.Transactions;
import io.sherd.spi.Waiter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a transaction on a heap map: optimistic reads, and a commit under the locks of all segments concerned.
 *
 * <h2>Reading one state</h2>
 *
 * <p>A read notes the segment, the count in the word of its lock from before the read, and the value. Before it goes on, it
 * looks again at everything noted so far: the count must be the same and the value the very same object, or number. While a count lasts, a
 * value changes once at most: by the writer who has the lock, or by the early write of a function ({@link SegmentLock}). So a
 * value that was there twice under one count was there all the time in between. All these times overlap from the last first
 * look to the first second look, and in that moment the map was in the state that the body sees. A transaction that only read has
 * then committed; it took no lock and waited for nobody.
 *
 * <p>Where the word was FREE and no hold was written down, before the read and after it, there was nobody who could write. Then the
 * same word at a later look says that there was nobody since either, an early write included: who still owes one has a hold that is
 * written down. So the value is not looked for again, and under the lock the slot is still the key's. Where nobody has touched a
 * segment, it must be so at both looks, and no segment of the map dropped in between.
 *
 * <h2>Committing</h2>
 *
 * <p>The segments of all keys that were read or written are locked, in the order of their hashes, which is one for everybody. If
 * a key is held by somebody, its hold is waited for without any lock, and the commit begins again. When all are locked and no
 * key is held, nothing of what was read can change any more, and if all of it is still what it was, then the state that the
 * body saw is the one of now. The writes follow as one {@link Commit}. To have locked only what is written would not do: the
 * readers of the map look at no lock, and could see a write to what the body read, and then not yet what the body wrote.
 *
 * <p>The transaction is the commit that is announced: readers who find it ask {@link #valueOf}, and nothing of it is written any more
 * from its announcement on.
 *
 * <p>Segments that must grow for the commit, or be copied since a snapshot has them, are replaced before, by the one who has locked
 * them; then the commit goes on with their successors. As it has several locks, it cannot wait for who cuts a snapshot while it takes
 * another: it gives all back and begins again.
 */
@SuppressWarnings("ReferenceEquality") // whether a value is still the object that was read is the question
final class HeapTransaction<K, V> extends Commit implements Transactions.Attempt<K, V> {
    /** What was done with a key. */
    private static final class Access {
        final int hash;
        final Object key;
        boolean read;
        boolean written;

        /** Whether the key is held by the transaction, so that nobody can change it. */
        boolean held;

        /** Whether the word was FREE and no hold was written down as the key was read: then an equal word says all. */
        boolean quiet;

        /** Where the value was found, if it was quiet. */
        int slot;

        @Nullable
        Segment segment;

        /** The word of the segment's lock; where there is no segment, how many were dropped. */
        long word;

        /** In the commit, the segment that is locked for this key. */
        @Nullable
        Segment locked;

        @Nullable
        Object before;

        @Nullable
        Object now;

        Access(int hash, Object key) {
            this.hash = hash;
            this.key = key;
        }

        boolean isChange() {
            return written && !(now == null && before == null);
        }

        Segment locked() {
            return Objects.requireNonNull(locked);
        }
    }

    /** Up to so many keys are looked for one by one. */
    private static final int FEW = 8;

    private final HeapMap<K, V> map;
    private final @Nullable Map<Object, ?> held;
    private @Nullable Access[] accesses = new @Nullable Access[4];
    private int size;

    /** The accesses by their keys, if there are more than a few. */
    private @Nullable Map<Object, Access> index;

    private boolean ended;
    private boolean aborted;
    private boolean changing;
    private boolean steppingAside;

    /** In the commit, the number of accesses whose segments are locked. */
    private int lockedTo;

    /** The key over which the attempt failed. */
    private @Nullable Object conflict;

    /** @param held the keys that this transaction holds, with whatever holds them */
    HeapTransaction(HeapMap<K, V> map, Map<Object, ?> held) {
        this.map = map;
        this.held = held.isEmpty() ? null : held;
    }

    @Override
    public boolean isAborted() {
        return aborted;
    }

    @Override
    @SuppressWarnings("unchecked") // only keys of K are ever given
    public @Nullable K conflict() {
        return (K) conflict;
    }

    /** The keys that the attempt has touched. */
    @Override
    @SuppressWarnings("unchecked") // only keys of K are ever given
    public Collection<K> keys() {
        List<K> keys = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            keys.add((K) at(i).key);
        }
        return keys;
    }

    @Override
    public void end() {
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
        int hash = map.hash(Objects.requireNonNull(key, "key"));
        Access access = find(hash, key);
        return access != null ? access : add(new Access(hash, key));
    }

    private Access at(int i) {
        return Objects.requireNonNull(accesses[i]);
    }

    private @Nullable Access find(int hash, Object key) {
        if (index != null) {
            return index.get(key);
        }
        for (int i = 0; i < size; i++) {
            Access access = at(i);
            if (access.hash == hash && Segment.isKey(access.key, key)) {
                return access;
            }
        }
        return null;
    }

    private Access add(Access access) {
        if (size == accesses.length) {
            accesses = Arrays.copyOf(accesses, 2 * size);
        }
        accesses[size++] = access;
        if (index != null) {
            index.put(access.key, access);
        } else if (size > FEW) {
            index = new HashMap<>();
            for (int i = 0; i < size; i++) {
                index.put(at(i).key, at(i));
            }
        }
        access.held = held != null && held.containsKey(access.key);
        return access;
    }

    private Transactions.Ended conflict(Object key) {
        conflict = key;
        return new Transactions.Ended("conflict");
    }

    private void read(Access access) {
        if (access.read) {
            return;
        }
        Segment segment;
        for (; ; ) {
            access.word = map.dropped(); // before the look: a segment that comes and goes in between is noticed
            segment = map.segment(access.hash);
            access.segment = segment;
            if (segment == null || readIn(segment, access)) {
                break;
            }
            Thread.onSpinWait();
        }
        access.read = true;
        access.now = access.before;
        for (int i = 0; i < size; i++) {
            Access earlier = at(i);
            if (earlier.read && earlier != access && !isUnchanged(earlier)) {
                throw conflict(earlier.key);
            }
        }
    }

    /** Answers false if the segment was replaced. */
    private boolean readIn(Segment segment, Access access) {
        long word = segment.state;
        access.word = word;
        if (SegmentLock.phase(word) == SegmentLock.FREE && segment.isPlainAcquire()) {
            int slot = segment.slotOf(access.hash, access.key);
            Object value = slot < 0 ? null : segment.valueAcquire(slot);
            if (segment.state == word) {
                access.quiet = true;
                access.slot = slot;
                access.before = value;
                return true;
            }
        }
        access.word = segment.state;
        if (SegmentLock.phase(access.word) == SegmentLock.DEAD) {
            return false;
        }
        access.before = segment.get(access.hash, access.key);
        return true;
    }

    private boolean isUnchanged(Access access) {
        if (access.held) {
            return true;
        }
        Segment segment = access.segment;
        if (segment == null) {
            return map.segment(access.hash) == null && map.dropped() == access.word;
        }
        return (access.quiet && segment.state == access.word)
                || (Segment.isSame(segment.get(access.hash, access.key), access.before)
                        && segment.isCountOf(access.word));
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
    public RuntimeException abort() {
        aborted = true;
        throw new Transactions.Ended("aborted");
    }

    // ---- the commit

    /**
     * Writes what the body wrote.
     *
     * @return false if something that was read has changed
     */
    @Override
    public boolean commit() {
        if (!changing) {
            for (int i = 0; i < size; i++) {
                if (!isUnchanged(at(i))) {
                    conflict = at(i).key;
                    return false;
                }
            }
            return true;
        }
        sort();
        for (; ; ) {
            Access heldByOther = null;
            Waiter waiter = null;
            boolean aside = false;
            lockedTo = 0;
            try {
                heldByOther = lock();
                aside = steppingAside;
                if (aside) {
                    continue;
                }
                if (heldByOther == null) {
                    for (int i = 0; i < size; i++) {
                        if (at(i).read && hasChanged(at(i))) {
                            conflict = at(i).key;
                            return false;
                        }
                    }
                    write();
                    return true;
                }
                Hold hold = Objects.requireNonNull(heldByOther.locked().holdOf(heldByOther.hash, heldByOther.key));
                if (hold.owner() == Thread.currentThread().threadId()) {
                    throw HeapMap.alreadyHeld(heldByOther.key);
                }
                waiter = Waiter.thread();
                hold.enqueue(waiter);
            } finally {
                unlock();
                if (aside) {
                    map.epochs.awaitLowered();
                }
            }
            try {
                map.awaitFree(heldByOther.hash, heldByOther.key, waiter);
            } catch (KeyDeadlockException circle) {
                if (held == null) {
                    throw circle; // one of keys that the thread holds beside the transaction
                }
                conflict = heldByOther.key; // all keys are known now, and will be taken in order
                return false;
            }
        }
    }

    /** Brings the accesses into the order of their hashes. They are not looked for after this. */
    private void sort() {
        if (size > FEW) {
            Arrays.sort(accesses, 0, size, Comparator.comparingInt(access -> access.hash));
            return;
        }
        for (int i = 1; i < size; i++) {
            Access access = at(i);
            int to = i;
            for (; to > 0 && at(to - 1).hash > access.hash; to--) {
                accesses[to] = accesses[to - 1];
            }
            accesses[to] = access;
        }
    }

    /**
     * Locks the segments of all keys, and makes room in them; {@link #lockedTo} says how far it has come. Answers a key that
     * somebody holds, or null when all is ready, or when it must step aside for who cuts a snapshot ({@link Epochs}).
     */
    private @Nullable Access lock() {
        steppingAside = false;
        for (int from = 0; from < size; ) {
            Access first = at(from);
            Segment segment = map.segmentOrNew(first.hash, first.key, first.now);
            if (!segment.seize()) {
                continue;
            }
            first.locked = segment;
            lockedTo = from + 1;
            if (!segment.mayGoOn()) {
                steppingAside = true;
                return null;
            }
            int insertions = 0;
            boolean changes = false;
            Access foreign = null;
            Access insertion = first;
            int to = from;
            for (; to < size && at(to).hash < segment.lastHash(); to++) {
                Access access = at(to);
                access.locked = segment;
                lockedTo = to + 1;
                Hold hold = access.held ? null : segment.holdOf(access.hash, access.key);
                if (hold != null && hold.owner() != Hold.NOBODY) {
                    return access;
                }
                changes |= access.isChange();
                if (access.isChange() && access.now != null) {
                    insertions++;
                    insertion = access;
                    if (!segment.accepts(access.key, access.now)) {
                        foreign = access;
                    }
                }
            }
            if (foreign != null || !segment.hasRoom(insertions)) {
                // If there is no memory for that, the segment is as it was, locked and noted.
                Access one = foreign != null ? foreign : insertion;
                map.grow(segment, one.key, one.now, insertions);
                if (!segment.isLocked()) {
                    lockedTo = from;
                    continue;
                }
            }
            if (changes && segment.isStale() && !map.freshen(segment)) {
                lockedTo = from;
                continue;
            }
            from = to;
        }
        return null;
    }

    /** Gives all locks back, the last with a full fence. */
    private void unlock() {
        Segment last = null;
        for (int i = 0; i < lockedTo; i++) {
            Segment segment = at(i).locked();
            if (segment != last) {
                if (last != null) {
                    last.unlockRelease();
                }
                last = segment;
            }
        }
        if (last != null) {
            last.unlock();
        }
    }

    /** With its segment locked, whether a key has another value than the body saw. */
    private static boolean hasChanged(Access access) {
        Segment segment = access.locked();
        if (access.quiet && segment == access.segment && segment.isUnchangedSince(access.word)) {
            return false;
        }
        access.quiet = false;
        return !Segment.isSame(segment.get(access.hash, access.key), access.before);
    }

    private void write() {
        int changes = 0;
        for (int i = 0; i < size; i++) {
            if (at(i).isChange()) {
                changes++;
            }
        }
        boolean several = changes > 1;
        if (several) {
            announce();
        }
        for (int i = 0; i < size; i++) {
            Access access = at(i);
            if (access.isChange()) {
                write(access);
            }
        }
        if (several) {
            takeBack();
        }
    }

    private static void write(Access access) {
        Segment segment = access.locked();
        if (access.quiet && access.slot >= 0 && access.now != null) {
            segment.setValue(access.slot, access.now);
            return;
        }
        KeyHold own = segment.holdOf(access.hash, access.key);
        if (own != null) {
            segment.settle(own);
        }
        HeapMap.set(segment, access.hash, access.key, access.now);
    }

    /** Announces the commit in the segments where it changes something, up to its instant. */
    private void announce() {
        Segment last = null;
        for (int i = 0; i < size; i++) {
            Access access = at(i);
            if (access.isChange() && access.locked != last) {
                last = access.locked();
                last.announce(this);
            }
        }
        done();
    }

    private void takeBack() {
        Segment last = null;
        for (int i = 0; i < size; i++) {
            Access access = at(i);
            if (access.isChange() && access.locked != last) {
                last = access.locked();
                last.takeBack(this);
            }
        }
    }

    @Override
    @Nullable
    Object valueOf(int hash, Object key) {
        int low = 0;
        for (int high = size; low < high; ) {
            int middle = (low + high) >>> 1;
            if (at(middle).hash < hash) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (; low < size && at(low).hash == hash; low++) {
            Access access = at(low);
            if (access.isChange() && key.equals(access.key)) {
                return orRemoved(access.now);
            }
        }
        return null;
    }
}
