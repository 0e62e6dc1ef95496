package io.sherd.disk;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/** The files of one open map and what lives and dies with them: from the open of a directory to its close. */
final class MapFiles {
    private static final System.Logger LOGGER = System.getLogger(MapFiles.class.getName());

    /** What {@link DiskMapBuilder} was told. */
    record Settings(
            int shardBits,
            long initialCapacity,
            Durability durability,
            long checkpointEvery,
            int fileShift,
            Storage storage) {}

    /** What a codec means for the files. */
    record CodecFacts(String keyIdentity, String valueIdentity, boolean wordKeys, int fixedKey) {}

    final Path directory;
    final Log log;
    final RecordReader reader;
    final Index index;
    final @Nullable Committer committer;
    final RecoveryReport recovery;
    private final Settings settings;
    private final IoThreads io;
    private final Ownership ownership;
    final Meta meta;
    private final Checkpoint checkpoint;
    private final ReentrantLock lifecycle = new ReentrantLock();
    private final ReentrantLock marking = new ReentrantLock();
    private final ReentrantReadWriteLock largeWrites = new ReentrantReadWriteLock();
    private final AtomicBoolean checkpointing = new AtomicBoolean();

    /** Whether this is a backup that nobody has written to; guarded by {@link #marking}. */
    private boolean backup;

    private volatile boolean closed;
    private volatile boolean writing;
    private volatile @Nullable CorruptMapException damage;
    private volatile boolean needsCheckpoint;
    private boolean released;

    private MapFiles(Path directory, Settings settings, CodecFacts codecs, IoThreads io, Ownership ownership)
            throws IOException {
        this.directory = directory;
        this.settings = settings;
        this.io = io;
        this.ownership = ownership;
        Storage storage = settings.storage;
        if (Files.exists(directory.resolve(Meta.NAME))) {
            meta = Meta.read(storage, directory);
            match("key", meta.keyCodec(), codecs.keyIdentity);
            match("value", meta.valueCodec(), codecs.valueIdentity);
        } else {
            meta = new Meta(
                    settings.fileShift,
                    settings.shardBits,
                    new SecureRandom().nextLong(),
                    codecs.keyIdentity,
                    codecs.valueIdentity);
            meta.write(storage, directory);
        }
        this.backup = Manifest.isIn(directory);
        if (backup) {
            Manifest.read(storage, directory, meta.salt()).deleteOthers(storage, directory);
        }
        boolean sync = settings.durability == Durability.SYNC;
        this.log = new Log(directory, storage, io, meta.salt(), meta.fileShift(), sync ? 4096 : 16384);
        this.reader = new RecordReader(log, codecs.wordKeys, codecs.fixedKey);
        this.index = new Index(log, reader, meta.shardBits());
        int lanes = sync ? 1 : Math.min(4, index.shards.length);
        Recovery opened = new Recovery(log, reader, index);
        opened.run(ownership.wasClean(), lanes, initialLog(meta.shardBits()));
        this.recovery = opened.report();
        this.checkpoint = new Checkpoint(log, index, opened.lastGeneration(), this::ceaseToBeBackup);
        this.needsCheckpoint = !recovery.clean();
        if (!recovery.clean() && sync) {
            log.forceAll(log.files());
        }
        log.onProgress(settings.checkpointEvery, this::startCheckpoint);
        this.committer = sync ? new Committer(log, directory) : null;
        afterOpen(opened);
    }

    static MapFiles open(Path path, Settings settings, CodecFacts codecs) {
        return open(path, settings, codecs, false);
    }

    /** Opens a map that a backup is about to write, which nobody else can open. */
    static MapFiles openUnfinished(Path path, Settings settings, CodecFacts codecs) {
        return open(path, settings, codecs, true);
    }

    private static MapFiles open(Path path, Settings settings, CodecFacts codecs, boolean unfinished) {
        Path directory = path.toAbsolutePath().normalize();
        IoThreads io = new IoThreads(directory);
        try {
            return io.call("open the map", () -> {
                prepareDirectory(directory);
                Ownership ownership = Ownership.take(directory);
                try {
                    if (isUnfinished(directory) && !unfinished) {
                        throw new UnsupportedFormatException("directory " + directory
                                + " holds a backup that was not finished; make it again, or delete the directory");
                    }
                    return new MapFiles(directory, settings, codecs, io, ownership);
                } catch (IOException | RuntimeException | Error e) {
                    ownership.release();
                    throw e;
                }
            });
        } catch (RuntimeException | Error e) {
            io.shutdown();
            throw e;
        }
    }

