package io.sherd.benchmarks;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;

/** Who can be measured, ours first. */
final class Peers {
    /** The systems of the heap suite. */
    static final List<HeapPeer> HEAP = List.of(
            new SherdHeapPeer(),
            new ConcurrentHashMapPeer(),
            new NonBlockingHashMapPeer(),
            new LockedHashMapPeer(),
            new FlatTablePeer());

    /** The systems of the disk and durable suites. */
    static final List<DiskPeer> DISK = List.of(
            new SherdDiskPeer(false),
            new SherdDiskPeer(true),
            new ChronicleMapPeer(false),
            new ChronicleMapPeer(true),
            new LmdbPeer(true),
            new LmdbPeer(false),
            new MvStorePeer(),
            new RawAppendPeer(),
            new FlatLogPeer());

    private Peers() {}

    /** The order of columns: as above, and who is not named there comes last. */
    static int rank(String name) {
        List<String> names = Stream.concat(
                        Stream.concat(HEAP.stream().map(HeapPeer::name), LockPeer.NAMES.stream())
                                .distinct(),
                        DISK.stream().map(DiskPeer::name))
                .toList();
        int rank = names.indexOf(name);
        return rank < 0 ? names.size() : rank;
    }

    static HeapPeer heap(String name) {
        for (HeapPeer peer : HEAP) {
            if (peer.name().equals(name)) {
                return peer;
            }
        }
        throw new NoSuchElementException("no heap map is called " + name);
    }

    static DiskPeer disk(String name) {
        for (DiskPeer peer : DISK) {
            if (peer.name().equals(name)) {
                return peer;
            }
        }
        throw new NoSuchElementException("no disk map is called " + name);
    }
}
