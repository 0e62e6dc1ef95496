package io.sherd.disk;

import io.sherd.disk.DataFile.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The data files of a map, found by number, and the lanes that append to them.
 *
 * <p>An address is the number of a file, shifted by the format's {@code fileShift}, plus an offset. Numbers and sequences are
 * given out once in the life of a map. A file gets its final name when it is complete and safe, so that one that is shorter
 * than its header says was cut by somebody.
 */
final class Log {
    static final int MIN_FILE_SHIFT = 20;
    static final int MAX_FILE_SHIFT = 28;

    private static final int ADDRESS_BITS = 43;
    private static final int COPY = 1 << 20;
    private static final MappedByteBuffer[] NO_BUFFERS = {};
    private static final DataFile[] NO_FILES = {};

    final Path directory;
    final Storage storage;
    final IoThreads io;
    final long salt;
    final int fileShift;
    private final long offsetMask;
    private final int step;

    private volatile @Nullable MappedByteBuffer[] buffers = NO_BUFFERS;
    private volatile @Nullable DataFile[] files = NO_FILES;
    private volatile @Nullable DiskMapException failure;
    private Lane[] lanes = {};

    private final ReentrantLock allocation = new ReentrantLock();
    private int nextNumber;
    private long nextSequence = 1;
    private int era;

    private final ReentrantLock forcing = new ReentrantLock();

    private final AtomicLong progress = new AtomicLong();
    private volatile long progressStep = Long.MAX_VALUE;
    private volatile Runnable progressAction = () -> {};

    Log(Path directory, Storage storage, IoThreads io, long salt, int fileShift, int step) {
        this.directory = directory;
        this.storage = storage;
        this.io = io;
        this.salt = salt;
        this.fileShift = fileShift;
        this.offsetMask = (1L << fileShift) - 1;
        this.step = step;
    }

    /** The largest value that goes into a lane; a larger one gets a file of its own. */
    long maxValue() {
        return (1L << (fileShift - 3)) - Records.MAX_KEY;
    }

    /** The most bytes of records in one group, but for a single record: so many that little of a file stays empty. */
    long maxGroup() {
        return 1L << (fileShift - 3);
    }

    // ---- addresses

    long address(int number, long offset) {
        return (long) number << fileShift | offset;
    }

    int number(long address) {
        return (int) (address >>> fileShift);
    }

    int offset(long address) {
        return (int) (address & offsetMask);
    }

    /** The bytes of the file that an address is in. */
    MappedByteBuffer bytes(long address) {
        MappedByteBuffer bytes = buffers[(int) (address >>> fileShift)];
        if (bytes == null) {
            throw new IndexOutOfBoundsException("no file " + number(address));
        }
        return bytes;
    }

    DataFile file(long address) {
        return fileNumbered(number(address));
    }

    DataFile fileNumbered(int number) {
        DataFile file = fileOrNull(number);
        if (file == null) {
            throw new CorruptMapException(directory.resolve(DataFile.name(number)), 0, "the file is not there");
        }
        return file;
    }

    @Nullable
    DataFile fileOrNull(long number) {
        @Nullable DataFile[] all = files;
        return number < 0 || number >= all.length ? null : all[(int) number];
    }

    /** More than the highest number of a file. */
    int fileSlots() {
        return files.length;
    }

    /** All files, in the order of their numbers, with the ends of their last records up to date. */
    List<DataFile> measuredFiles() {
        for (Lane lane : lanes) {
            lane.updateUsed();
        }
        return files();
    }

    /** All files, in the order of their numbers. */
    List<DataFile> files() {
        List<DataFile> present = new ArrayList<>();
        for (DataFile file : files) {
            if (file != null) {
                present.add(file);
            }
        }
        return present;
    }

    /** The bytes that a record takes; those of its large value only if it counted. */
    void countDeadRecord(long address) {
        DataFile file = file(address);
        file.dead.addAndGet(Records.size(Records.length(Records.header(file.bytes, offset(address)))));
    }

    /** The bytes that a record takes, and those of its large value. */
    void countDead(long address) {
        DataFile file = file(address);
        long header = Records.header(file.bytes, offset(address));
        file.dead.addAndGet(Records.size(Records.length(header)));
        if (Records.type(header) == Records.PUT_LARGE) {
            DataFile large = largeOf(file.bytes, offset(address), header);
            if (large != null) {
                large.dead.set(large.length);
            }
        }
    }