    private static void prepareDirectory(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new UnsupportedFormatException(
                    directory + " is a file; give the directory of a map, or one that does not exist yet");
        }
        Files.createDirectories(directory);
        if (Files.exists(directory.resolve(Meta.NAME)) || isUnfinished(directory)) {
            return;
        }
        for (String name : FileStorage.INSTANCE.list(directory)) {
            if ((name.startsWith("data-") && !name.endsWith(".tmp")) || name.startsWith("ckpt-")) {
                throw new CorruptMapException(
                        directory.resolve(Meta.NAME), 0, "the file is missing, but there is " + name);
            }
            if (!name.equals(Ownership.NAME) && !name.equals(Meta.NAME + ".tmp")) {
                throw new UnsupportedFormatException(
                        "directory " + directory + " holds no map, but other files, such as " + name
                                + "; give the directory of a map, or an empty one");
            }
        }
    }

    private static boolean isUnfinished(Path directory) {
        return Files.exists(directory.resolve(BackupTarget.UNFINISHED));
    }

    private void match(String role, String stored, String given) {
        if (!stored.equals(given)) {
            throw new CodecMismatchException(directory, role, stored, given);
        }
    }

    private int initialLog(int shardBits) {
        return Table.logFor(settings.initialCapacity >> shardBits);
    }

    private void afterOpen(Recovery opened) {
        if (!recovery.clean()) {
            inBackground(
                    "no checkpoint could be written after recovery; the next open may have to recover again",
                    () -> checkpoint.write(opened::putAside));
            return;
        }
        CheckpointImage large = opened.uncheckedImage();
        if (large != null) {
            inBackground("the checkpoint could not be checked", () -> checkImage(large));
        }
    }

    private void inBackground(String ifItFails, Step task) {
        var _ = io.start(() -> {
            try {
                task.run();
            } catch (IOException | RuntimeException e) {
                if (!closed) {
                    LOGGER.log(Level.WARNING, "map " + directory + ": " + ifItFails, e);
                }
            }
            return directory;
        });
    }

    /** Looks at an image too large to look at before the first read. */
    private void checkImage(CheckpointImage image) throws IOException {
        Path path = directory.resolve(CheckpointImage.name(image.generation()));
        try (BlockFile file = settings.storage.open(path)) {
            MemorySegment unchanged = file.map(java.nio.channels.FileChannel.MapMode.READ_ONLY, 0, file.size());
            image.check(path, unchanged, log.salt);
        } catch (java.nio.file.NoSuchFileException replaced) {
            LOGGER.log(Level.DEBUG, "checkpoint was replaced before it was checked");
        } catch (CorruptMapException e) {
            closeDamaged(path, e);
        }
    }

    private void closeDamaged(Path image, CorruptMapException found) throws IOException {
        lifecycle.lock();
        try {
            if (closed) {
                return;
            }
            LOGGER.log(
                    Level.ERROR, "checkpoint is damaged; the map is closed, and will read its log when opened", found);
            settings.storage.rename(image, directory.resolve("cut-" + image.getFileName()));
            damage = found;
            closed = true;
        } finally {
            lifecycle.unlock();
        }
    }

    // ---- state

    /** Throws unless the map can be read. */
    void checkOpen() {
        if (closed) {
            throw notOpen();
        }
    }

    /** Throws unless the map can be written. */
    void checkWritable() {
        if (closed) {
            throw notOpen();
        }
        log.checkWritable();
    }

    private RuntimeException notOpen() {
        CorruptMapException found = damage;
        return found != null ? new CorruptMapException(found) : new MapClosedException(directory);
    }

    /** To be called before the first append of a session: from here on the last checkpoint is not all there is. */
    void beginWriting() {
        if (!writing) {
            io.call("begin to write", () -> {
                markWriting();
                return directory;
            });
        }
    }

    /** Stores a large value in a file; close waits for it, since the directory may have another owner afterwards. */
    DataFile writeLarge(byte[] value) {
        largeWrites.readLock().lock();
        try {
            checkWritable();
            beginWriting();
            return log.writeLarge(value);
        } finally {
            largeWrites.readLock().unlock();
        }
    }

    private void markWriting() throws IOException {
        marking.lock(); // not the lock of close, which waits for the shard that its caller may hold
        try {
            if (!writing) {
                ceaseToBeBackup();
                ownership.markWriting();
                needsCheckpoint = true;
                writing = true;
            }
        } finally {
            marking.unlock();
        }
    }

    /** Before anything is written to a directory that a later backup would otherwise take for an earlier one. */
    private void ceaseToBeBackup() throws IOException {
        marking.lock();
        try {
            if (backup) {
                settings.storage.delete(directory.resolve(Manifest.NAME));
                settings.storage.forceDirectory(directory);
                backup = false;
            }
        } finally {
            marking.unlock();
        }
    }

    BackupReport backup(Path target, BackupOptions options) {
        checkOpen();
        return io.call("make a backup", () -> new Backup(this, target, options).run());
    }

    /** What to throw for an access to a file that failed beneath. */
    RuntimeException unreadable(Throwable cause) {
        if (cause instanceof InternalError) {
            for (DataFile file : log.files()) {
                try {
                    long size = io.call("look at " + file.name(), file.file::size);
                    if (size < file.length) {
                        // what lies behind the cut may read as zeros as soon as somebody makes the file longer
                        CorruptMapException found = DataFile.cut(directory.resolve(file.name()), file.length, size);
                        damage = found;
                        closed = true;
                        return found;
                    }
                } catch (RuntimeException unknown) {
                    return new DiskMapException(
                            "map " + directory + ": a mapped file could not be read", new IOException(cause));
                }
            }
            return new DiskMapException(
                    "map " + directory + ": a mapped file could not be read", new IOException(cause));
        }
        CorruptMapException found = new CorruptMapException(
                directory, 0, "the index refers to a place outside the data files: " + cause.getMessage());
        found.addSuppressed(cause);
        return found;
    }

    /** Throws if a record is not as it was written. */
    void verifyRecord(long address) {
        DataFile file = log.file(address);
        int offset = log.offset(address);
        long header = Records.header(file.bytes, offset);
        if (offset + Records.size(Records.length(header)) > file.length
                || !Records.isSound(file.bytes, offset, header, file.seed)) {
            throw new CorruptMapException(
                    directory.resolve(file.name()), offset, "the record's checksum does not match its bytes");
        }
    }

    VerifyReport verify() {
        return new Verification(this).run();
    }

    // ---- durability

    void force() {
        checkOpen();
        io.call("flush", () -> {
            log.force();
            return directory;
        });
    }

    private void startCheckpoint() {
        if (closed || !checkpointing.compareAndSet(false, true)) {
            return;
        }
        inBackground("no checkpoint could be written; recovery would take longer", () -> {
            try {
                checkpoint.write(() -> {});
            } finally {
                checkpointing.set(false);
            }
        });
    }

    void checkpoint() {
        checkWritable();
        io.call("write a checkpoint", () -> {
            needsCheckpoint = true; // it is not the last one of the session, and does not say that all is in order
            checkpoint.write(() -> {});
            return directory;
        });
    }

    /** Takes a cut, see {@link Cuts#take}. */
    Cut cut(Runnable atTheInstant) {
        try {
            return index.cuts.take(atTheInstant);
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw unreadable(e);
        }
    }

    DiskStats stats(long entries) {
        checkOpen();
        List<DataFile> all = log.measuredFiles();
        long fileBytes = 0;
        long used = 0;
        long dead = 0;
        for (DataFile file : all) {
            fileBytes += file.prepared();
            used += file.kind == DataFile.LOG ? file.used - DataFile.HEADER : file.length - DataFile.HEADER;
            dead += Math.min(file.dead.get(), file.length - DataFile.HEADER);
        }
        long indexBytes = 0;
        for (Shard shard : index.shards) {
            indexBytes += Table.size(shard.table.log);
        }
        return new DiskStats(entries, all.size(), fileBytes, Math.max(0, used - dead), dead, indexBytes);
    }

    // ---- end

    void close() {
        end(true);
    }

    /** Lets go of everything as the end of the process would; for tests. */
    void crash() {
        end(false);
    }

    private void end(boolean orderly) {
        Throwable failure = null;
        lifecycle.lock();
        try {
            if (released) {
                return;
            }
            released = true;
            boolean damaged = damage != null;
            closed = true;
            awaitWriters();
            failure = attempt(null, () -> finish(orderly && !damaged));
            if (committer != null) {
                committer.close(failure == null && orderly);
            }
            failure = attempt(failure, () -> log.close());
            failure = attempt(failure, ownership::release);
            io.shutdown();
        } finally {
            lifecycle.unlock();
        }
        if (failure != null) {
            throw io.failure("close the map", failure);
        }
    }

    /** Returns when whoever writes has finished; who comes later sees that the map is closed. */
    private void awaitWriters() {
        largeWrites.writeLock().lock();
        try {
            for (Shard shard : index.shards) {
                shard.lock.lock();
                shard.lock.unlock();
            }
        } finally {
            largeWrites.writeLock().unlock();
        }
    }

    private void finish(boolean orderly) {
        for (int i = 0; i < log.lanes(); i++) {
            log.lane(i).dropSpare(orderly);
        }
        boolean last = orderly && needsCheckpoint && log.isWritable();
        io.call("write a checkpoint", () -> {
            checkpoint.end(last, ownership::markClean);
            return directory;
        });
    }

    /** A step of closing. */
    private interface Step {
        void run() throws IOException;
    }

    private static @Nullable Throwable attempt(@Nullable Throwable earlier, Step step) {
        try {
            step.run();
            return earlier;
        } catch (IOException | RuntimeException e) {
            if (earlier == null) {
                return e;
            }
            earlier.addSuppressed(e);
            return earlier;
        }
    }

    Optional<CorruptMapException> damage() {
        return Optional.ofNullable(damage);
    }
}
