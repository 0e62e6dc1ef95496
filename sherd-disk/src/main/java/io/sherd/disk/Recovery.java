package io.sherd.disk;

import io.sherd.disk.CheckpointImage.FileState;
import io.sherd.disk.DataFile.Header;
import io.sherd.disk.Lane.Position;
import io.sherd.disk.RecoveryReport.Cut;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Opens what is in a directory: the newest checkpoint that is whole, and after an unclean end the log behind it.
 *
 * <p>Files of the log belong to eras. An era begins whenever lanes cannot go on where they stood, which is after an unclean
 * end or when their number changes; what was before an era is complete and is never appended to. Eras are replayed one after
 * another, the lanes of an era side by side; in a lane each file names the one before it. A lane ends at the first record
 * that does not validate. All lanes of an era are scanned first, so that it is known which transactions have all their groups;
 * then they are applied. With fewer lanes than processors several threads read the same lane, and each applies the records
 * of its own shards.
 *
 * <p>Without a whole checkpoint all of the log is replayed.
 */
final class Recovery {
    private static final System.Logger LOGGER = System.getLogger(Recovery.class.getName());
    private static final long CHECK_AT_OPEN = 8 << 20;

    private final Log log;
    private final RecordReader reader;
    private final Index index;
    private final Path directory;
    private final Storage storage;
    private final List<DataFile> discarded = new ArrayList<>();
    private final Set<Integer> imageLarge = new HashSet<>();
    private final List<Cut> cuts = new ArrayList<>();
    private @Nullable CheckpointImage image;
    private boolean clean;
    private long records;
    private long bytes;
    private long nanos;
    private long lastGeneration;
    private int firstLog;

    Recovery(Log log, RecordReader reader, Index index) {
        this.log = log;
        this.reader = reader;
        this.index = index;
        this.directory = log.directory;
        this.storage = log.storage;
    }

    /** Brings the index and the log to the state in which the next session begins. */
    void run(boolean wasClean, int laneCount, int initialLog) throws IOException {
        long start = System.nanoTime();
        List<Integer> numbers = new ArrayList<>();
        List<Long> generations = new ArrayList<>();
        for (String name : storage.list(directory)) {
            if (name.endsWith(".tmp")) {
                storage.delete(directory.resolve(name));
            } else if (name.matches("data-\\d{6,}")) {
                numbers.add(Integer.valueOf(name.substring(5)));
            } else if (name.matches("ckpt-\\d{8,}")) {
                generations.add(Long.valueOf(name.substring(5)));
            }
        }
        generations.sort(Comparator.reverseOrder());
        lastGeneration = generations.isEmpty() ? 0 : generations.getFirst();
        loadImage(generations);
        List<DataFile> logs = attach(numbers);
        CheckpointImage base = image;
        int nextNumber = base == null ? 0 : base.nextNumber();
        long nextSequence = base == null ? 1 : base.nextSequence();
        int lastEra = base == null ? 0 : base.era();
        for (DataFile file : logs) {
            nextSequence = Math.max(nextSequence, file.sequence + 1);
            lastEra = Math.max(lastEra, file.era);
        }
        for (int number : numbers) {
            nextNumber = Math.max(nextNumber, number + 1);
        }
        clean = base == null ? numbers.isEmpty() : base.clean() && wasClean;
        boolean resume = clean && (base == null || base.lanes().size() == laneCount);
        log.start(resume ? lastEra : lastEra + 1, nextNumber, nextSequence, laneCount);
        if (base == null) {
            index.createShards(initialLog);
            firstLog = clean ? 0 : tableLog(logs);
        } else {
            index.loadShards(base);
        }
        if (resume && base != null) {
            resumeLanes(base, logs);
        }
        if (!clean) {
            replay(logs);
            settleLargeValues();
        }
        nanos = System.nanoTime() - start;
    }

    RecoveryReport report() {
        return new RecoveryReport(clean, records, bytes, Duration.ofNanos(nanos), cuts);
    }

    long lastGeneration() {
        return lastGeneration;
    }

