package io.sherd;

import io.sherd.spi.HeldEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commit of several keys that were locked together.
 *
 * <p>Until it is seen, all keys of the group stay held, those too that were only read: what was read led to what is written, so nobody
 * may write the one and then see the other come. The keys that change stay held until no reader looks for the commit any more.
 */
final class HeldCommit<K, V> extends Commit {
    private final HeapMap<K, V> map;

    /** In the order of their hashes. */
    private final List<HeapEntry<K, V>> changed;

    /** The ranges of hashes whose segments know of the commit. */
    private final List<long[]> ranges = new ArrayList<>();

    /**
     * Set when all is written, before the first announcement is taken back. From then on no segment inherits the commit: one that merged two and
     * was split again would have it for keys from which it was taken back before.
     */
    private volatile boolean ending;

    private HeldCommit(HeapMap<K, V> map, List<HeapEntry<K, V>> changed) {
        this.map = map;
        this.changed = changed;
        changed.sort(Comparator.comparingInt(entry -> entry.hash));
    }

    /** Writes what was changed in several entries at one instant, and gives them back. */
    @SuppressWarnings("ReferenceEquality") // that very entry
    static <K, V> void publish(HeapMap<K, V> map, Collection<? extends HeldEntry<K, V>> group) {
        List<HeapEntry<K, V>> changed = new ArrayList<>();
        for (HeldEntry<K, V> entry : group) {
            if (entry.isChanged() && (entry.now() != null || entry.before() != null)) {
                changed.add((HeapEntry<K, V>) entry);
            }
        }
        HeapEntry<K, V> only = changed.size() == 1 ? changed.get(0) : null;
        try {
            if (only != null) {
                only.giveBack();
            } else if (!changed.isEmpty()) {
                new HeldCommit<>(map, changed).run();
            }
        } finally {
            for (HeldEntry<K, V> entry : group) {
                if (entry != only) {
                    ((HeapEntry<K, V>) entry).giveUp();
                }
            }
        }
    }

    private void run() {
        try {
            announce(); // which also writes the holds down
            doneUnderLock();
            for (HeapEntry<K, V> entry : changed) {
                map.finishHeld(entry.hash, entry.key(), entry.now(), true);
            }
        } finally {
            ending = true;
            for (long[] range : ranges) {
                takeBack(range[0], range[1]);
            }
        }
    }

    /** The instant comes under a lock, so that it does not fall into that of a snapshot. */
    private void doneUnderLock() {
        HeapEntry<K, V> first = changed.get(0);
        for (; ; ) {
            Segment segment = map.segmentOrNew(first.hash, first.key(), first.now());
            if (segment.lock()) {
                try {
                    map.epochs.noteWrite();
                    done();
                    return;
                } finally {
                    segment.state = (segment.state | SegmentLock.PHASE) + 1;
                }
            }
        }
    }

    private void announce() {
        long to = 0;
        for (HeapEntry<K, V> entry : changed) {
            while (entry.hash >= to) {
                Segment segment = map.segmentOrNew(entry.hash, entry.key(), entry.now());
                if (segment.lock()) {
                    try {
                        if (prepare(segment)) {
                            ranges.add(new long[] {segment.firstHash(), segment.lastHash()});
                            segment.announce(this);
                            to = segment.lastHash();
                        }
                    } finally {
                        if (segment.isLocked()) {
                            segment.unlock();
                        }
                    }
                }
            }
        }
    }

    /** With its lock: whether a segment accepts what is to be written; if not, it is replaced, now, while nothing has been written and memory may fail. */
    private boolean prepare(Segment segment) {
        for (int i = firstFrom(segment.firstHash()); i < changed.size(); i++) {
            HeapEntry<K, V> entry = changed.get(i);
            if (entry.hash >= segment.lastHash()) {
                break;
            }
            V now = entry.now();
            if (now != null && !segment.accepts(entry.key(), now)) {
                map.grow(segment, entry.key(), now);
                return false;
            }
        }
        return true;
    }

    private void takeBack(long from, long to) {
        for (long at = from; at < to; ) {
            Segment segment = map.segment((int) at);
            if (segment == null) {
                at = map.nextCell((int) at);
            } else if (segment.lock()) {
                try {
                    segment.takeBack(this);
                    at = segment.lastHash();
                } finally {
                    segment.unlock();
                }
            }
        }
    }

    /** The index of the first changed key with this hash or a larger one. */
    private int firstFrom(long hash) {
        int low = 0;
        for (int high = changed.size(); low < high; ) {
            int middle = (low + high) >>> 1;
            if (changed.get(middle).hash < hash) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    @Nullable
    Commit within(long from, long to) {
        int first = firstFrom(from);
        return !ending && first < changed.size() && changed.get(first).hash < to ? this : null;
    }

    @Override
    @Nullable
    Object valueOf(int hash, Object key) {
        int low = firstFrom(hash);
        for (; low < changed.size() && changed.get(low).hash == hash; low++) {
            HeapEntry<K, V> entry = changed.get(low);
            if (key.equals(entry.key())) {
                return orRemoved(entry.now());
            }
        }
        return null;
    }
}
