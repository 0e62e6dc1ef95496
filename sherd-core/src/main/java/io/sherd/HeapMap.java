package io.sherd;

import io.sherd.spi.HeldEntries;
import io.sherd.spi.HeldEntry;
import io.sherd.spi.HeldKeys;
import io.sherd.spi.Hold;
import io.sherd.spi.Transactions;
import io.sherd.spi.Waiter;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamException;
import java.io.Serializable;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The map on the heap: single-key operations over the segments of the {@link SegmentDirectory}.
 *
 * <p>A write looks for its slot before it locks the segment, so that the cache misses of the search fall outside the lock,
 * and looks again under the lock only if the segment changed in a way that matters. Functions run under a hold, never
 * under the lock; values are compared outside the lock, too, and then written if they are still the same object, or the same number.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@SuppressWarnings("ReferenceEquality") // what a function left unchanged is one object
sealed class HeapMap<K, V> extends SegmentDirectory<K, V> implements Serializable permits HashedHeapMap {
    private static final long serialVersionUID = 1L;

    /** What a write does where it finds the key, and where not. Those before {@code REPLACE} add an absent key. */
    private static final int PUT = 0;

    private static final int PUT_IF_ABSENT = 1;
    private static final int REPLACE = 2;
    private static final int REMOVE = 3;

    /** Replaces or removes if the value is the very object expected, or the same number. */
    private static final int SWAP = 4;

    /** Which function a hold is for. */
    private static final int COMPUTE = 0;

    private static final int COMPUTE_IF_ABSENT = 1;
    private static final int COMPUTE_IF_PRESENT = 2;
    private static final int MERGE = 3;

    /** What {@link #compute} hands to {@link #finish} when the function threw. */
    private static final Object UNCHANGED = new Object();

    private final transient Transactions<K, V> transactions =
            new Transactions<>(held -> new HeapTransaction<>(this, held), this::hold);
    private final transient HeapSnapshots<K, V> snapshots;

    HeapMap(
            int shards,
            int earlyShards,
            int maxShards,
            long initialCapacity,
            boolean ownHashes,
            SnapshotMode snapshotMode,
            int keepVersions) {
        super(shards, earlyShards, maxShards, initialCapacity, ownHashes);
        this.snapshots = new HeapSnapshots<>(snapshotMode, keepVersions);
    }

    /** A map with a hasher, or without. */
    static <K, V> HeapMap<K, V> create(
            int shards,
            int earlyShards,
            int maxShards,
            long initialCapacity,
            @Nullable ToIntFunction<? super K> hasher,
            SnapshotMode snapshotMode,
            int keepVersions) {
        return hasher == null
                ? new HeapMap<>(shards, earlyShards, maxShards, initialCapacity, true, snapshotMode, keepVersions)
                : new HashedHeapMap<>(
                        shards, earlyShards, maxShards, initialCapacity, hasher, snapshotMode, keepVersions);
    }

    /** Lets shards whose locks are waited for split, up to a number of them; before anybody else sees this. */
    HeapMap<K, V> adaptingTo(int mostShards) {
        if (mostShards > 0) {
            epochs.adaptivity = new Adaptivity(this, mostShards);
        }
        return this;
    }

    int hash(Object key) {
        return Segment.spread(key.hashCode());
    }

    /** The function that hash codes come from, or null if they are the keys' own. */
    @Nullable
    ToIntFunction<? super K> hasher() {
        return null;
    }

    // ---- single keys, no function

    @Override
    @SuppressWarnings("unchecked") // only values of V are ever put
    public @Nullable V get(Object key) {
        int hash = hash(key);
        Segment segment = segment(hash);
        return segment == null ? null : (V) segment.get(hash, key);
    }

    @Override
    @SuppressWarnings("unchecked")
    public V getOrDefault(Object key, V defaultValue) {
        V value = get(key);
        return value == null ? defaultValue : value;
    }

    @Override
    public @Nullable V put(K key, V value) {
        return write(PUT, hash(key), key, null, Objects.requireNonNull(value, "value"));
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
        Objects.requireNonNull(value, "value");
        int hash = hash(key);
        V present = read(hash, key);
        return present != null ? present : write(PUT_IF_ABSENT, hash, key, null, value);
    }

    @Override
    public @Nullable V replace(K key, V value) {
        return write(REPLACE, hash(key), key, null, Objects.requireNonNull(value, "value"));
    }