    /** An image too large to be checked while a user waits; null if there is none. */
    @Nullable
    CheckpointImage uncheckedImage() {
        return image != null && image.wordBytes() > CHECK_AT_OPEN ? image : null;
    }

    /** Puts aside the files behind a cut, once a checkpoint says that they do not count. */
    void putAside() throws IOException {
        for (DataFile file : discarded) {
            Path from = directory.resolve(file.name());
            if (Records.header(file.bytes, DataFile.HEADER) == 0) {
                storage.delete(from);
            } else {
                storage.rename(from, directory.resolve("cut-" + file.name()));
            }
            file.file.close();
        }
    }

    private void loadImage(List<Long> generations) throws IOException {
        for (long generation : generations) {
            Path path = directory.resolve(CheckpointImage.name(generation));
            try {
                CheckpointImage candidate = CheckpointImage.read(storage, path, log.salt);
                if (candidate.shards().size() != index.shards.length) {
                    throw new CorruptMapException(
                            path, 0, candidate.shards().size() + " shards found, " + index.shards.length + " expected");
                }
                MemorySegment words = candidate.words();
                if (words != null && candidate.wordBytes() <= CHECK_AT_OPEN) {
                    candidate.check(path, words, log.salt);
                }
                image = candidate;
                return;
            } catch (CorruptMapException e) {
                LOGGER.log(Level.WARNING, "checkpoint is damaged; reading the log again instead: " + e.getMessage());
            }
        }
    }

    /** Opens the data files, checks their lengths, and answers those of the log. */
    private List<DataFile> attach(List<Integer> numbers) throws IOException {
        Map<Integer, FileState> known = new HashMap<>();
        if (image != null) {
            for (FileState state : image.files()) {
                known.put(state.number(), state);
                if (!numbers.contains(state.number())) {
                    throw new CorruptMapException(
                            directory.resolve(DataFile.name(state.number())),
                            0,
                            "the file is missing, " + state.length() + " bytes expected");
                }
            }
        }
        List<DataFile> logs = new ArrayList<>();
        for (int number : numbers) {
            Path path = directory.resolve(DataFile.name(number));
            FileState state = known.get(number);
            BlockFile file = storage.open(path);
            long size = file.size();
            byte[] head = new byte[DataFile.HEADER];
            file.read(ByteBuffer.wrap(head), 0);
            Header header = Header.parse(MemorySegment.ofArray(head), log.salt);
            long expected = state != null ? state.length() : header != null ? header.length() : DataFile.HEADER;
            if (size < expected) {
                throw new CorruptMapException(
                        path, size, "expected " + expected + " bytes, found " + size + "; the file was cut short");
            }
            if (header == null || header.number() != number) {
                throw new CorruptMapException(path, 0, "the header is not that of a data file of this map");
            }
            DataFile data = DataFile.attach(header, log.salt, file, state == null ? header.length() : state.prepared());
            if (state != null) {
                data.dead.set(state.dead());
                data.used = state.used();
            }
            log.publish(data);
            if (data.kind == DataFile.LOG) {
                logs.add(data);
            } else if (state != null) {
                imageLarge.add(number);
                data.referenced = true;
            }
        }
        return logs;
    }

    /**
     * The size of tables to begin with when all of the log is to be read: for as many entries as it has records if
     * they are all like the largest first one, rounded down, so that tables grow once at most.
     */
    private int tableLog(List<DataFile> logs) {
        long total = 0;
        long size = 0;
        for (DataFile file : logs) {
            total += file.length;
            long header = Records.header(file.bytes, DataFile.HEADER);
            if (Records.type(header) == Records.GROUP) {
                header = Records.header(file.bytes, DataFile.HEADER + Records.size(Records.GROUP_CONTENT));
            }
            size = Math.max(size, header == 0 ? 0 : Records.size(Records.length(header)));
        }
        return size == 0 ? 0 : Math.max(0, Table.logFor(total / size / index.shards.length) - 1);
    }

