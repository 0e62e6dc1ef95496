package io.sherd;

import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * under the lock; values are compared outside the lock, too, and then written if they are still the same object.
 */
@SuppressWarnings("ReferenceEquality") // whether a value is still the object that was read is the question
final class HeapMap<K, V> extends SegmentDirectory<K, V> {
    /** What a write does where it finds the key, and where not. Those before {@code REPLACE} add an absent key. */
    private static final int PUT = 0;

    private static final int PUT_IF_ABSENT = 1;
    private static final int REPLACE = 2;
    private static final int REMOVE = 3;

    /** Replaces or removes if the value is the very object expected. */
    private static final int SWAP = 4;

    /** Which function a hold is for. */
    private static final int COMPUTE = 0;

    private static final int COMPUTE_IF_ABSENT = 1;
    private static final int COMPUTE_IF_PRESENT = 2;
    private static final int MERGE = 3;

    /** What {@link #compute} hands to {@link #finish} when the function threw. */
    private static final Object UNCHANGED = new Object();

    private final @Nullable ToIntFunction<? super K> hasher;

    HeapMap(
            int shards,
            int earlyShards,
            int maxShards,
            long initialCapacity,
            @Nullable ToIntFunction<? super K> hasher) {
        super(shards, earlyShards, maxShards, initialCapacity);
        this.hasher = hasher;
    }