    @Override
    public @Nullable V remove(Object key) {
        return write(REMOVE, hash(key), key, null, null);
    }

    @Override
    public boolean remove(Object key, @Nullable Object value) {
        int hash = hash(key);
        return value != null && value.equals(exchange(hash, key, value, null));
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        Objects.requireNonNull(oldValue, "oldValue");
        Objects.requireNonNull(newValue, "newValue");
        int hash = hash(key);
        return oldValue.equals(exchange(hash, key, oldValue, newValue));
    }

    @Override
    public @Nullable V compareAndExchange(K key, @Nullable V expected, @Nullable V update) {
        int hash = hash(key);
        return exchange(hash, key, expected, update);
    }

    @SuppressWarnings("unchecked")
    private @Nullable V read(int hash, Object key) {
        return (V) valueOf(hash, key);
    }

    @Nullable
    Object valueOf(int hash, Object key) {
        Segment segment = segment(hash);
        return segment == null ? null : segment.get(hash, key);
    }

    private @Nullable V exchange(int hash, Object key, @Nullable Object expected, @Nullable Object update) {
        for (; ; ) {
            V witness = read(hash, key);
            if (expected == null) {
                if (witness != null || update == null) {
                    return witness;
                }
                return write(PUT_IF_ABSENT, hash, key, null, update);
            }
            if (witness == null || !expected.equals(witness)) {
                return witness;
            }
            if (Segment.isSame(write(SWAP, hash, key, witness, update), witness)) {
                return witness;
            }
        }
    }

    /**
     * One write of one key.
     *
     * @param operation what to do
     * @param expected for SWAP, what must be there
     * @param value the value to write; null to remove
     * @return the value before
     */
    @SuppressWarnings("unchecked")
    private @Nullable V write(int operation, int hash, Object key, @Nullable Object expected, @Nullable Object value) {
        Waiter waiter = null;
        try {
            for (; ; ) {
                Segment segment = segment(hash);
                if (segment == null) {
                    if (operation >= REPLACE) {
                        return null;
                    }
                    segment = segmentOrNew(hash, key, value);
                }
                long before = segment.state;
                int stamp = segment.stampAcquire();
                int slot = segment.slotOf(hash, key);
                if (slot < 0
                        && operation >= REPLACE
                        && SegmentLock.phase(before) == SegmentLock.FREE
                        && segment.hasNoHoldsAcquire()
                        && segment.overflow == null
                        && segment.state == before) {
                    return null; // not even held, since the lock was free all the time
                }
                if (slot < Segment.ABSENT && !segment.touch(slot)) {
                    slot = Segment.ABSENT;
                }
                if (!segment.lock()) {
                    continue;
                }
                KeyHold hold = null;
                boolean own = false;
                try {
                    if (slot >= 0 ? segment.stamp != stamp : !segment.isUnchangedSince(before)) {
                        slot = segment.slotOf(hash, key);
                    }
                    hold = segment.holdOf(hash, key);
                    if (hold == null || isFree(hold, waiter)) {
                        @Nullable Object[] cell = null;
                        if (slot < 0) {
                            cell = segment.overflowCell(hash, key);
                            if (cell == null) {
                                if (operation >= REPLACE) {
                                    return null;
                                }
                                if (segment.hasRoom() && segment.accepts(key, value)) {
                                    if (segment.isStale() && !freshen(segment)) {
                                        continue;
                                    }
                                    segment.insert(hash, key, Objects.requireNonNull(value), slot);
                                    return null;
                                }
                                grow(segment, key, value);
                                continue;
                            }
                        }
                        Object old = cell != null ? cell[0] : segment.valueAt(slot);
                        if (operation == PUT_IF_ABSENT || (operation == SWAP && !Segment.isSame(old, expected))) {
                            return (V) old;
                        }
                        if (segment.isStale() && !freshen(segment)) {
                            continue;
                        }
                        if (value == null) {
                            remove(segment, hash, slot, cell, key);
                        } else if (cell != null) {
                            Segment.setElementRelease(cell, 0, value);
                        } else if (segment.acceptsValue(value)) {
                            segment.setValue(slot, value);
                        } else {
                            grow(segment, key, value);
                            continue;
                        }
                        return (V) old;
                    }
                    KeyHold busy = hold;
                    hold = null;
                    own = busy.isMine();
                    if (!own) {
                        waiter = queue(busy, waiter);
                    }
                } finally {
                    try {
                        if (hold != null && waiter != null && segment.isLocked()) {
                            segment.passOn(hold);
                        }
                    } finally {
                        // Not a call: where the stack has run out, it would fail and the lock be lost.
                        if ((segment.state & SegmentLock.PHASE) == SegmentLock.LOCKED) {
                            segment.state = (segment.state | SegmentLock.PHASE) + 1;
                        }
                    }
                }
                if (own) {
                    throw alreadyHeld(key);
                }
                Objects.requireNonNull(waiter).await();
            }
        } catch (Throwable failure) {
            if (waiter != null) {
                abandon(hash, key, waiter);
            }
            throw failure;
        }
    }

