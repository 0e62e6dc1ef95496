package io.sherd.disk;

import io.sherd.Changes;
import io.sherd.Snapshot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractCollection;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a disk map: a user of a {@link Cut}, read through the records that its words refer to.
 *
 * <p>What was read is handed out only if this is found open afterwards, and the cut is kept reachable until then: see {@link Cuts}.
 */
final class DiskSnapshot<K, V> extends FrozenMap<K, V> implements Snapshot<K, V> {
    private static final VarHandle CUT;

    static {
        try {
            CUT = MethodHandles.lookup().findVarHandle(DiskSnapshot.class, "cut", Cut.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final MapFiles files;
    final Entries<K, V> entries;
    private final long version;
    private final Instant takenAt;
    private final long takenNanos;

    /** Null when this is closed. */
    private volatile @Nullable Cut cut;

    /** Takes over one user of the cut. */
    DiskSnapshot(MapFiles files, Entries<K, V> entries, Cut cut, long version, Instant takenAt, long takenNanos) {
        this.files = files;
        this.entries = entries;
        this.cut = cut;
        this.version = version;
        this.takenAt = takenAt;
        this.takenNanos = takenNanos;
    }

    /** The same state again, to be closed by itself. This must be open. */
    DiskSnapshot<K, V> again() {
        Cut same = open();
        same.addUser();
        return new DiskSnapshot<>(files, entries, same, version, takenAt, takenNanos);
    }

    /** The cut; throws if the map or this is closed. */
    Cut open() {
        files.checkOpen();
        Cut present = cut;
        if (present == null) {
            throw new IllegalStateException("The snapshot of version " + version
                    + " is closed: take another, or keep versions (keepVersions) and ask for it by snapshotAt");
        }
        return present;
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
        Cut had = (Cut) CUT.getAndSet(this, null);
        if (had != null) {
            had.dropUser();
        }
    }

    // ---- reading

    @Override
    public long mappingCount() {
        return open().count;
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
    public @Nullable V get(Object key) {
        Cut from = open();
        try {
            long address = find(from, key);
            V value = address == Index.ABSENT ? null : valueAt(address);
            open();
            return value;
        } finally {
            Reference.reachabilityFence(from);
        }
    }

    @Override
    public boolean containsKey(Object key) {
        Cut from = open();
        try {
            boolean present = find(from, key) != Index.ABSENT;
            open();
            return present;
        } finally {
            Reference.reachabilityFence(from);
        }
    }

    private long find(Cut from, @Nullable Object key) {
        K typed = entries.asKey(key);
        long keyWord = entries.keyWord(typed);
        byte[] keyBytes = entries.keyBytes(typed);
        long hash = entries.hash(keyWord, keyBytes);
        try {
            Table table = from.tables[files.index.shardNumber(hash)];
            int tag = files.index.tag(hash);
            return table.mayHave(tag) ? files.index.probe(table, tag, keyWord, keyBytes) : Index.ABSENT;
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        }
    }

    /** The value of a record, whose file nobody deletes while this is open. */
    V valueAt(long address) {
        V value = entries.valueAt(address);
        if (value == null) {
            open();
            throw entries.missingValue(address);
        }
        return value;
    }

    K keyAt(long address) {
        try {
            return entries.keyAt(address);
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        }
    }

    @Override
    public boolean containsValue(Object value) {
        return values().contains(value);
    }

    /** Values that are arrays are equal if their elements are, as in the map. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (other == this) {
            return true;
        }
        if (!(other instanceof Map<?, ?> map) || map.size() != size()) {
            return false;
        }
        for (Map.Entry<K, V> entry : entrySet()) {
            try {
                if (!Objects.deepEquals(entry.getValue(), map.get(entry.getKey()))) {
                    return false;
                }
            } catch (ClassCastException | NullPointerException foreign) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }

    @Override
    public Changes<K, V> changesSince(Snapshot<K, V> older) {
        Objects.requireNonNull(older, "older");
        if (!(older instanceof DiskSnapshot<K, V> before) || files != before.files) {
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
            Changes<K, V> changes = new Difference<>(this, then, now).find();
            before.open();
            open();
            return changes;
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        } finally {
            Reference.reachabilityFence(then);
            Reference.reachabilityFence(now);
        }
    }

    // ---- views

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return Collections.unmodifiableSet(new Part<Map.Entry<K, V>>() {
            @Override
            public SnapshotPass<K, V, Map.Entry<K, V>> spliterator() {
                return new SnapshotPass.OfEntries<>(DiskSnapshot.this, open());
            }

            @Override
            public boolean contains(@Nullable Object object) {
                return object instanceof Map.Entry<?, ?> entry
                        && entry.getKey() != null
                        && entry.getValue() != null
                        && Objects.deepEquals(entry.getValue(), DiskSnapshot.this.get(entry.getKey()));
            }
        });
    }

    @Override
    public Set<K> keySet() {
        return Collections.unmodifiableSet(new Part<K>() {
            @Override
            public SnapshotPass<K, V, K> spliterator() {
                return new SnapshotPass.OfKeys<>(DiskSnapshot.this, open());
            }

            @Override
            public boolean contains(@Nullable Object key) {
                return DiskSnapshot.this.containsKey(Objects.requireNonNull(key, "key"));
            }
        });
    }

    @Override
    public Collection<V> values() {
        return Collections.unmodifiableCollection(new AbstractCollection<V>() {
            @Override
            public int size() {
                return DiskSnapshot.this.size();
            }

            @Override
            public Iterator<V> iterator() {
                return Spliterators.iterator(spliterator());
            }

            @Override
            public Spliterator<V> spliterator() {
                return new SnapshotPass.OfValues<>(DiskSnapshot.this, open());
            }

            @Override
            public boolean contains(@Nullable Object value) {
                Objects.requireNonNull(value, "value");
                for (V present : this) {
                    if (Objects.deepEquals(value, present)) {
                        return true;
                    }
                }
                return false;
            }
        });
    }

    /** The keys or the entries. */
    private abstract class Part<T> extends AbstractSet<T> {
        @Override
        public int size() {
            return DiskSnapshot.this.size();
        }

        @Override
        public abstract SnapshotPass<K, V, T> spliterator();

        @Override
        public Iterator<T> iterator() {
            return Spliterators.iterator(spliterator());
        }
    }
}