    @SuppressWarnings("unchecked") // a foreign key is the caller's ClassCastException, as the builder says
    private int hash(Object key) {
        ToIntFunction<? super K> hasher = this.hasher;
        return Segment.spread(
                hasher == null ? key.hashCode() : hasher.applyAsInt((K) Objects.requireNonNull(key, "key")));
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
        Segment segment = segment(hash);
        return segment == null ? null : (V) segment.get(hash, key);
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
            if (write(SWAP, hash, key, witness, update) == witness) {
                return witness;
            }
        }
    }

    /**
     * One write of one key.
     *
     * @param operation what to do
     * @param expected for SWAP, the object that must be there
     * @param value the value to write; null to remove
     * @return the value before
     */
    @SuppressWarnings("unchecked")
    private @Nullable V write(int operation, int hash, Object key, @Nullable Object expected, @Nullable Object value) {
        Hold.Waiter waiter = null;
        for (; ; ) {
            Segment segment = segment(hash);
            if (segment == null) {
                if (operation >= REPLACE) {
                    return null;
                }
                segment = segmentOrNew(hash);
            }
            boolean free = segment.state == Segment.FREE;
            int stamp = segment.stampAcquire();
            int insertions = segment.insertionsAcquire();
            int slot = segment.slotOf(hash, key);
            if (slot < 0
                    && operation >= REPLACE
                    && free
                    && segment.overflow == null
                    && segment.insertionsAcquire() == insertions) {
                return null; // not even held, since the lock was free and nothing was added
            }
            if (slot < Segment.ABSENT && !segment.touch(slot)) {
                continue;
            }
            if (!segment.lock()) {
                continue;
            }
            boolean own = false;
            try {
                if (segment.stamp != stamp || (slot < 0 && segment.insertionsAcquire() != insertions)) {
                    slot = segment.slotOf(hash, key);
                }
                @Nullable Object[] array = segment.entries;
                int index = 2 * slot;
                if (slot < 0) {
                    @Nullable Object[] cell = segment.overflowCell(hash, key);
                    if (cell == null) {
                        if (operation >= REPLACE) {
                            return null;
                        }
                        if (segment.hasRoom()) {
                            segment.insert(hash, key, value, slot);
                            return null;
                        }
                        grow(segment);
                        continue;
                    }
                    array = cell;
                    index = 0;
                }
                Object old = array[index + 1];
                if (array[index] instanceof Hold hold) {
                    if (hold.owner == Hold.NOBODY) {
                        writeHeld(segment, operation, array, index, expected, value);
                        settle(segment, hash, slot, array, index, hold);
                        return (V) old;
                    }
                    own = hold.isMine();
                    waiter = own ? waiter : hold.enqueue(waiter);
                } else {
                    if (operation == PUT || operation == REPLACE) {
                        segment.setValue(array, index, Objects.requireNonNull(value));
                    } else if (operation == REMOVE || (operation == SWAP && old == expected && value == null)) {
                        remove(segment, hash, slot, array, key);
                    } else if (operation == SWAP && old == expected && value != null) {
                        segment.setValue(array, index, value);
                    }
                    return (V) old;
                }
            } finally {
                if (segment.state == Segment.LOCKED) {
                    segment.state = Segment.FREE;
                }
            }
            if (own || waiter == null) {
                throw alreadyHeld(key);
            }
            waiter.await();
        }
    }

    private static void writeHeld(
            Segment segment,
            int operation,
            @Nullable Object[] array,
            int index,
            @Nullable Object expected,
            @Nullable Object value) {
        Object old = array[index + 1];
        boolean applies = switch (operation) {
            case PUT_IF_ABSENT -> old == null;
            case REPLACE -> old != null;
            case SWAP -> old == expected;
            default -> true;
        };
        if (applies) {
            set(segment, array, index, value);
        }
    }

    private static void set(Segment segment, @Nullable Object[] array, int index, @Nullable Object value) {
        if (value == null) {
            segment.clearValue(array, index);
        } else {
            segment.setValue(array, index, value);
        }
    }

    /** Removes an entry that nobody holds. */
    private static void remove(Segment segment, int hash, int slot, @Nullable Object[] array, Object key) {
        if (slot >= 0) {
            segment.remove(slot);
        } else {
            segment.removeCell(hash, key, array);
        }
    }

    /** Gives a hold on; where nobody waits for it, it goes, and with it the slot if that has no value. */
    private static void settle(Segment segment, int hash, int slot, @Nullable Object[] array, int index, Hold hold) {
        if (!hold.passOn()) {
            return;
        }
        if (array[index + 1] != null) {
            segment.release(array, index, hold);
        } else if (slot >= 0) {
            segment.removeHeld(slot);
        } else {
            segment.removeHeldCell(hash, hold.key, array);
        }
    }

    private static IllegalStateException alreadyHeld(Object key) {
        return new IllegalStateException("The calling thread already holds key " + key
                + ": it cannot write that key again before the function that holds it has returned");
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

    @SuppressWarnings("unchecked")
    private @Nullable V compute(int kind, int hash, K key, @Nullable V value, Object function) {
        Hold.Waiter waiter = null;
        for (; ; ) {
            Segment segment = segment(hash);
            if (segment == null) {
                if (kind == COMPUTE_IF_PRESENT) {
                    return null;
                }
                segment = segmentOrNew(hash);
            }
            int stamp = segment.stampAcquire();
            int insertions = segment.insertionsAcquire();
            int slot = segment.slotOf(hash, key);
            if (slot < Segment.ABSENT && !segment.touch(slot)) {
                continue;
            }
            if (!segment.lock()) {
                continue;
            }
            int ticket = 0;
            V old = null;
            @Nullable Object[] array = segment.entries;
            int index = 0;
            boolean explicit = false;
            boolean locked = true;
            boolean own = false;
            long owner = Thread.currentThread().threadId();
            try {
                if (segment.stamp != stamp || (slot < 0 && segment.insertionsAcquire() != insertions)) {
                    slot = segment.slotOf(hash, key);
                }
                index = 2 * slot;
                @Nullable Object[] cell = null;
                if (slot < 0) {
                    cell = segment.overflowCell(hash, key);
                    if (cell != null) {
                        array = cell;
                        index = 0;
                    }
                }
                boolean found = slot >= 0 || cell != null;
                Hold hold = null;
                if (found) {
                    old = (V) array[index + 1];
                    if (array[index] instanceof Hold present) {
                        hold = present;
                    }
                }
                if (hold != null && hold.owner != Hold.NOBODY) {
                    own = hold.isMine();
                    waiter = own ? waiter : hold.enqueue(waiter);
                } else if ((old == null && kind == COMPUTE_IF_PRESENT) || (old != null && kind == COMPUTE_IF_ABSENT)) {
                    if (hold != null) {
                        settle(segment, hash, slot, array, index, hold);
                    }
                    return old;
                } else if (hold == null && !found && !segment.hasRoom()) {
                    grow(segment);
                    continue;
                } else if (old == null && kind == MERGE) {
                    Objects.requireNonNull(value);
                    if (hold == null) {
                        segment.insert(hash, key, value, slot);
                    } else {
                        segment.setValue(array, index, value);
                        settle(segment, hash, slot, array, index, hold);
                    }
                    return value;
                } else {
                    waiter = null;
                    if (hold != null) {
                        hold.owner = owner;
                        explicit = true;
                    } else {
                        ticket = segment.suspend(slot, cell, hash, key, owner);
                        locked = false;
                    }
                }
            } finally {
                // Not a call: where the stack has run out, it would fail and the lock be lost.
                if (locked && segment.state == Segment.LOCKED) {
                    segment.state = Segment.FREE;
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
                V computed = switch (kind) {
                    case COMPUTE_IF_ABSENT -> ((Function<K, V>) function).apply(key);
                    case MERGE -> ((BiFunction<@Nullable V, @Nullable V, V>) function).apply(old, value);
                    default -> ((BiFunction<K, @Nullable V, V>) function).apply(key, old);
                };
                result = computed;
                return computed;
            } finally {
                if (!explicit && segment.resume(ticket, owner)) {
                    try {
                        finish(segment, hash, key, slot, array, index, old, result);
                    } finally {
                        segment.state = Segment.FREE;
                    }
                } else {
                    finishHeld(hash, key, result);
                }
            }
        }
    }

    /** Writes the result of a function whose hold nobody noticed. */
    private static void finish(
            Segment segment,
            int hash,
            Object key,
            int slot,
            @Nullable Object[] array,
            int index,
            @Nullable Object old,
            @Nullable Object result) {
        if (result == UNCHANGED || (result == null && old == null)) {
            return;
        }
        // The same object is written too: a reader must see what the function did to it.
        if (old == null) {
            segment.insert(hash, key, result, slot);
        } else if (result == null) {
            remove(segment, hash, slot, array, key);
        } else {
            segment.setValue(array, index, result);
        }
    }

    /** Writes the result of a function whose hold stands with the key, and gives the hold on. */
    private void finishHeld(int hash, Object key, @Nullable Object result) {
        for (; ; ) {
            Segment segment = segmentOrNew(hash);
            if (!segment.lock()) {
                continue;
            }
            try {
                int slot = segment.slotOf(hash, key);
                @Nullable Object[] array = slot >= 0 ? segment.entries : segment.overflowCell(hash, key);
                int index = Math.max(0, 2 * slot);
                if (array == null || !(array[index] instanceof Hold hold)) {
                    throw new AssertionError("The hold of key " + key + " is gone: do its equals and hashCode change?");
                }
                if (result != UNCHANGED) {
                    set(segment, array, index, result);
                }
                settle(segment, hash, slot, array, index, hold);
                return;
            } finally {
                segment.state = Segment.FREE;
            }
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
        } catch (IllegalStateException e) {
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
                from = Math.max(from + 1, nextCell((int) from));
                continue;
            }
            if (!segment.lock()) {
                continue;
            }
            try {
                if (segment.hasHolds()) {
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
                if (segment.state == Segment.LOCKED) {
                    segment.state = Segment.FREE;
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
            Map.Entry<K, V> view(K key, V value) {
                return entry(key, value);
            }
        };
    }

    @Override
    protected Iterator<K> keyIterator() {
        return new HeapSpliterator.Cursor<K, V, K>(this) {
            @Override
            K view(K key, V value) {
                return key;
            }
        };
    }

    @Override
    protected Iterator<V> valueIterator() {
        return new HeapSpliterator.Cursor<K, V, V>(this) {
            @Override
            V view(K key, V value) {
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
}