    private void resumeLanes(CheckpointImage base, List<DataFile> logs) {
        for (int i = 0; i < base.lanes().size(); i++) {
            Position position = base.lanes().get(i);
            for (DataFile file : logs) {
                if (file.sequence == position.sequence()) {
                    log.lane(i).resume(file, position.offset());
                }
            }
        }
    }

    private void replay(List<DataFile> logs) throws IOException {
        CheckpointImage base = image;
        int firstEra = base == null ? 0 : base.era();
        TreeMap<Integer, List<DataFile>> eras = new TreeMap<>();
        for (DataFile file : logs) {
            if (file.era >= firstEra) {
                eras.computeIfAbsent(file.era, era -> new ArrayList<>()).add(file);
            }
        }
        Replay.Filter filter = new Replay.Filter(base == null ? List.of() : base.shards());
        for (var era : eras.entrySet()) {
            int lanes = era.getValue().getFirst().lanes;
            List<Position> starts = base != null && era.getKey() == base.era() ? base.lanes() : List.of();
            int parts = Math.max(1, Math.ceilDiv(Runtime.getRuntime().availableProcessors(), lanes));
            ConcurrentMap<Position, Integer> missing = new ConcurrentHashMap<>();
            List<CompletableFuture<LaneScan>> scanning = new ArrayList<>();
            for (int lane = 0; lane < lanes; lane++) {
                Position from = lane < starts.size() ? starts.get(lane) : Position.START;
                scanning.add(log.io.start(new LaneScan(reader, chain(era.getValue(), lane, from), from, missing)));
            }
            List<LaneScan> scans = new ArrayList<>();
            for (CompletableFuture<LaneScan> task : scanning) {
                scans.add(log.io.await("recover", task));
            }
            List<CompletableFuture<Replay>> running = new ArrayList<>();
            for (int lane = 0; lane < lanes; lane++) {
                for (int part = 0; part < parts; part++) {
                    running.add(log.io.start(new Replay(
                            log,
                            reader,
                            index,
                            filter,
                            scans.get(lane),
                            missing.keySet(),
                            lanes,
                            part,
                            parts,
                            firstLog)));
                }
            }
            for (CompletableFuture<Replay> task : running) {
                records += log.io.await("recover", task).records();
            }
            scans.forEach(this::finish);
        }
    }

    private void finish(LaneScan lane) {
        bytes += lane.bytes();
        DataFile last = lane.stoppedIn();
        if (last == null) {
            return;
        }
        List<DataFile> behind = lane.behind();
        boolean torn = lane.isTorn();
        for (DataFile file : behind) {
            torn |= Records.header(file.bytes, DataFile.HEADER) != 0;
            discarded.add(file);
            log.withdraw(file);
        }
        if (torn) {
            Cut cut = new Cut(directory.resolve(last.name()), lane.stoppedAt());
            cuts.add(cut);
            LOGGER.log(
                    Level.WARNING,
                    "the log ends in something that is no record, in " + cut.file() + " at offset " + cut.offset()
                            + "; what was behind is not in the map");
        }
    }

    /** The files of a lane in order, beginning with the one that a position is in. */
    private static List<DataFile> chain(List<DataFile> files, int lane, Position from) {
        Map<Long, DataFile> byPrevious = new HashMap<>();
        DataFile first = null;
        for (DataFile file : files) {
            if (file.lane == lane) {
                // two files after the same one: the older was given up before it got a record
                byPrevious.merge(file.previous, file, (a, b) -> a.sequence > b.sequence ? a : b);
                if (file.sequence == from.sequence()) {
                    first = file;
                }
            }
        }
        if (first == null) {
            first = byPrevious.get(0L);
        }
        List<DataFile> chain = new ArrayList<>();
        for (DataFile file = first; file != null; file = byPrevious.get(file.sequence)) {
            chain.add(file);
        }
        return chain;
    }

    /** Deletes the large values that no record refers to, and checks that the others are there. */
    private void settleLargeValues() {
        for (DataFile file : log.files()) {
            if (file.kind == DataFile.LARGE && !imageLarge.contains(file.number) && !file.referenced) {
                log.discard(file);
            }
        }
    }
}
