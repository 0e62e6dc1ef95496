package io.sherd.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One end of the log at which records are appended. A shard always appends to the same lane, under its own lock, so that the
 * order of records in a lane is the order of changes in each of its shards.
 *
 * <p>A record is written whole under the lane's lock, its header last: a process that ends in between leaves a zero header,
 * and no record ever lies behind an unfinished one. The records of a transaction follow a record of their own, the beginning of
 * the group, which is written after them, so that the same holds for all of them together. Space ahead is prepared by a thread
 * of the map before the appender gets there; where it does not keep up, the appender waits, and learns of a full disk there.
 */
final class Lane {
    private static final int MIN_AHEAD = 1 << 16;
    private static final int MAX_AHEAD = 4 << 20;

    final int index;
    private final Log log;
    private final Mutex lock = new Mutex();
    private @Nullable DataFile current;
    private int position;
    private int limit;
    private int wish;
    private int noted;
    private @Nullable CompletableFuture<DataFile> spare;
    private final List<DataFile> full = new ArrayList<>();

    Lane(Log log, int index) {
        this.log = log;
        this.index = index;
    }

    /** Where a lane stands: the sequence of its file, and the offset of the next record. */
    record Position(long sequence, long offset) implements Comparable<Position> {
        static final Position START = new Position(0, 0);

        @Override
        public int compareTo(Position other) {
            int bySequence = Long.compare(sequence, other.sequence);
            return bySequence != 0 ? bySequence : Long.compare(offset, other.offset);
        }
    }

    /** Goes on in a file of an earlier session that was closed cleanly. */
    void resume(DataFile file, long offset) {
        current = file;
        position = (int) offset;
        noted = position;
        limit = limit(file);
        wish = 0;
    }

