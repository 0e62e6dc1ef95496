package io.sherd.disk;

import java.lang.ref.Reference;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes through the tables of some shards of a {@link Cut}. Splits between shards, as long as it is not within one. */
abstract class SnapshotPass<K, V, T> implements Spliterator<T> {
    final DiskSnapshot<K, V> snapshot;
    final Cut cut;
    private final int end;
    private int shard;
    private int slot;
    private long left;
    private final long[] addresses = new long[Entries.AHEAD];
    private int next;
    private int count;

    private SnapshotPass(DiskSnapshot<K, V> snapshot, Cut cut, int shard, int end) {
        this.snapshot = snapshot;
        this.cut = cut;
        this.shard = shard;
        this.end = end;
        for (int i = shard; i < end; i++) {
            left += cut.live[i];
        }
    }

    /** What to hand out for a record. */
    abstract T at(long address);

    abstract SnapshotPass<K, V, T> over(int from, int to);

    @Override
    public boolean tryAdvance(Consumer<? super T> action) {
        Objects.requireNonNull(action, "action");
        T element = null;
        try {
            snapshot.open();
            if (next < count || fill()) {
                element = at(addresses[next++]);
                left--;
            }
            snapshot.open();
        } finally {
            Reference.reachabilityFence(cut);
        }
        if (element == null) {
            return false;
        }
        action.accept(element);
        return true;
    }

    /** Collects some addresses, and looks at their records, so that the misses of the cache overlap. */
    private boolean fill() {
        next = 0;
        count = 0;
        while (count == 0 && shard < end) {
            Table table = cut.tables[shard];
            int at = slot;
            while (at < table.capacity() && count <= Entries.AHEAD - Table.WALK) {
                count = table.addresses(at, addresses, count);
                at += Table.WALK;
            }
            slot = at;
            if (at == table.capacity()) {
                shard++;
                slot = 0;
            }
        }
        try {
            snapshot.entries.touch(addresses, count);
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw snapshot.files.unreadable(e);
        }
        return count > 0;
    }

    @Override
    public @Nullable Spliterator<T> trySplit() {
        int middle = (shard + end) >>> 1;
        if (next < count || slot > 0 || middle <= shard) {
            return null;
        }
        SnapshotPass<K, V, T> prefix = over(shard, middle);
        shard = middle;
        left -= prefix.left;
        return prefix;
    }

    @Override
    public long estimateSize() {
        return left;
    }

    @Override
    public int characteristics() {
        return SIZED | SUBSIZED | IMMUTABLE | DISTINCT | NONNULL;
    }

    /** Hands out keys. */
    static final class OfKeys<K, V> extends SnapshotPass<K, V, K> {
        OfKeys(DiskSnapshot<K, V> snapshot, Cut cut) {
            this(snapshot, cut, 0, cut.tables.length);
        }

        private OfKeys(DiskSnapshot<K, V> snapshot, Cut cut, int shard, int end) {
            super(snapshot, cut, shard, end);
        }

        @Override
        K at(long address) {
            return snapshot.keyAt(address);
        }

        @Override
        OfKeys<K, V> over(int from, int to) {
            return new OfKeys<>(snapshot, cut, from, to);
        }
    }

    /** Hands out values. */
    static final class OfValues<K, V> extends SnapshotPass<K, V, V> {
        OfValues(DiskSnapshot<K, V> snapshot, Cut cut) {
            this(snapshot, cut, 0, cut.tables.length);
        }

        private OfValues(DiskSnapshot<K, V> snapshot, Cut cut, int shard, int end) {
            super(snapshot, cut, shard, end);
        }

        @Override
        V at(long address) {
            return snapshot.valueAt(address);
        }

        @Override
        OfValues<K, V> over(int from, int to) {
            return new OfValues<>(snapshot, cut, from, to);
        }

        @Override
        public int characteristics() {
            return SIZED | SUBSIZED | IMMUTABLE | NONNULL;
        }
    }

    /** Hands out entries. */
    static final class OfEntries<K, V> extends SnapshotPass<K, V, Map.Entry<K, V>> {
        OfEntries(DiskSnapshot<K, V> snapshot, Cut cut) {
            this(snapshot, cut, 0, cut.tables.length);
        }

        private OfEntries(DiskSnapshot<K, V> snapshot, Cut cut, int shard, int end) {
            super(snapshot, cut, shard, end);
        }

        @Override
        Map.Entry<K, V> at(long address) {
            return new AbstractMap.SimpleImmutableEntry<>(snapshot.keyAt(address), snapshot.valueAt(address));
        }

        @Override
        OfEntries<K, V> over(int from, int to) {
            return new OfEntries<>(snapshot, cut, from, to);
        }
    }
}
