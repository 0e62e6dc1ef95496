package io.sherd.disk;

import io.sherd.disk.Lane.Position;
import java.nio.MappedByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a lane of an era ends, before any of its records is applied: at the first record that is not whole. A group is
 * like one record here, whole if all in it is, and the lane ends before the first one that is not.
 *
 * <p>A transaction may have groups in several lanes, or several in one. Those found are counted off; what is left when all
 * lanes of the era were read are the transactions that do not count. Such a one was under way when the process ended, or met a
 * full disk; or it began before the place where this replay begins, and then the image knows all of it, since a transaction keeps
 * the locks of its shards until the index tells of it, and the places were noted before any shard was copied.
 */
final class LaneScan implements Callable<LaneScan> {
    final List<DataFile> chain;
    final Position from;
    private final RecordReader reader;
    private final ConcurrentMap<Position, Integer> missing;

    private final Window window = new Window();
    private int filesRead;
    private long bytes;
    private long entries;
    private @Nullable DataFile stoppedIn;
    private long stoppedAt;
    private boolean torn;

    /**
     * Prepares a scan.
     *
     * @param reader reads records
     * @param chain the files of the lane in order
     * @param from where to begin
     * @param missing how many groups were not found yet of each transaction, by the place of its first one; shared by the
     *     lanes of an era
     */
    LaneScan(RecordReader reader, List<DataFile> chain, Position from, ConcurrentMap<Position, Integer> missing) {
        this.reader = reader;
        this.chain = chain;
        this.from = from;
        this.missing = missing;
    }

    @Override
    public LaneScan call() {
        for (DataFile file : chain) {
            filesRead++;
            int start = start(file);
            int end = scan(file, start);
            file.used = end;
            bytes += end - start;
            if (stoppedIn != null) {
                break;
            }
        }
        return this;
    }

    /** Where the records of a file begin that are to be read. */
    int start(DataFile file) {
        return file.sequence == from.sequence() ? (int) from.offset() : DataFile.HEADER;
    }

    /** Reads a file; answers the end of its last record. */
    private int scan(DataFile file, int start) {
        MappedByteBuffer data = file.bytes;
        int offset = skim(file, start);
        while (isWhole(file, offset, file.length)) {
            long header = Records.header(data, offset);
            int end = offset + Records.size(Records.length(header));
            if (Records.type(header) == Records.END) {
                return end;
            }
            if (Records.type(header) == Records.GROUP) {
                long last = end + Records.groupBytes(data, offset);
                end = endOfGroup(file, end, last);
                if (end != last) {
                    break;
                }
                int groups = Records.groups(data, offset);
                if (groups > 1) {
                    missing.merge(
                            Records.firstGroup(data, offset), groups - 1, (left, all) -> left == 1 ? null : left - 1);
                }
            }
            offset = skim(file, end);
        }
        stoppedIn = file;
        stoppedAt = offset;
        torn = offset + Records.HEADER > file.length || Records.header(data, offset) != 0;
        return offset;
    }

    /** Passes whole records that put or remove; answers where another one is, or one that is not whole, or is too large. */
    private int skim(DataFile file, int start) {
        int limit = (int) file.length;
        long seed = file.seed;
        long[] words = window.words;
        int offset = start;
        int at = window.seek(file, offset, limit);
        while (at < window.count()) {
            long header = words[at];
            int size = Records.size(Records.length(header));
            if (at + (size >>> 3) > window.count()) {
                if (at == 0) {
                    break;
                }
                window.load(file, offset, limit);
                at = 0;
            } else if (size > Records.HEADER
                    && reader.isPlausibleEntry(words, at, header)
                    && Records.isSound(words, at, offset, header, seed)) {
                entries++;
                offset += size;
                at = window.seek(file, offset, limit);
            } else {
                break;
            }
        }
        return offset;
    }

    /** The end of the whole records in a group that may be in one, not behind the last. */
    private int endOfGroup(DataFile file, int start, long last) {
        int offset = start;
        while (offset < last && last <= file.length && isWhole(file, offset, last)) {
            long header = Records.header(file.bytes, offset);
            int type = Records.type(header);
            entries++;
            if (type != Records.PUT && type != Records.REMOVE && type != Records.PUT_LARGE) {
                break;
            }
            offset += Records.size(Records.length(header));
        }
        return offset;
    }

    private boolean isWhole(DataFile file, int offset, long limit) {
        if (offset + Records.HEADER > limit) {
            return false;
        }
        long header = Records.header(file.bytes, offset);
        return header != 0
                && offset + (long) Records.size(Records.length(header)) <= limit
                && Records.isSound(file.bytes, offset, header, file.seed)
                && (Records.type(header) == Records.END || reader.isPlausible(file.bytes, offset, header));
    }

    /** The end of the records of a file that was read. */
    int end(DataFile file) {
        return (int) file.used;
    }

    /** The files that were read. */
    List<DataFile> read() {
        return chain.subList(0, filesRead);
    }

    /** The files of the lane that were not read. */
    List<DataFile> behind() {
        return chain.subList(filesRead, chain.size());
    }

    /** The number of records that put or remove, about. */
    long entries() {
        return entries;
    }

    long bytes() {
        return bytes;
    }

    /** The file that holds the end of the lane; null if it ended with a file, or had none. */
    @Nullable
    DataFile stoppedIn() {
        return stoppedIn;
    }

    long stoppedAt() {
        return stoppedAt;
    }

    /** Whether something is at the end that is no record. */
    boolean isTorn() {
        return torn;
    }
}
