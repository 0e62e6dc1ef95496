package io.sherd.disk;

import io.sherd.disk.CheckpointImage.FileState;
import io.sherd.disk.CheckpointImage.ShardState;
import io.sherd.disk.Lane.Position;
import io.sherd.disk.Manifest.Part;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies a map that is in use: its log up to one instant, and an image of the index at that instant.
 *
 * <p>What makes the copy right:
 *
 * <ol>
 *   <li><b>One instant.</b> The index is a {@link Cut}. Under the same locks the end of each lane is noted, and which files there are.
 *       So the copy's log is what was appended before that instant, and its index tells of exactly that.
 *   <li><b>Nobody writes to a linked file.</b> A file is linked only if no lane of the map stood in it at the instant. A lane never
 *       goes back to a file that it left, and gives it no more space once it is {@linkplain DataFile#seal sealed}; files of earlier
 *       sessions that are not a lane's are never written. In the copy, no lane stands anywhere: its image names no place to go on, so a map that is opened
 *       on it begins new files. The files in which lanes stood are copied up to there.
 *   <li><b>Of its own era.</b> The image is of an era above that of all files in the copy. So a later recovery reads what was written to
 *       the copy, and nothing of the map's log.
 *   <li><b>Files stay.</b> The cut is in use until the end, so no file that it refers to is deleted from under the backup. What
 *       was dead at the instant is left out, if it is a large value.
 *   <li><b>An earlier backup stays whole</b> until the new one counts, and both are in one directory until then. A data file has one number in
 *       both. One that is there is replaced only by one with the same bytes up to the end that the earlier backup knows; so its index
 *       goes on to be right. The step that makes the new one count is the rename of {@link Manifest}; what is not named there is deleted by whoever
 *       comes next, before the directory is opened as a map.
 *   <li><b>Of one line.</b> A file that both have must be the same file: the same inode, or unchanged since it was copied as the system
 *       tells, or byte by byte. Else the map was put back to an older state since, and the backup has what the map has not: it is refused.
 * </ol>
 *
 * <p>Everything is compared before anything is changed in the target. Runs on a thread of the map.
 */
final class Backup {
    private static final int CHUNK = 1 << 20;
    private static final int PAGE = 4096;
    private static final int ALIGN = 64;

    private final MapFiles files;
    private final Log log;
    private final BackupOptions options;
    private final Path target;

    private @Nullable Instant takenAt;
    private final List<Position> lanes = new ArrayList<>();
    private final List<Source> sources = new ArrayList<>();
    private int nextNumber;

    private long bytes;
    private long total;
    private long reported;
    private long written;
    private int linked;
    private int copied;
    private int kept;

    /** A file at the instant: the end of its records, whether a record could follow, and its dead bytes. */
    private record Source(DataFile file, long end, boolean whole, long dead) {
        String name() {
            return file.name();
        }
    }

    Backup(MapFiles files, Path target, BackupOptions options) {
        this.files = files;
        this.log = files.log;
        this.target = target;
        this.options = options;
    }

    BackupReport run() throws IOException {
        long start = System.nanoTime();
        files.checkOpen();
        try (BackupTarget to = BackupTarget.take(target, files)) {
            int shards = options.shards() == 0 ? files.index.shards.length : options.shards();
            boolean rewrite = shards != files.index.shards.length;
            if (rewrite && to.earlier != null) {
                throw new BackupTargetException("backup: " + to.directory + " holds an earlier backup with "
                        + files.index.shards.length + " shards, to which one with " + shards
                        + " cannot be added; give a directory that does not exist yet");
            }
            Cut cut = files.cut(this::note);
            try {
                if (rewrite) {
                    rewrite(cut, to, shards);
                } else {
                    copy(cut, to);
                }
            } catch (InternalError | IndexOutOfBoundsException e) {
                throw files.unreadable(e);
            } finally {
                cut.dropUser();
                Reference.reachabilityFence(cut);
            }
            return new BackupReport(
                    to.directory,
                    cut.count,
                    shards,
                    takenAt == null ? Instant.now() : takenAt,
                    Duration.ofNanos(System.nanoTime() - start),
                    linked,
                    copied,
                    kept,
                    bytes,
                    written);
        }
    }

    /** At the instant: where the lanes stand, and what there is. */
    private void note() {
        takenAt = Instant.now();
        nextNumber = log.nextNumber();
        for (int i = 0; i < log.lanes(); i++) {
            lanes.add(log.lane(i).position());
        }
        for (DataFile file : log.files()) {
            if (file.kind == DataFile.LARGE) {
                if (file.referenced && file.dead.get() == 0) {
                    sources.add(new Source(file, file.length, true, 0));
                }
                continue;
            }
            long end = file.used;
            boolean whole = true;
            for (Position lane : lanes) {
                if (lane.sequence() == file.sequence) {
                    end = lane.offset();
                    whole = false;
                }
            }
            sources.add(new Source(file, end, whole, file.dead.get()));
        }
    }

    // ---- the same number of shards

    private void copy(Cut cut, BackupTarget to) throws IOException {
        List<Part> parts = new ArrayList<>();
        List<Boolean> keep = new ArrayList<>();
        for (Source source : sources) {
            parts.add(part(source, "-"));
            total += source.end;
        }
        for (Table table : cut.tables) {
            total += Table.size(table.log);
        }
        Manifest earlier = to.earlier;
        refuseYounger(earlier, cut, to);
        Map<Integer, Part> had = earlier == null ? Map.of() : earlier.byNumber();
        for (int i = 0; i < parts.size(); i++) {
            keep.add(isThere(sources.get(i), parts.get(i), had.get(parts.get(i).number()), to));
        }
        boolean done = false;
        to.begin();
        try {
            for (int i = 0; i < parts.size(); i++) {
                Source source = sources.get(i);
                place(source, keep.get(i), to);
                if (source.whole) {
                    parts.set(i, part(source, Manifest.source(log.directory.resolve(source.name()))));
                }
            }
            long generation = earlier == null ? 1 : generation(earlier.image()) + 1;
            String image = CheckpointImage.name(generation);
            try (BlockFile file = to.create(image)) {
                writeImage(file, cut, generation, parts);
                file.force();
            }
            to.finish(image);
            files.checkOpen();
            to.commit(files.meta, new Manifest(takenAt == null ? Instant.now() : takenAt, image, parts));
            done = true;
        } catch (IOException e) {
            throw failure(e, to);
        } finally {
            if (!done) {
                abandon(to);
            }
        }
        options.report(total, total);
    }

    private static Part part(Source source, String from) {
        DataFile file = source.file;
        return new Part(file.number, file.sequence, file.length, source.end, source.whole, from);
    }

    private static long generation(String image) {
        return Long.parseLong(image.substring("ckpt-".length()));
    }

    /** The map cannot have lost a file that a backup of it has, unless it was put back. */
    private void refuseYounger(@Nullable Manifest earlier, Cut cut, BackupTarget to) {
        if (earlier != null) {
            for (Part part : earlier.parts()) {
                if (part.number() >= nextNumber || part.sequence() >= cut.nextSequence) {
                    throw otherLine(to, DataFile.name(part.number()));
                }
            }
        }
    }

    private static BackupTargetException otherLine(BackupTarget to, String name) {
        return new BackupTargetException("backup: " + name + " in " + to.directory
                + " has what this map has not; the map was put back to an older state since that backup, or lost its end with"
                + " the power. The backup was not touched; give a directory that does not exist yet");
    }

    /** Whether a file is in the earlier backup as it is wanted; refuses if another one is. */
    private boolean isThere(Source source, Part wanted, @Nullable Part had, BackupTarget to) throws IOException {
        Path there = to.directory.resolve(source.name());
        if (had == null || !Files.exists(there) || Files.size(there) < had.length()) {
            return false;
        }
        Path own = log.directory.resolve(source.name());
        boolean same = had.sequence() == wanted.sequence()
                && had.length() == wanted.length()
                && had.end() <= wanted.end()
                && (!had.whole() || (wanted.whole() && had.end() == wanted.end()))
                && (Files.isSameFile(own, there)
                        || (had.whole()
                                && !had.source().equals("-")
                                && had.source().equals(Manifest.source(own)))
                        || hasSameBytes(source.file, there, had.end()));
        if (!same) {
            throw otherLine(to, source.name());
        }
        return had.whole() || (!wanted.whole() && had.end() == wanted.end());
    }

    private boolean hasSameBytes(DataFile file, Path there, long end) throws IOException {
        MemorySegment own = MemorySegment.ofBuffer(file.bytes);
        try (BlockFile other = log.storage.open(there)) {
            byte[] chunk = new byte[CHUNK];
            for (long at = 0; at < end; at += CHUNK) {
                files.checkOpen();
                int size = (int) Math.min(CHUNK, end - at);
                other.read(ByteBuffer.wrap(chunk, 0, size), at);
                if (MemorySegment.mismatch(own, at, at + size, MemorySegment.ofArray(chunk), 0, size) >= 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private void place(Source source, boolean isThere, BackupTarget to) throws IOException {
        files.checkOpen();
        DataFile file = source.file;
        if (isThere) {
            kept++;
            advance(source.end);
            return;
        }
        if (source.whole) {
            file.seal();
        }
        if (source.whole && options.hardLinks()) {
            log.force(file);
            if (to.link(log.directory.resolve(file.name()), file.name())) {
                linked++;
                advance(source.end);
                return;
            }
        }
        try (BlockFile copy = to.create(file.name())) {
            for (long at = 0; at < source.end; at += CHUNK) {
                files.checkOpen();
                int size = (int) Math.min(CHUNK, source.end - at);
                copy.write(file.bytes.slice((int) at, size), at);
                written += size;
                advance(size);
            }
            long space = prepared(source);
            copy.write(ByteBuffer.allocate((int) (space - source.end)), source.end);
            copy.extend(file.length);
            copy.force();
        }
        to.finish(file.name());
        copied++;
    }

    /** How much of a copied file has space. */
    private static long prepared(Source source) {
        return Math.min(source.file.length, source.end + Records.HEADER + PAGE - 1 & -PAGE);
    }

    private void advance(long more) {
        bytes += more;
        if (bytes - reported >= CHUNK) {
            reported = bytes;
            options.report(bytes, total);
        }
    }

    private void writeImage(BlockFile file, Cut cut, long generation, List<Part> parts) throws IOException {
        List<ShardState> shards = new ArrayList<>();
        long at = CheckpointImage.WORDS;
        for (int i = 0; i < cut.tables.length; i++) {
            files.checkOpen();
            Table table = cut.tables[i];
            int size = Table.size(table.log);
            long sum = Bits.sum64(MemorySegment.ofBuffer(table.bytes), 0, size, log.salt);
            shards.add(new ShardState(
                    table.log, cut.used[i], cut.live[i], at, lanes.get(files.index.shards[i].lane.index), sum));
            for (int from = 0; from < size; from += CHUNK) {
                int length = Math.min(CHUNK, size - from);
                file.write(table.bytes.slice(from, length), at + from);
            }
            written += size;
            advance(size);
            at += (size + ALIGN - 1) & -ALIGN;
        }
        List<FileState> states = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            DataFile data = sources.get(i).file;
            states.add(new FileState(
                    data.number,
                    data.kind,
                    data.sequence,
                    data.length,
                    sources.get(i).dead,
                    parts.get(i).end(),
                    sources.get(i).whole ? data.prepared() : prepared(sources.get(i))));
        }
        new CheckpointImage(
                        generation, true, log.era() + 1, nextNumber, cut.nextSequence, List.of(), states, shards, null)
                .write(file, at, log.salt);
    }

    // ---- another number of shards

    private void rewrite(Cut cut, BackupTarget to, int shards) throws IOException {
        for (Source source : sources) {
            total += Math.max(0, source.end - source.dead);
        }
        boolean done = false;
        to.begin();
        try {
            to.releaseLock();
            try {
                ShardedCopy copy = new ShardedCopy(files, cut, size -> {
                    written += size;
                    advance(size);
                });
                copied = copy.write(to.directory, shards);
            } finally {
                to.takeLock();
            }
            to.commit();
            done = true;
        } catch (IOException e) {
            throw failure(e, to);
        } finally {
            if (!done) {
                abandon(to);
            }
        }
        options.report(bytes, bytes);
    }

    // ---- failures

    private RuntimeException failure(IOException cause, BackupTarget to) {
        files.checkOpen(); // else files went with the map
        log.checkWritable();
        String what = "backup of map " + log.directory + " to " + to.directory + ": ";
        String state = to.earlier == null ? "nothing is left there" : "the earlier backup is as it was";
        return IoThreads.isFull(cause)
                ? new StorageFullException(
                        what + "no space left on that file system; " + state + "; free some, and make the backup again",
                        cause)
                : new DiskMapException(what + cause.getMessage() + "; " + state, cause);
    }

    private static void abandon(BackupTarget to) {
        try {
            to.abandon();
        } catch (IOException e) {
            System.getLogger(Backup.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "an unfinished backup could not be removed from " + to.directory
                                    + "; the next one into this directory will do it",
                            e);
        }
    }
}
