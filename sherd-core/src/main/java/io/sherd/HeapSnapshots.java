package io.sherd;

import java.lang.ref.WeakReference;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of a heap map: takes them in the mode that was set, one taker at a time, and keeps the last ones if that is wanted.
 * How it is done in COW mode is told in {@link Epochs}.
 *
 * <p>As long as nothing was written, snapshots share a {@link Cut}, so taking another needs no instant of its own.
 */
final class HeapSnapshots<K, V> {
    private final SnapshotMode mode;
    private final int keep;

    /** Guarded by this, as what follows. Each counts as a user of its cut. */
    private final ArrayDeque<HeapSnapshot<K, V>> kept = new ArrayDeque<>();

    private long versions;
    private @Nullable WeakReference<Cut> last;

    /** In mode CACHED, the snapshot to hand out again; no strong reference, so that writers need not copy for it. */
    private volatile @Nullable WeakReference<HeapSnapshot<K, V>> shared;

    HeapSnapshots(SnapshotMode mode, int keep) {
        this.mode = mode;
        this.keep = keep;
    }

    HeapSnapshot<K, V> take(HeapMap<K, V> map) {
        if (mode == SnapshotMode.CACHED) {
            HeapSnapshot<K, V> again = shared();
            if (again != null) {
                return again;
            }
        }
        synchronized (this) {
            HeapSnapshot<K, V> again = mode == SnapshotMode.CACHED ? shared() : null;
            if (again != null) {
                return again;
            }
            Cut cut = mode == SnapshotMode.CLONE ? Cut.copyOf(map) : cut(map);
            HeapSnapshot<K, V> snapshot = new HeapSnapshot<>(
                    map, cut, ++versions, Instant.now(), System.nanoTime(), mode != SnapshotMode.CACHED);
            if (mode == SnapshotMode.CACHED) {
                shared = new WeakReference<>(snapshot);
            }
            if (keep > 0) {
                kept.addLast(snapshot.again());
                if (kept.size() > keep) {
                    kept.removeFirst().drop();
                }
            }
            return snapshot;
        }
    }

    /** Takes one in mode COW, which nobody else gets and which has no version of its own. */
    synchronized HeapSnapshot<K, V> instant(HeapMap<K, V> map) {
        return new HeapSnapshot<>(map, cut(map), versions, Instant.now(), System.nanoTime(), true);
    }

    private @Nullable HeapSnapshot<K, V> shared() {
        WeakReference<HeapSnapshot<K, V>> reference = shared;
        HeapSnapshot<K, V> snapshot = reference == null ? null : reference.get();
        return snapshot != null && snapshot.isCurrent() ? snapshot : null;
    }

    /** The last cut if it is still what the map has, else a new one; the caller is counted in as a user. */
    private Cut cut(HeapMap<K, V> map) {
        Cut cut = last == null ? null : last.get();
        if (cut != null) {
            cut.addUser();
            if (cut.isCurrent(map, map.epochs)) {
                return cut;
            }
            cut.dropUser();
        }
        cut = Cut.take(map, map.epochs);
        last = new WeakReference<>(cut);
        return cut;
    }

    synchronized Optional<Snapshot<K, V>> at(long version) {
        for (HeapSnapshot<K, V> snapshot : kept) {
            if (snapshot.version() == version) {
                return Optional.of(snapshot.again());
            }
        }
        return Optional.empty();
    }
}