    /** Whether a hold does not stand in the way of somebody, who waited for it or did not wait. */
    private static boolean isFree(KeyHold hold, @Nullable Waiter waiter) {
        return isFree(hold, waiter, Thread.currentThread().threadId());
    }

    private static boolean isFree(KeyHold hold, @Nullable Waiter waiter, long owner) {
        return hold.isFreeFor(owner, waiter);
    }

    private static Waiter queue(KeyHold hold, @Nullable Waiter again) {
        Waiter waiter = again == null ? Waiter.thread() : again;
        hold.enqueue(waiter);
        return waiter;
    }

    /** Takes somebody who waits no longer out of the queue, or gives on what it was woken for. */
    private void abandon(int hash, Object key, Waiter waiter) {
        for (; ; ) {
            Segment segment = segment(hash);
            if (segment == null) {
                return;
            }
            if (segment.lock()) {
                try {
                    KeyHold hold = segment.holdOf(hash, key);
                    if (hold != null && hold.abandon(waiter)) {
                        segment.dropHold(hold);
                    }
                    return;
                } finally {
                    segment.state = (segment.state | SegmentLock.PHASE) + 1;
                }
            }
        }
    }

    /** Removes an entry that nobody else holds. */
    private static void remove(Segment segment, int hash, int slot, @Nullable Object @Nullable [] cell, Object key) {
        if (cell == null) {
            segment.remove(slot);
        } else {
            segment.removeCell(hash, key, cell);
        }
    }

    static IllegalStateException alreadyHeld(Object key) {
        return new IllegalStateException("The calling thread already holds key " + key
                + ": until the function that holds it has returned, or its LockedEntry is closed, the key is written"
                + " through these only");
    }

    // ---- functions, under a hold

