package io.sherd.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One data file: a part of the log of one lane, or one large value.
 *
 * <p>It begins with a header of {@value #HEADER} bytes:
 *
 * <pre>
 * 0   u64  magic
 * 8   u32  format version, u32 kind: 1 log, 2 large value
 * 16  u64  number of the file
 * 24  u64  sequence: grows from file to file over the life of the map
 * 32  u16  lane, u16 number of lanes, u32 era
 * 40  u64  length of the file
 * 48  u64  log: sequence of the file before in the lane, 0 for the first of an era; large value: its length
 * 56  u64  checksum, seeded by the salt of the map
 * </pre>
 *
 * <p>Space is written with zeros before it is used through the mapping: a store into a hole of a file on a full disk would
 * end the process's thread with an error that no caller expects, where a write reports it in time.
 */
final class DataFile {
    static final int HEADER = 64;
    static final int LOG = 1;
    static final int LARGE = 2;

    private static final int PAGE = 4096;

    /** What a processor maps by one entry of its tables instead of many, where the page cache has it in one piece. */
    private static final int HUGE_PAGE = 2 << 20;

    /** Files from this length on are prepared in huge pages, unless they are flushed all the time. */
    private static final int HUGE_FROM = 4 * HUGE_PAGE;

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(HUGE_PAGE).asReadOnlyBuffer();
    private static final long MAGIC = 0x474f4c4452454853L; // "SHERDLOG"

    final int number;
    final long sequence;
    final int kind;
    final int lane;
    final int lanes;
    final int era;
    final long length;
    final long previous;
    final long seed;
    final BlockFile file;
    final MappedByteBuffer bytes;

    /** Bytes of records that are no longer the state of a key. */
    final AtomicLong dead = new AtomicLong();

    private final ReentrantLock preparing = new ReentrantLock();
    private volatile long prepared;

    /** Whether nothing is appended any more; guarded by {@link #preparing}. */
    private boolean sealed;

    /** The end of the last record; of a lane's present file, as of {@link Lane#updateUsed}. */
    volatile long used = HEADER;

    /** Whether a record refers to this large value; false between its creation and that record. */
    volatile boolean referenced;

    /** How far the content is safe from a loss of power; guarded by the lock of the lane. */
    long forced;

    private DataFile(Header header, long salt, BlockFile file, MappedByteBuffer bytes, long prepared) {
        this.number = header.number;
        this.sequence = header.sequence;
        this.kind = header.kind;
        this.lane = header.lane;
        this.lanes = header.lanes;
        this.era = header.era;
        this.length = header.length;
        this.previous = header.previous;
        this.seed = Bits.seed(header.sequence, salt);
        this.file = file;
        this.bytes = bytes;
        this.prepared = prepared;
    }

    /** The fixed part of a file. */
    record Header(int number, long sequence, int kind, int lane, int lanes, int era, long length, long previous) {

        ByteBuffer toBuffer(long salt) {
            MemorySegment bytes = MemorySegment.ofArray(new byte[HEADER]);
            bytes.set(Bits.LONG, 0, MAGIC);
            bytes.set(Bits.INT, 8, Meta.VERSION);
            bytes.set(Bits.INT, 12, kind);
            bytes.set(Bits.LONG, 16, number);
            bytes.set(Bits.LONG, 24, sequence);
            bytes.set(Bits.INT, 32, lane | lanes << 16);
            bytes.set(Bits.INT, 36, era);
            bytes.set(Bits.LONG, 40, length);
            bytes.set(Bits.LONG, 48, previous);
            bytes.set(Bits.LONG, 56, Bits.sum64(bytes, 0, 56, salt));
            return bytes.asByteBuffer();
        }

        /** Reads a header; null if the bytes are none of this map. */
        static @Nullable Header parse(MemorySegment bytes, long salt) {
            if (bytes.get(Bits.LONG, 0) != MAGIC
                    || bytes.get(Bits.INT, 8) != Meta.VERSION
                    || bytes.get(Bits.LONG, 56) != Bits.sum64(bytes, 0, 56, salt)) {
                return null;
            }
            int lanes = bytes.get(Bits.INT, 32);
            return new Header(
                    (int) bytes.get(Bits.LONG, 16),
                    bytes.get(Bits.LONG, 24),
                    bytes.get(Bits.INT, 12),
                    lanes & 0xffff,
                    lanes >>> 16,
                    bytes.get(Bits.INT, 36),
                    bytes.get(Bits.LONG, 40),
                    bytes.get(Bits.LONG, 48));
        }
    }

    /** Takes over an open file whose header is in place. */
    static DataFile attach(Header header, long salt, BlockFile file, long prepared) throws IOException {
        var mode = header.kind == LOG ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY;
        return new DataFile(header, salt, file, file.buffer(mode, (int) header.length), prepared);
    }

    /** The checksum of a large value. */
    long sum() {
        return Bits.sum64(bytes, HEADER, (int) length - HEADER, seed);
    }

    static CorruptMapException cut(Path path, long expected, long found) {
        return new CorruptMapException(
                path,
                found,
                "expected " + expected + " bytes, found " + found + "; the file was cut short while the map was open");
    }

    static String name(int number) {
        return String.format(Locale.ROOT, "data-%06d", number);
    }

    String name() {
        return name(number);
    }

    /** How many bytes from the beginning have space. */
    long prepared() {
        return prepared;
    }

    /** Closes the file; no space is given to it from here on, since it may have another owner soon. */
    void close() throws IOException {
        preparing.lock();
        try {
            file.close();
        } finally {
            preparing.unlock();
        }
    }

    /** Ends the giving of space, so that nobody writes to the file from the return of this on; it may get a second owner. */
    void seal() {
        preparing.lock();
        try {
            sealed = true;
        } finally {
            preparing.unlock();
        }
    }

    /**
     * Lets the system get pages ready that nobody appends to yet: the first store into each would stop the appender for that. If
     * pages are flushed before they are used, as with the smallest step, it would be in vain.
     */
    private void touch(int from, int to) {
        for (int at = from; at < to; at = (at | PAGE - 1) + 1) {
            bytes.putLong(at, 0);
        }
    }

    /** Gives the file space up to a length, in small writes: a page cache that sees large ones flushes as large ones. */
    void prepare(Path path, long target, int step) throws IOException {
        preparing.lock();
        try {
            if (sealed) {
                return; // asked for before its last record
            }
            long size = file.size();
            if (size < length) {
                throw cut(path, length, size); // a write would make it longer, and records would read as zeros
            }
            long goal = Math.min(length, target);
            int piece = step > PAGE && length >= HUGE_FROM ? HUGE_PAGE : step;
            ByteBuffer zeros = ZEROS.duplicate();
            while (prepared < goal) {
                long from = prepared;
                long to = Math.min(length, (from / piece + 1) * piece);
                zeros.clear().limit((int) (to - from));
                file.write(zeros, from);
                if (step > PAGE) {
                    touch((int) from, (int) to);
                }
                prepared = to;
            }
        } finally {
            preparing.unlock();
        }
    }
}