    /** The file of the large value that a record refers to; null if it was deleted since. */
    @Nullable
    DataFile largeOf(MappedByteBuffer bytes, int offset, long header) {
        int reference = offset + Records.HEADER + Records.length(header) - Records.REFERENCE;
        return fileOrNull(bytes.getLong(reference));
    }

    // ---- life of files

    void publish(DataFile file) {
        allocation.lock();
        try {
            int size = Math.max(files.length, file.number + 1);
            @Nullable MappedByteBuffer[] newBuffers = Arrays.copyOf(buffers, size);
            @Nullable DataFile[] newFiles = Arrays.copyOf(files, size);
            newBuffers[file.number] = file.bytes;
            newFiles[file.number] = file;
            buffers = newBuffers;
            files = newFiles;
        } finally {
            allocation.unlock();
        }
    }

    /** Takes a file out of the map; buffers that readers have stay valid. */
    void withdraw(DataFile file) {
        allocation.lock();
        try {
            if (file.number < files.length && files[file.number] == file) {
                @Nullable MappedByteBuffer[] newBuffers = buffers.clone();
                @Nullable DataFile[] newFiles = files.clone();
                newBuffers[file.number] = null;
                newFiles[file.number] = null;
                buffers = newBuffers;
                files = newFiles;
            }
        } finally {
            allocation.unlock();
        }
    }

    /** Deletes a file that nothing refers to any longer. */
    void discard(DataFile file) {
        withdraw(file);
        io.call("delete " + file.name(), () -> {
            file.close();
            storage.delete(directory.resolve(file.name()));
            return file;
        });
    }

    /** Starts to make the next file of a lane, with room for a record of a size. */
    CompletableFuture<DataFile> startFile(Lane lane, long previous, long size) {
        Header header;
        allocation.lock();
        try {
            long total = 0;
            for (DataFile file : files) {
                total += file == null || file.kind != DataFile.LOG ? 0 : file.length;
            }
            long length = Math.clamp(Long.highestOneBit(total), 1L << MIN_FILE_SHIFT, 1L << fileShift);
            long needed = (DataFile.HEADER + size + Records.HEADER + 4095) & ~4095L;
            header = new Header(
                    takeNumber(),
                    nextSequence++,
                    DataFile.LOG,
                    lane.index,
                    lanes.length,
                    era,
                    Math.max(length, needed),
                    previous);
        } finally {
            allocation.unlock();
        }
        return io.start(() -> {
            DataFile file = create(header, new byte[0]);
            try {
                file.prepare(directory.resolve(file.name()), DataFile.HEADER + size + 4L * step, step);
            } catch (IOException e) {
                file.file.close();
                storage.delete(directory.resolve(file.name()));
                throw e;
            }
            return file;
        });
    }

    DataFile awaitFile(CompletableFuture<DataFile> file) {
        return io.await("make a data file", file);
    }

    void startPreparing(DataFile file, long target) {
        var _ = io.start(() -> {
            file.prepare(directory.resolve(file.name()), target, step);
            return file;
        });
    }

    void awaitPreparing(DataFile file, long target) {
        var _ = io.call("append to " + file.name(), () -> {
            file.prepare(directory.resolve(file.name()), target, step);
            return file;
        });
    }

    /** Writes a large value into a file of its own, and makes it safe: a reference to it is never wrong. */
    DataFile writeLarge(byte[] value) {
        Header header;
        allocation.lock();
        try {
            long length = DataFile.HEADER + (value.length + 7 & ~7L);
            header = new Header(takeNumber(), nextSequence++, DataFile.LARGE, 0, 0, era, length, value.length);
        } finally {
            allocation.unlock();
        }
        DataFile file = io.call("store a value of " + value.length + " bytes", () -> create(header, value));
        publish(file);
        return file;
    }

    private int takeNumber() {
        if ((long) nextNumber + 1 >= 1L << (ADDRESS_BITS - fileShift)) {
            throw new DiskMapException("map " + directory + ": all " + nextNumber
                    + " numbers of data files were used; copy the entries into a new map");
        }
        return nextNumber++;
    }

