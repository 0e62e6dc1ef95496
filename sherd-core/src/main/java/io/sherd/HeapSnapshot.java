package io.sherd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a heap map: a user of a {@link Cut}.
 *
 * <p>Once this is closed, writers may change the segments. So whatever was read is handed out only if this is found open afterwards:
 * who has read what a writer wrote after the close sees the close, too. And while something is read, the cut must not
 * be collected, which the fences say; a method that runs does not by itself keep its object alive.
 */
final class HeapSnapshot<K, V> extends AbstractMap<K, V> implements Snapshot<K, V> {
    private static final VarHandle CUT;

    static {
        try {
            CUT = MethodHandles.lookup().findVarHandle(HeapSnapshot.class, "cut", Cut.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final HeapMap<K, V> map;
    private final long version;
    private final Instant takenAt;
    private final long takenNanos;
    private final boolean closable;

    /** Null when this is closed. */
    private volatile @Nullable Cut cut;

    /** Takes over one user of the cut. */
    HeapSnapshot(HeapMap<K, V> map, Cut cut, long version, Instant takenAt, long takenNanos, boolean closable) {
        this.map = map;
        this.cut = cut;
        this.version = version;
        this.takenAt = takenAt;
        this.takenNanos = takenNanos;
        this.closable = closable;
    }

    /** The same state again, to be closed by itself. This must be open. */
    HeapSnapshot<K, V> again() {
        Cut cut = open();
        cut.addUser();
        return new HeapSnapshot<>(map, cut, version, takenAt, takenNanos, closable);
    }

    boolean isCurrent() {
        Cut cut = this.cut;
        return cut != null && cut.isCurrent(map, map.epochs);
    }

    Cut open() {
        Cut cut = this.cut;
        if (cut == null) {
            throw new IllegalStateException("The snapshot of version " + version
                    + " is closed: take another, or keep versions (keepVersions) and ask for it by snapshotAt");
        }
        return cut;
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public Instant takenAt() {
        return takenAt;
    }

    @Override
    public Duration age() {
        return Duration.ofNanos(Math.max(0, System.nanoTime() - takenNanos));
    }

    @Override
    public void close() {
        if (closable) {
            drop();
        }
    }

    void drop() {
        Cut cut = (Cut) CUT.getAndSet(this, null);
        if (cut != null) {
            cut.dropUser();
        }
    }

    // ---- reading

    @Override
    public long mappingCount() {
        Cut cut = open();
        try {
            long count = cut.count();
            open();
            return count;
        } finally {
            Reference.reachabilityFence(cut);
        }
    }

    @Override
    public int size() {
        return (int) Math.min(mappingCount(), Integer.MAX_VALUE);
    }

    @Override
    public boolean isEmpty() {
        return mappingCount() == 0;
    }

    @Override
    @SuppressWarnings("unchecked") // only values of V are ever put
    public @Nullable V get(Object key) {
        Cut cut = open();
        try {
            V value = (V) cut.value(map.hash(key), key);
            open();
            return value;
        } finally {
            Reference.reachabilityFence(cut);
        }
    }

    @Override
    @SuppressWarnings("NullAway") // the annotated JDK knows no nullable default
    public V getOrDefault(Object key, V defaultValue) {
        V value = get(key);
        return value == null ? defaultValue : value;
    }

    @Override
    public boolean containsKey(Object key) {
        return get(key) != null;
    }

    @Override
    public boolean containsValue(Object value) {
        return values().contains(value);
    }

    @Override
    @SuppressWarnings("unchecked") // only keys of K and values of V are ever put
    public void forEach(BiConsumer<? super K, ? super V> action) {
        Objects.requireNonNull(action, "action");
        Cut cut = open();
        try {
            for (Segment segment : cut.segments) {
                forEach(segment, null, (hash, key, value) -> {
                    open();
                    action.accept((K) key, (V) value);
                });
            }
        } finally {
            Reference.reachabilityFence(cut);
        }
    }

    /** Gets an entry with its hash. */
    private interface Visitor {
        void visit(int hash, Object key, Object value);
    }

    /** Visits the entries of a segment, but not those that another, which was perhaps copied from it or to it, has in the same place. */
    private void forEach(Segment segment, @Nullable Segment other, Visitor visitor) {
        Segment twin = other != null && other.isLike(segment) ? other : null;
        int physical = segment.physical();
        for (int word = 0; word < physical; word += Tags.WORD) {
            long used = segment.usedAcquire(word);
            if (twin != null) {
                used &= segment.otherSlots(word, twin);
            }
            for (; used != 0; used &= used - 1) {
                int slot = word + Tags.first(used);
                Object key = segment.keyAcquire(slot);
                Object value = segment.valueAcquire(slot);
                if (key == null || value == null) {
                    throw broken();
                }
                visitor.visit(segment.hashAt(slot), key, value);
            }
        }
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = segment.overflow;
        if (overflow != null) {
            overflow.forEach((key, cell) -> {
                Object value = Segment.elementAcquire(cell, 0);
                if (value == null) {
                    throw broken();
                }
                visitor.visit(key.hash, key.key, value);
            });
        }
    }

    /** Where an entry is missing, somebody has closed this. */
    RuntimeException broken() {
        open();
        throw new AssertionError("The snapshot of version " + version + " was changed while it was open");
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // this very map
    public Changes<K, V> changesSince(Snapshot<K, V> older) {
        Objects.requireNonNull(older, "older");
        if (!(older instanceof HeapSnapshot<K, V> before) || map != before.map) {
            throw new IllegalArgumentException(
                    "changesSince: the snapshot given is of another map; give an older snapshot of this map");
        }
        if (before.version > version) {
            throw new IllegalArgumentException(
                    "changesSince: version " + before.version + " given, which is younger than version " + version
                            + "; ask the younger for changes since the older");
        }
        Cut then = before.open();
        Cut now = open();
        try {
            Changes<K, V> changes = difference(then, now);
            before.open();
            open();
            return changes;
        } finally {
            Reference.reachabilityFence(then);
            Reference.reachabilityFence(now);
        }
    }

    @SuppressWarnings({"unchecked", "ReferenceEquality"}) // only keys of K and values of V are ever put; a fast path
    private Changes<K, V> difference(Cut then, Cut now) {
        Map<K, V> added = new HashMap<>();
        Map<K, Changes.Replaced<V>> changed = new HashMap<>();
        Map<K, V> removed = new HashMap<>();
        for (Segment segment : now.segments) {
            if (!then.has(segment)) {
                forEach(segment, then.segment((int) segment.firstHash()), (hash, key, value) -> {
                    Object old = then.value(hash, key);
                    if (old == null) {
                        added.put((K) key, (V) value);
                    } else if (old != value && !old.equals(value)) {
                        changed.put((K) key, new Changes.Replaced<>((V) old, (V) value));
                    }
                });
            }
        }
        for (Segment segment : then.segments) {
            if (!now.has(segment)) {
                forEach(segment, now.segment((int) segment.firstHash()), (hash, key, value) -> {
                    if (now.value(hash, key) == null) {
                        removed.put((K) key, (V) value);
                    }
                });
            }
        }
        return new Changes<>(added, changed, removed);
    }

    // ---- views

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return new Part<>(FrozenPass.ENTRIES) {
            @Override
            public boolean contains(@Nullable Object object) {
                return object instanceof Map.Entry<?, ?> entry
                        && entry.getKey() != null
                        && entry.getValue() != null
                        && entry.getValue().equals(HeapSnapshot.this.get(entry.getKey()));
            }
        };
    }

    @Override
    public Set<K> keySet() {
        return new Part<>(FrozenPass.KEYS) {
            @Override
            public boolean contains(Object key) {
                return containsKey(key);
            }
        };
    }

    @Override
    public Collection<V> values() {
        return new Values();
    }

    private <T> FrozenPass<T> pass(int part) {
        return new FrozenPass<>(this, open(), part);
    }

    /** The keys or the entries. */
    private abstract class Part<T> extends AbstractSet<T> {
        private final int part;

        Part(int part) {
            this.part = part;
        }

        @Override
        public int size() {
            return HeapSnapshot.this.size();
        }

        @Override
        public Iterator<T> iterator() {
            return pass(part);
        }

        @Override
        public Spliterator<T> spliterator() {
            return pass(part);
        }

        @Override
        public void forEach(Consumer<? super T> action) {
            HeapSnapshot.this.<T>pass(part).forEachRemaining(action);
        }

        @Override
        public Object[] toArray() {
            return HeapSnapshot.this.<T>pass(part).toArray();
        }

        @Override
        public boolean remove(@Nullable Object element) {
            throw unmodifiable();
        }

        @Override
        public boolean removeIf(Predicate<? super T> filter) {
            throw unmodifiable();
        }

        @Override
        public boolean removeAll(Collection<?> elements) {
            throw unmodifiable();
        }

        @Override
        public boolean retainAll(Collection<?> elements) {
            throw unmodifiable();
        }

        @Override
        public void clear() {
            throw unmodifiable();
        }
    }

    private final class Values extends AbstractCollection<V> {
        @Override
        public int size() {
            return HeapSnapshot.this.size();
        }

        @Override
        public Iterator<V> iterator() {
            return pass(FrozenPass.VALUES);
        }

        @Override
        public Spliterator<V> spliterator() {
            return pass(FrozenPass.VALUES);
        }

        @Override
        public void forEach(Consumer<? super V> action) {
            HeapSnapshot.this.<V>pass(FrozenPass.VALUES).forEachRemaining(action);
        }

        @Override
        public Object[] toArray() {
            return HeapSnapshot.this.<V>pass(FrozenPass.VALUES).toArray();
        }

        @Override
        public boolean remove(@Nullable Object element) {
            throw unmodifiable();
        }

        @Override
        public boolean removeIf(Predicate<? super V> filter) {
            throw unmodifiable();
        }

        @Override
        public boolean removeAll(Collection<?> elements) {
            throw unmodifiable();
        }

        @Override
        public boolean retainAll(Collection<?> elements) {
            throw unmodifiable();
        }

        @Override
        public void clear() {
            throw unmodifiable();
        }
    }

    // ---- what a snapshot does not do

    static UnsupportedOperationException unmodifiable() {
        return new UnsupportedOperationException("A snapshot cannot be changed: write to its map");
    }

    @Override
    public @Nullable V put(K key, V value) {
        throw unmodifiable();
    }

    @Override
    public void putAll(Map<? extends K, ? extends V> entries) {
        throw unmodifiable();
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
        throw unmodifiable();
    }

    @Override
    public @Nullable V remove(Object key) {
        throw unmodifiable();
    }

    @Override
    public boolean remove(Object key, Object value) {
        throw unmodifiable();
    }

    @Override
    public @Nullable V replace(K key, V value) {
        throw unmodifiable();
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        throw unmodifiable();
    }

    @Override
    public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
        throw unmodifiable();
    }

    @Override
    public V computeIfAbsent(K key, Function<? super K, ? extends V> mappingFunction) {
        throw unmodifiable();
    }

    @Override
    public V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends V> remappingFunction) {
        throw unmodifiable();
    }

    @Override
    public V compute(K key, BiFunction<? super K, ? super V, ? extends V> remappingFunction) {
        throw unmodifiable();
    }

    @Override
    public V merge(K key, V value, BiFunction<? super V, ? super V, ? extends V> remappingFunction) {
        throw unmodifiable();
    }

    @Override
    public void clear() {
        throw unmodifiable();
    }
}