    @Override
    public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> mappingFunction) {
        Objects.requireNonNull(mappingFunction, "mappingFunction");
        int hash = hash(key);
        V present = read(hash, key);
        return present != null ? present : compute(COMPUTE_IF_ABSENT, hash, key, null, mappingFunction);
    }

    @Override
    public @Nullable V computeIfPresent(
            K key, BiFunction<? super K, ? super V, ? extends @Nullable V> remappingFunction) {
        Objects.requireNonNull(remappingFunction, "remappingFunction");
        return compute(COMPUTE_IF_PRESENT, hash(key), key, null, remappingFunction);
    }

    @Override
    public @Nullable V compute(
            K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> remappingFunction) {
        Objects.requireNonNull(remappingFunction, "remappingFunction");
        return compute(COMPUTE, hash(key), key, null, remappingFunction);
    }

    @Override
    public @Nullable V merge(
            K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> remappingFunction) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(remappingFunction, "remappingFunction");
        return compute(MERGE, hash(key), key, value, remappingFunction);
    }

    /** The way of nearly all functions of present keys, as {@link #lockEntry} is for holds. */
    @SuppressWarnings("unchecked") // only values of V are ever put
    private @Nullable V compute(int kind, int hash, K key, @Nullable V value, Object function) {
        Segment segment = segment(hash);
        if (segment != null && kind != COMPUTE_IF_ABSENT) {
            long before = segment.state;
            int slot = segment.slotOf(hash, key);
            if (slot >= 0) {
                V old = (V)
                        (segment.entries.length
                                        == 0 // here: in valueAcquire the compiler counts all tables, small ones too
                                ? ((WordSegment) segment).boxAcquire(slot)
                                : segment.valueAcquire(slot));
                if (segment.takePresent(before, slot, Thread.currentThread().threadId())) {
                    // In this method as in computeOrWait: the stack could run out in a call before its try, and the
                    // key stay held.
                    long ticket = SegmentLock.ticketOfPresent(before);
                    Object result = UNCHANGED;
                    try {
                        V computed = call(kind, function, key, old, value);
                        result = computed;
                        return computed;
                    } finally {
                        // in line for nearly all; else end tries it once more, which does no harm
                        if (result == null || result == UNCHANGED || !segment.tryReplace(ticket, slot, result)) {
                            end(segment, ticket, hash, key, slot, null, result);
                        }
                    }
                }
            }
        }
        return computeOrWait(kind, hash, key, value, function);
    }

    @SuppressWarnings("unchecked") // the kind says what the function is
    private @Nullable V call(int kind, Object function, K key, @Nullable V old, @Nullable V value) {
        return switch (kind) {
            case COMPUTE_IF_ABSENT -> ((Function<K, V>) function).apply(key);
            case MERGE -> ((BiFunction<@Nullable V, @Nullable V, V>) function).apply(old, value);
            default -> ((BiFunction<K, @Nullable V, V>) function).apply(key, old);
        };
    }

    @SuppressWarnings("unchecked")
    private @Nullable V computeOrWait(int kind, int hash, K key, @Nullable V value, Object function) {
        Waiter waiter = null;
        long owner = Thread.currentThread().threadId();
        try {
            for (; ; ) {
                Segment segment = segment(hash);
                if (segment == null) {
                    if (kind == COMPUTE_IF_PRESENT) {
                        return null;
                    }
                    segment = segmentOrNew(hash, key, value);
                }
                long before = segment.state;
                int stamp = segment.stampAcquire();
                int slot = segment.slotOf(hash, key);
                if (slot < Segment.ABSENT && !segment.touch(slot)) {
                    slot = Segment.ABSENT;
                }
                if (!segment.lock()) {
                    continue;
                }
                long ticket = 0;
                V old = null;
                @Nullable Object[] cell = null;
                KeyHold hold = null;
                boolean locked = true;
                boolean own = false;
                try {
                    if (slot >= 0 ? segment.stamp != stamp : !segment.isUnchangedSince(before)) {
                        slot = segment.slotOf(hash, key);
                    }
                    if (slot >= 0) {
                        old = (V) segment.valueAt(slot);
                    } else {
                        cell = segment.overflowCell(hash, key);
                        old = cell == null ? null : (V) cell[0];
                    }
                    hold = segment.holdOf(hash, key);
                    if (hold != null && !isFree(hold, waiter)) {
                        KeyHold busy = hold;
                        hold = null;
                        own = busy.isMine();
                        if (!own) {
                            waiter = queue(busy, waiter);
                        }
                    } else if (old == null ? kind == COMPUTE_IF_PRESENT : kind == COMPUTE_IF_ABSENT) {
                        return old;
                    } else if (old == null && !(segment.hasRoom() && segment.accepts(key, value))) {
                        grow(segment, key, value); // the value of a merge; that of a function is not known yet
                        continue;
                    } else if (old == null && kind == MERGE && segment.isStale() && !freshen(segment)) {
                        continue;
                    } else if (old == null && kind == MERGE) {
                        segment.insert(hash, key, Objects.requireNonNull(value), slot);
                        return value;
                    } else if (hold != null) {
                        hold.take(owner);
                        waiter = null;
                    } else {
                        waiter = null;
                        ticket = segment.suspend(slot, hash, key, owner);
                        locked = false;
                    }
                } finally {
                    try {
                        if (hold != null && waiter != null && segment.isLocked()) {
                            segment.passOn(hold);
                        }
                    } finally {
                        // Not a call: where the stack has run out, it would fail and the lock be lost.
                        if (locked && (segment.state & SegmentLock.PHASE) == SegmentLock.LOCKED) {
                            segment.state = (segment.state | SegmentLock.PHASE) + 1;
                        }
                    }
                }
                if (own) {
                    throw alreadyHeld(key);
                }
                if (waiter != null) {
                    waiter.await();
                    continue;
                }

                Object result = UNCHANGED;
                try {
                    V computed = call(kind, function, key, old, value);
                    result = computed;
                    return computed;
                } finally {
                    if (hold != null || !finish(segment, ticket, hash, key, slot, cell, result)) {
                        finishHeld(hash, key, result, false);
                    }
                }
            }
        } catch (Throwable failure) {
            if (waiter != null) {
                abandon(hash, key, waiter);
            }
            throw failure;
        }
    }

    /** Writes the result of a hold that nobody noticed, and ends it; answers false if somebody did notice. */
    private static boolean finish(
            Segment segment,
            long ticket,
            int hash,
            Object key,
            int slot,
            @Nullable Object @Nullable [] cell,
            @Nullable Object result) {
        if (slot >= 0 && result != null) {
            // The same object is written too: a reader must see what the function did to it.
            return result == UNCHANGED ? segment.tryGiveUp(ticket) : segment.tryReplace(ticket, slot, result);
        }
        boolean isAbsent = slot < 0 && cell == null;
        boolean isInsertion = isAbsent && result != null && result != UNCHANGED;
        if (!segment.resume(ticket, !isInsertion || segment.accepts(key, result))) {
            return false;
        }
        try {
            if (result == UNCHANGED) {
                return true;
            }
            if (isAbsent) {
                if (result != null) {
                    segment.insert(hash, key, result, slot);
                }
            } else if (result == null) {
                remove(segment, hash, slot, cell, key);
            } else if (cell != null) {
                Segment.setElementRelease(cell, 0, result);
            }
        } finally {
            segment.state = (segment.state | SegmentLock.PHASE) + 1;
        }
        return true;
    }

    /** Writes the result of a hold that is written down, and gives it on unless it is to be kept. */
    void finishHeld(int hash, Object key, @Nullable Object result, boolean keep) {
        retry:
        for (; ; ) {
            Segment segment = segmentOrNew(hash, key, result == UNCHANGED ? null : result);
            if (!segment.lock()) {
                continue;
            }
            KeyHold hold = null;
            try {
                hold = segment.holdOf(hash, key);
                if (hold == null) {
                    throw new AssertionError("The hold of key " + key + " is gone: do its equals and hashCode change?");
                }
                segment.settle(hold);
                if (result != UNCHANGED && segment.isStale() && !freshen(segment)) {
                    continue;
                }
                while (result != UNCHANGED && !set(segment, hash, key, result)) {
                    grow(segment, key, result); // if there is no memory for that, the hold goes all the same
                    if (!segment.isLocked()) {
                        continue retry;
                    }
                }
                return;
            } finally {
                try {
                    // where there is no memory to put a value that was written early into its place, the key stays held
                    if (hold != null && !keep && !hold.mayBeWritten() && segment.isLocked()) {
                        segment.passOn(hold);
                    }
                } finally {
                    if ((segment.state & SegmentLock.PHASE) == SegmentLock.LOCKED) {
                        segment.state = (segment.state | SegmentLock.PHASE) + 1;
                    }
                }
            }
        }
    }

    /** Gives a key a value, or none, whatever it had; answers false if there is no room. */
    static boolean set(Segment segment, int hash, Object key, @Nullable Object value) {
        int slot = segment.slotOf(hash, key);
        @Nullable Object[] cell = slot >= 0 ? null : segment.overflowCell(hash, key);
        if (slot < 0 && cell == null) {
            if (value != null) {
                if (!segment.hasRoom() || !segment.accepts(key, value)) {
                    return false;
                }
                segment.insert(hash, key, value, slot);
            }
        } else if (value == null) {
            remove(segment, hash, slot, cell, key);
        } else if (cell != null) {
            Segment.setElementRelease(cell, 0, value);
        } else if (segment.acceptsValue(value)) {
            segment.setValue(slot, value);
        } else {
            return false;
        }
        return true;
    }

    // ---- keys held across statements

    @Override
    public LockedEntry<K, V> lock(K key) {
        return lockEntry(key);
    }

    /**
     * The way of nearly all: the key is present, and nobody is in the way. Small enough to be compiled into its callers, and the
     * entry is made in one place, so that the compiler can do without the object.
     */
    @SuppressWarnings("unchecked") // only values of V are ever put
    private HeapEntry<K, V> lockEntry(K key) {
        int hash = hash(key);
        long owner = Thread.currentThread().threadId();
        Segment segment = segment(hash);
        long before = 0;
        int slot = Segment.ABSENT;
        V value = null;
        boolean isNumber = false;
        long number = 0;
        boolean isInt = false;
        if (segment != null) {
            before = segment.state;
            slot = segment.slotOf(hash, key);
            if (slot >= 0) {
                isNumber = segment.entries.length == 0;
                if (isNumber) {
                    // no mark: either no hold is written down, or the key is not taken here
                    number = WordSegment.numberAcquire(segment.small, segment.wide, slot);
                    isInt = segment.intValues;
                } else {
                    value = (V) segment.valueAcquire(slot);
                }
            }
        }
        long ticket = SegmentLock.ticketOfPresent(before);
        @Nullable Object[] cell = null;
        if (slot < 0 || segment == null || !segment.takePresent(before, slot, owner)) {
            HeapEntry<K, V> other = lockOrWait(hash, key, owner);
            segment = other.segment;
            ticket = other.ticket;
            slot = other.slot;
            cell = other.cell;
            value = other.before();
            isNumber = false;
        }
        try {
            return new HeapEntry<>(this, hash, key, value, isNumber, number, isInt, segment, ticket, slot, cell);
        } catch (Throwable noMemory) {
            leave(segment, ticket, hash, key, slot, cell);
            throw noMemory;
        }
    }

    /** Gives a key back of which there is no entry. */
    private void leave(
            @Nullable Segment segment, long ticket, int hash, K key, int slot, @Nullable Object @Nullable [] cell) {
        if (segment == null || ticket == HeapEntry.WRITTEN_DOWN || !segment.tryGiveUp(ticket)) {
            release(segment, ticket, hash, key, slot, cell, false, null);
        }
    }

    private HeapEntry<K, V> lockOrWait(int hash, K key, long owner) {
        HeapEntry<K, V> entry = acquire(hash, key, owner, null, false);
        return entry != null ? entry : lockSlow(hash, key, owner);
    }

    private HeapEntry<K, V> lockSlow(int hash, K key, long owner) {
        Waiter waiter = Waiter.thread();
        try {
            for (; ; ) {
                HeapEntry<K, V> entry = acquire(hash, key, owner, waiter, true);
                if (entry != null) {
                    return entry;
                }
                waiter.await();
            }
        } catch (Throwable failure) {
            abandon(hash, key, waiter);
            throw failure;
        }
    }

    @Override
    public @Nullable LockedEntry<K, V> tryLock(K key) {
        return acquire(hash(key), key, Thread.currentThread().threadId(), null, false);
    }

    @Override
    public @Nullable LockedEntry<K, V> tryLock(K key, Duration wait) throws InterruptedException {
        int hash = hash(key);
        long nanos = nanosOf(wait);
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before waiting for key " + key);
        }
        long owner = Thread.currentThread().threadId();
        HeapEntry<K, V> entry = acquire(hash, key, owner, null, false);
        if (entry != null || nanos <= 0) {
            return entry;
        }
        long deadline = System.nanoTime() + nanos;
        Waiter waiter = Waiter.thread();
        boolean waiting = true;
        try {
            do {
                entry = acquire(hash, key, owner, waiter, true);
                waiting = entry == null;
            } while (waiting && waiter.awaitUntil(deadline));
            return entry;
        } finally {
            if (waiting) {
                abandon(hash, key, waiter);
            }
        }
    }

    /**
     * Takes a key if nobody holds it.
     *
     * @param waiter who waited or will wait, or null for somebody who just asks
     * @param queue whether the waiter is queued if somebody holds the key
     * @return the entry, or null if the key is held by somebody else
     * @throws IllegalStateException if the owner holds it already
     */
    @SuppressWarnings("unchecked") // only values of V are ever put
    private @Nullable HeapEntry<K, V> acquire(int hash, K key, long owner, @Nullable Waiter waiter, boolean queue) {
        for (; ; ) {
            Segment segment = segmentOrNew(hash, key, null);
            long before = segment.state;
            int stamp = segment.stampAcquire();
            int slot = segment.slotOf(hash, key);
            if (slot < Segment.ABSENT && !segment.touch(slot)) {
                slot = Segment.ABSENT;
            }
            if (!segment.lock()) {
                continue;
            }
            boolean locked = true;
            try {
                if (slot >= 0 ? segment.stamp != stamp : !segment.isUnchangedSince(before)) {
                    slot = segment.slotOf(hash, key);
                }
                @Nullable Object[] cell = slot >= 0 ? null : segment.overflowCell(hash, key);
                KeyHold hold = segment.holdOf(hash, key);
                if (hold != null && !isFree(hold, waiter, owner)) {
                    if (hold.owner() == owner) {
                        throw alreadyHeld(key);
                    }
                    if (queue) {
                        hold.enqueue(Objects.requireNonNull(waiter));
                    }
                    return null;
                }
                V value = (V) (slot >= 0 ? segment.valueAt(slot) : cell != null ? cell[0] : null);
                if (hold == null && value == null && !(segment.hasRoom() && segment.accepts(key))) {
                    grow(segment, key, null);
                    continue;
                }
                long ticket = hold != null ? HeapEntry.WRITTEN_DOWN : segment.ticketOfSuspend();
                HeapEntry<K, V> entry =
                        new HeapEntry<>(this, hash, key, value, false, 0, false, segment, ticket, slot, cell);
                if (hold != null) {
                    hold.take(owner);
                } else {
                    segment.suspend(slot, hash, key, owner);
                    locked = false;
                }
                return entry;
            } finally {
                // Not a call: where the stack has run out, it would fail and the lock be lost.
                if (locked && (segment.state & SegmentLock.PHASE) == SegmentLock.LOCKED) {
                    segment.state = (segment.state | SegmentLock.PHASE) + 1;
                }
            }
        }
    }

    /** Ends the hold of an entry; the ticket and what follows are what was noted when it was taken. */
    void release(
            @Nullable Segment segment,
            long ticket,
            int hash,
            K key,
            int slot,
            @Nullable Object @Nullable [] cell,
            boolean changed,
            @Nullable V value) {
        end(segment, ticket, hash, key, slot, cell, changed ? value : UNCHANGED);
    }

    /** Ends a hold, noticed or not. */
    private void end(
            @Nullable Segment segment,
            long ticket,
            int hash,
            Object key,
            int slot,
            @Nullable Object @Nullable [] cell,
            @Nullable Object result) {
        if (segment == null
                || ticket == HeapEntry.WRITTEN_DOWN
                || !finish(segment, ticket, hash, key, slot, cell, result)) {
            finishHeld(hash, key, result, false);
        }
    }

    @Override
    public LockedEntries<K, V> lockAll(Collection<? extends K> keys) {
        return together(hold(keys));
    }

    @Override
    protected LockedEntries<K, V> together(Map<Object, ? extends HeldEntry<K, V>> entries) {
        return new HeldEntries<>(key -> key, entries) {
            @Override
            protected void release(Collection<? extends HeldEntry<K, V>> group) {
                HeldCommit.publish(HeapMap.this, group);
            }
        };
    }

    @Override
    protected @Nullable HeldEntry<K, V> take(K key, long owner, @Nullable Waiter waiter) {
        return acquire(hash(key), key, owner, waiter, waiter != null);
    }

    @Override
    protected void abandon(K key, Waiter waiter) {
        abandon(hash(key), key, waiter);
    }

    @Override
    protected Object identity(K key) {
        return key;
    }

    @Override
    protected long orderOf(K key) {
        return hash(key);
    }

    boolean isHeld(K key) {
        int hash = hash(key);
        for (; ; ) {
            Segment segment = segment(hash);
            if (segment == null) {
                return false;
            }
            if (segment.lock()) {
                try {
                    KeyHold hold = segment.holdOf(hash, key);
                    return hold != null && hold.owner() != Hold.NOBODY;
                } finally {
                    segment.state = (segment.state | SegmentLock.PHASE) + 1;
                }
            }
        }
    }

    @SuppressWarnings("unchecked") // only keys of K are ever held
    List<KeyLocks.Holder<K>> holders() {
        List<KeyLocks.Holder<K>> found = new ArrayList<>();
        for (Segment segment : segments()) {
            if (segment.lock()) {
                try {
                    if (segment.holds != null) {
                        segment.holds.forEach(hold -> {
                            if (hold.owner() != Hold.NOBODY) {
                                found.add(new KeyLocks.Holder<>(
                                        (K) ((KeyHold) hold).key, hold.owner(), hold.waiterCount()));
                            }
                        });
                    }
                } finally {
                    segment.unlock();
                }
            }
        }
        return List.copyOf(found);
    }

    // ---- transactions

    @Override
    public <R extends @Nullable Object> @Nullable R transact(Function<? super Transaction<K, V>, ? extends R> body) {
        return transactions.run(body);
    }

    @Override
    public TransactionStats transactionStats() {
        return transactions.stats();
    }

    private Map<Object, HeapEntry<K, V>> hold(Collection<? extends K> keys) {
        long owner = Thread.currentThread().threadId();
        return new HeldKeys<K, V, HeapEntry<K, V>>(
                        key -> key, this::hash, this::lockEntry, key -> acquire(hash(key), key, owner, null, false))
                .lockAll(keys);
    }

    /** Waits for a hold in which the waiter is queued, and leaves it to the next. */
    void awaitFree(int hash, Object key, Waiter waiter) {
        try {
            waiter.await();
        } finally {
            abandon(hash, key, waiter);
        }
    }

    // ---- the whole map

    @Override
    public void clear() {
        takeAll(null);
    }

    @Override
    public List<Map.Entry<K, V>> drain() {
        List<Map.Entry<K, V>> taken = new ArrayList<>();
        try {
            takeAll(taken);
        } catch (Throwable e) {
            taken.forEach(entry -> putIfAbsent(entry.getKey(), entry.getValue()));
            throw e;
        }
        return taken;
    }

    /** Removes all entries, segment by segment, into a list if one is given; then waits for the keys that were held. */
    private void takeAll(@Nullable List<Map.Entry<K, V>> taken) {
        List<Object> held = new ArrayList<>();
        for (long from = 0; from <= Integer.MAX_VALUE; ) {
            Segment segment = segment((int) from);
            if (segment == null) {
                from = nextCell((int) from);
                continue;
            }
            if (!segment.lock()) {
                continue;
            }
            try {
                if ((segment.holds != null || taken != null) && segment.isStale() && !freshen(segment)) {
                    continue;
                }
                if (segment.holds != null) {
                    held.addAll(segment.removeUnheld(
                            taken == null ? null : (key, value) -> taken.add(entryOf(key, value))));
                } else {
                    if (taken != null) {
                        segment.removeUnheld((key, value) -> taken.add(entryOf(key, value)));
                    }
                    drop(segment);
                }
                from = segment.lastHash();
            } finally {
                if (segment.isLocked()) {
                    segment.unlock();
                }
            }
        }
        for (Object key : held) {
            V value = remove(key);
            if (value != null && taken != null) {
                taken.add(entryOf(key, value));
            }
        }
    }

    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    private Map.Entry<K, V> entryOf(Object key, Object value) {
        return Map.entry((K) key, (V) value);
    }

    // ---- snapshots

    /** What the map has now, in mode COW whatever its own. */
    Snapshot<K, V> instant() {
        return snapshots.instant(this);
    }

    @Override
    public Snapshot<K, V> snapshot() {
        return snapshots.take(this);
    }

    @Override
    public Optional<Snapshot<K, V>> snapshotAt(long version) {
        return snapshots.at(version);
    }

    // ---- traversal

    @Override
    public void forEach(BiConsumer<? super K, ? super V> action) {
        Objects.requireNonNull(action, "action");
        HeapSpliterator<K, V> entries = new HeapSpliterator<>(this);
        entries.forEachPair(action);
    }

    @Override
    protected Spliterator<Map.Entry<K, V>> entrySpliterator() {
        return new HeapSpliterator<>(this);
    }

    @Override
    protected Iterator<Map.Entry<K, V>> entryIterator() {
        return new HeapSpliterator.Cursor<K, V, Map.Entry<K, V>>(this) {
            @Override
            public Map.Entry<K, V> of(K key, V value) {
                return entry(key, value);
            }
        };
    }

    @Override
    protected Iterator<K> keyIterator() {
        return new HeapSpliterator.Cursor<K, V, K>(this) {
            @Override
            public K of(K key, V value) {
                return key;
            }
        };
    }

    @Override
    protected Iterator<V> valueIterator() {
        return new HeapSpliterator.Cursor<K, V, V>(this) {
            @Override
            public V of(K key, V value) {
                return value;
            }
        };
    }

    /** An entry as a traversal hands it out: a setValue writes to the map. */
    Map.Entry<K, V> entry(K key, V value) {
        return new WriteThroughEntry(key, value);
    }

    private final class WriteThroughEntry extends AbstractMap.SimpleEntry<K, V> {
        private static final long serialVersionUID = 1L;

        WriteThroughEntry(K key, V value) {
            super(key, value);
        }

        @Override
        public V setValue(V value) {
            put(getKey(), value);
            return super.setValue(value);
        }
    }

    // ---- serialization

    final Object writeReplace() throws ObjectStreamException {
        ToIntFunction<? super K> hasher = hasher();
        if (hasher != null && !(hasher instanceof Serializable)) {
            throw new NotSerializableException(
                    "hasher: " + hasher.getClass().getName()
                            + " is not serializable, so the map is not; give the builder a serializable hasher, or use writeTo");
        }
        return new SerializedHeapMap(this, shards().count(), shards().max(), hasher);
    }

    @SuppressWarnings("UnusedVariable") // the signature is the platform's
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException(
                "a map is serialized as a SerializedHeapMap; this stream was not written by one");
    }
}