    private DataFile create(Header header, byte[] content) throws IOException {
        String name = DataFile.name(header.number());
        Path temporary = directory.resolve(name + ".tmp");
        Path target = directory.resolve(name);
        BlockFile file = storage.create(temporary);
        try {
            file.write(header.toBuffer(salt), 0);
            for (int at = 0; at < content.length; at += COPY) {
                file.write(
                        ByteBuffer.wrap(content, at, Math.min(COPY, content.length - at)), DataFile.HEADER + (long) at);
            }
            file.extend(header.length());
            file.force();
            storage.rename(temporary, target);
            storage.forceDirectory(directory);
            return DataFile.attach(
                    header, salt, file, header.kind() == DataFile.LOG ? DataFile.HEADER : header.length());
        } catch (IOException | RuntimeException e) {
            file.close();
            storage.delete(temporary);
            storage.delete(target);
            throw e;
        }
    }

    // ---- session

    /** Sets the lanes up for a session, before any append. */
    void start(int newEra, int firstNumber, long firstSequence, int laneCount) {
        era = newEra;
        nextNumber = firstNumber;
        nextSequence = firstSequence;
        lanes = new Lane[laneCount];
        for (int i = 0; i < laneCount; i++) {
            lanes[i] = new Lane(this, i);
        }
    }

    Lane lane(int index) {
        return lanes[index];
    }

    int lanes() {
        return lanes.length;
    }

    int era() {
        return era;
    }

    int nextNumber() {
        allocation.lock();
        try {
            return nextNumber;
        } finally {
            allocation.unlock();
        }
    }

    long nextSequence() {
        allocation.lock();
        try {
            return nextSequence;
        } finally {
            allocation.unlock();
        }
    }

    // ---- progress

    /** Asks to be told each time that so many bytes were appended, about. */
    void onProgress(long bytes, Runnable action) {
        progressStep = bytes;
        progressAction = action;
    }

    void progress(long bytes) {
        if (progress.addAndGet(bytes) >= progressStep) {
            progress.set(0);
            progressAction.run();
        }
    }

    // ---- durability

    /**
     * Makes every record that was appended before the call safe. One force runs at a time, since a system reports a failed one
     * to one caller only; after a failure none is tried again, since what it lost may look clean to the system.
     */
    void force() throws IOException {
        forcing.lock();
        try {
            checkWritable();
            List<DataFile> unforced = new ArrayList<>();
            List<Long> ends = new ArrayList<>();
            for (Lane lane : lanes) {
                lane.collectUnforced(unforced, ends);
            }
            for (int i = 0; i < unforced.size(); i++) {
                DataFile file = unforced.get(i);
                forceOnce(file);
                lanes[file.lane].forced(file, ends.get(i));
            }
        } finally {
            forcing.unlock();
        }
    }

    private void forceOnce(DataFile file) throws IOException {
        try {
            file.file.force();
        } catch (IOException | RuntimeException e) {
            IOException cause = e instanceof IOException io ? io : new IOException(e);
            failure = new DiskMapException(
                    "map " + directory + ": a flush of " + file.name()
                            + " failed, so that earlier writes may be"
                            + " lost; the map is read-only until it is closed and opened again",
                    cause);
            throw cause;
        }
    }

    /** Makes one file safe. A failure is as final as one of {@link #force()}. */
    void force(DataFile file) throws IOException {
        forcing.lock();
        try {
            checkWritable();
            forceOnce(file);
        } finally {
            forcing.unlock();
        }
    }

    /** Makes files of an earlier session safe. */
    void forceAll(List<DataFile> some) throws IOException {
        forcing.lock();
        try {
            for (DataFile file : some) {
                file.file.force();
            }
        } finally {
            forcing.unlock();
        }
    }

    /** Throws if a flush failed. */
    void checkWritable() {
        DiskMapException failed = failure;
        if (failed != null) {
            throw new DiskMapException(String.valueOf(failed.getMessage()), Objects.requireNonNull(failed.getCause()));
        }
    }

    boolean isWritable() {
        return failure == null;
    }

    void close(DataFile file) {
        io.call("close " + file.name(), () -> {
            file.close();
            return file;
        });
    }

    void close() {
        io.call("close the data files", () -> {
            for (DataFile file : files()) {
                file.close();
            }
            return directory;
        });
    }
}