    /** Takes the lock; within that of a shard, never the other way round. */
    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlockInner();
    }

    /**
     * Appends a record. Under the lock.
     *
     * @param type what it says
     * @param keyWord the key, if {@code key} is null
     * @param key the key's bytes
     * @param prefixed whether the key's length is written
     * @param valueWord the value, if {@code value} is null and there is one
     * @param value the value's bytes
     * @param valueLength the number of bytes of the value, 0 if there is none
     * @return the address
     */
    long append(
            int type,
            long keyWord,
            byte @Nullable [] key,
            boolean prefixed,
            long valueWord,
            byte @Nullable [] value,
            int valueLength) {
        int keyLength = key == null ? Long.BYTES : (prefixed ? Integer.BYTES : 0) + key.length;
        int size = Records.size(keyLength + valueLength);
        if (position + size > limit) {
            makeRoom(size);
        }
        DataFile file = Objects.requireNonNull(current);
        int offset = position;
        long header = Records.write(
                file.bytes, offset, type, keyWord, key, prefixed, valueWord, value, valueLength, file.seed);
        Bits.ORDERED.setRelease((ByteBuffer) file.bytes, offset, header);
        position = offset + size;
        if (position > wish) {
            try {
                prepareAhead();
            } catch (RuntimeException | VirtualMachineError later) {
                wish = position; // the record is there; where space ends, the next one is refused before it is written
            }
        }
        return log.address(file.number, offset);
    }

    /**
     * Begins a group, and makes room for it: its records all go into the present file. Answers where it begins. Under the
     * lock, which is kept until {@link #endGroup} or {@link #giveUpGroup}.
     *
     * @param bytes the bytes of its records
     */
    Position beginGroup(int bytes) {
        int size = Records.size(Records.GROUP_CONTENT) + bytes;
        if (position + size > limit) {
            makeRoom(size);
        }
        Position begin = new Position(Objects.requireNonNull(current).sequence, position);
        position += Records.size(Records.GROUP_CONTENT);
        return begin;
    }

    /** Makes the group count, if all of its transaction do; answers the address of its beginning. Under the lock. */
    long endGroup(Position begin, Position first, int groups) {
        DataFile file = Objects.requireNonNull(current);
        int offset = (int) begin.offset();
        long bytes = position - offset - (long) Records.size(Records.GROUP_CONTENT);
        long header = Records.writeGroup(file.bytes, offset, first, groups, bytes, file.seed);
        Bits.ORDERED.setRelease((ByteBuffer) file.bytes, offset, header);
        return log.address(file.number, offset);
    }

    /**
     * Ends a group whose records are not all there. It says of itself that it is the first of two, and nobody writes the other,
     * so it never counts. Zeros in its place could reach the disk later than the records did, and those would count one by one
     * after a loss of power. Under the lock.
     */
    void giveUpGroup(Position begin) {
        if (position == begin.offset() + Records.size(Records.GROUP_CONTENT)) {
            position = (int) begin.offset();
        } else {
            log.countDeadRecord(endGroup(begin, begin, 2));
        }
    }

    /** Where the next record goes. */
    Position position() {
        lock.lock();
        try {
            return current == null ? Position.START : new Position(current.sequence, position);
        } finally {
            lock.unlockInner();
        }
    }

    /** Brings the end of the last record of the present file up to date. */
    void updateUsed() {
        lock.lock();
        try {
            if (current != null) {
                current.used = position;
            }
        } finally {
            lock.unlockInner();
        }
    }

    /** Hands over the files that have records not forced yet, each with the end of its last record. */
    void collectUnforced(List<DataFile> files, List<Long> ends) {
        lock.lock();
        try {
            for (DataFile file : full) {
                files.add(file);
                ends.add(file.length);
            }
            if (current != null && position > current.forced) {
                files.add(current);
                ends.add((long) position);
            }
        } finally {
            lock.unlockInner();
        }
    }

    /** Forgets a full file once it is forced. */
    void forced(DataFile file, long end) {
        lock.lock();
        try {
            file.forced = Math.max(file.forced, end);
            if (file.forced == file.length) {
                full.remove(file);
            }
        } finally {
            lock.unlockInner();
        }
    }

    /** Gives up a file made in advance; when the map is closed, nobody appending. */
    void dropSpare(boolean delete) {
        CompletableFuture<DataFile> made = spare;
        spare = null;
        if (made == null) {
            return;
        }
        DataFile file;
        try {
            file = made.join();
        } catch (CompletionException failed) {
            return;
        }
        if (delete) {
            log.discard(file);
        } else {
            log.close(file);
        }
    }

    private static int limit(DataFile file) {
        return (int) Math.min(file.prepared(), file.length - Records.HEADER);
    }

    private int ahead() {
        return Math.clamp((long) position, MIN_AHEAD, MAX_AHEAD);
    }

    /** Asks for more space ahead, and for the next file in the second half of this. */
    private void prepareAhead() {
        DataFile file = Objects.requireNonNull(current);
        if (spare == null && position > file.length / 2) {
            spare = log.startFile(this, file.sequence, 0);
        }
        long target = Math.min(file.length, position + 2L * ahead());
        if (file.prepared() < target) {
            log.startPreparing(file, target);
        }
        log.progress(position - noted);
        noted = position;
        wish = position + ahead() / 2;
    }

    /** Makes sure that a record of a size fits. Throws without a change if there is no space. */
    private void makeRoom(int size) {
        while (true) {
            DataFile file = current;
            if (file == null || position + size > file.length - Records.HEADER) {
                nextFile(size);
                continue;
            }
            limit = limit(file);
            if (position + size <= limit) {
                return;
            }
            long target = Math.min(file.length, (long) position + size + ahead());
            try {
                log.awaitPreparing(file, target);
            } catch (StorageFullException e) {
                limit = limit(file);
                if (position + size > limit) {
                    throw e;
                }
            }
        }
    }

    private void nextFile(int size) {
        DataFile old = current;
        CompletableFuture<DataFile> made = spare;
        spare = null;
        if (made == null) {
            made = log.startFile(this, old == null ? 0 : old.sequence, size);
        }
        DataFile next = log.awaitFile(made);
        if (next.length < DataFile.HEADER + size + Records.HEADER) {
            log.discard(next);
            next = log.awaitFile(log.startFile(this, old == null ? 0 : old.sequence, size));
        }
        if (old != null) {
            Bits.ORDERED.setRelease(
                    (ByteBuffer) old.bytes, position, Records.seal(old.bytes, position, Records.END, 0, old.seed));
            old.used = (long) position + Records.HEADER;
            full.add(old);
        }
        log.publish(next);
        current = next;
        position = DataFile.HEADER;
        noted = position;
        limit = limit(next);
        wish = 0;
    }
}
