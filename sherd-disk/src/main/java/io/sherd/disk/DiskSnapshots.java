package io.sherd.disk;

import io.sherd.Snapshot;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** The snapshots of a disk map: takes them, numbers them, and keeps the last ones if that is wanted. */
final class DiskSnapshots<K, V> {
    private final MapFiles files;
    private final Entries<K, V> entries;
    private final int keep;
    private final ReentrantLock taking = new ReentrantLock();

    /** Guarded by the lock, as what follows. Each counts as a user of its cut. */
    private final ArrayDeque<DiskSnapshot<K, V>> kept = new ArrayDeque<>();

    private long versions;

    DiskSnapshots(MapFiles files, Entries<K, V> entries, int keep) {
        this.files = files;
        this.entries = entries;
        this.keep = keep;
    }

    DiskSnapshot<K, V> take() {
        files.checkOpen();
        taking.lock();
        try {
            Cut cut = files.cut(() -> {});
            DiskSnapshot<K, V> snapshot =
                    new DiskSnapshot<>(files, entries, cut, ++versions, Instant.now(), System.nanoTime());
            if (keep > 0) {
                kept.addLast(snapshot.again());
                if (kept.size() > keep) {
                    kept.removeFirst().close();
                }
            }
            return snapshot;
        } finally {
            taking.unlock();
        }
    }

    Optional<Snapshot<K, V>> at(long version) {
        files.checkOpen();
        taking.lock();
        try {
            for (DiskSnapshot<K, V> snapshot : kept) {
                if (snapshot.version() == version) {
                    return Optional.of(snapshot.again());
                }
            }
            return Optional.empty();
        } finally {
            taking.unlock();
        }
    }
}
