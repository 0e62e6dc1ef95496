package io.sherd.disk;

import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes through some shards, one {@link ShardPass} after the other. */
final class EntrySpliterator<K, V> implements Spliterator<Map.Entry<K, V>> {
    private final DiskMap<K, V> map;
    private final MapFiles files;
    private final Entries<K, V> entries;
    private final Index index;
    private final int end;
    private int shard;
    private @Nullable ShardPass pass;
    private final long[] addresses = new long[Entries.AHEAD];
    private int next;
    private int count;

    EntrySpliterator(DiskMap<K, V> map, MapFiles files, Entries<K, V> entries, int shard, int end) {
        this.map = map;
        this.files = files;
        this.entries = entries;
        this.index = files.index;
        this.shard = shard;
        this.end = end;
    }

    @Override
    public boolean tryAdvance(Consumer<? super Map.Entry<K, V>> action) {
        Objects.requireNonNull(action, "action");
        while (next < count || fill()) {
            Map.Entry<K, V> entry = entries.entryAt(addresses[next++], map);
            if (entry != null) {
                action.accept(entry);
                return true;
            }
        }
        return false;
    }

    /** Collects some addresses, and looks at their records, so that the misses of the cache overlap. */
    private boolean fill() {
        files.checkOpen();
        try {
            return collect();
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw files.unreadable(e);
        }
    }

    private boolean collect() {
        next = 0;
        count = 0;
        while (count == 0) {
            ShardPass current = pass;
            if (current == null) {
                if (shard == end) {
                    return false;
                }
                current = new ShardPass(index, index.shards[shard++]);
            }
            count = current.take(addresses, count);
            pass = current.hasEnded() ? null : current;
        }
        entries.touch(addresses, count);
        return true;
    }

    @Override
    public @Nullable Spliterator<Map.Entry<K, V>> trySplit() {
        int middle = (shard + end) >>> 1;
        if (next < count || pass != null || middle <= shard) {
            return null;
        }
        EntrySpliterator<K, V> prefix = new EntrySpliterator<>(map, files, entries, shard, middle);
        shard = middle;
        return prefix;
    }

    @Override
    public long estimateSize() {
        long size = (long) count - next;
        for (int i = shard; i < end; i++) {
            size += index.shards[i].live();
        }
        return size;
    }

    @Override
    public int characteristics() {
        return CONCURRENT | DISTINCT | NONNULL;
    }
}
