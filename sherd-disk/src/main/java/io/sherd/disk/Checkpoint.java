package io.sherd.disk;

import io.sherd.disk.CheckpointImage.FileState;
import io.sherd.disk.CheckpointImage.ShardState;
import io.sherd.disk.Lane.Position;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes the index image, so that an open reads no more of the log than what came after it.
 *
 * <p>The order of the steps is what makes it right:
 *
 * <ol>
 *   <li>Note where every lane stands: replay of this image begins there.
 *   <li>Copy the words of each shard under its lock, with the lane's position then: the words tell of all records of the
 *       shard before it and of none behind it, so that replay passes over the former.
 *   <li>Force the data: what the words refer to is safe before they are.
 *   <li>Force the image, give it its name, force the directory. From here on it counts, and its predecessors and the large
 *       values that were dead at the first step, and that no snapshot in use may need ({@link Cuts}), can go.
 * </ol>
 *
 * <p>One runs at a time, on a thread of the map; writers wait while their shard is copied and for nothing else.
 */
final class Checkpoint {
    private static final int ALIGN = 64;

    private final Log log;
    private final Index index;
    private final ReentrantLock running = new ReentrantLock();
    private final Step before;
    private long generation;
    private boolean ended;

    /**
     * Prepares the checkpoints of a session.
     *
     * @param before what to do before one is written
     */
    Checkpoint(Log log, Index index, long lastGeneration, Step before) {
        this.before = before;
        this.log = log;
        this.index = index;
        this.generation = lastGeneration;
    }

    /** What to do before a checkpoint is written, or as soon as it counts. */
    interface Step {
        void run() throws IOException;
    }

    /** Writes a checkpoint, unless the session has ended. */
    void write(Step then) throws IOException {
        running.lock();
        try {
            if (!ended) {
                writeAlone(false);
                then.run();
            }
        } finally {
            running.unlock();
        }
    }

    /** Ends the session: waits for a checkpoint that is under way, and lets no other begin. */
    void end(boolean lastOne, Step then) throws IOException {
        running.lock();
        try {
            ended = true;
            if (lastOne) {
                writeAlone(true);
                then.run();
            }
        } finally {
            running.unlock();
        }
    }

    private void writeAlone(boolean clean) throws IOException {
        log.checkWritable();
        before.run();
        List<DataFile> deadLarge =
                new ArrayList<>(); // those that stay are in the image, as dead, and go with a later one
        for (DataFile file : log.files()) {
            if (file.kind == DataFile.LARGE && file.dead.get() != 0 && !index.cuts.mayNeed(file)) {
                deadLarge.add(file);
            }
        }
        List<Position> lanes = new ArrayList<>();
        for (int i = 0; i < log.lanes(); i++) {
            lanes.add(log.lane(i).position());
        }
        long number = generation + 1;
        Path target = log.directory.resolve(CheckpointImage.name(number));
        Path temporary = log.directory.resolve(CheckpointImage.name(number) + ".tmp");
        try (BlockFile file = log.storage.create(temporary)) {
            List<ShardState> shards = new ArrayList<>();
            long end = copyShards(file, shards);
            List<FileState> files = new ArrayList<>();
            for (DataFile data : log.measuredFiles()) {
                if (data.kind == DataFile.LOG || (data.referenced && !deadLarge.contains(data))) {
                    files.add(new FileState(
                            data.number,
                            data.kind,
                            data.sequence,
                            data.length,
                            data.dead.get(),
                            data.used,
                            data.prepared()));
                }
            }
            CheckpointImage image = new CheckpointImage(
                    number, clean, log.era(), log.nextNumber(), log.nextSequence(), lanes, files, shards, null);
            image.write(file, end, log.salt);
            log.force();
            file.force();
        } catch (IOException | RuntimeException e) {
            log.storage.delete(temporary);
            throw e;
        }
        log.storage.rename(temporary, target);
        log.storage.forceDirectory(log.directory);
        generation = number;
        for (String name : log.storage.list(log.directory)) {
            if (name.startsWith("ckpt-") && name.compareTo(CheckpointImage.name(number)) < 0) {
                log.storage.delete(log.directory.resolve(name));
            }
        }
        for (DataFile file : deadLarge) {
            log.discard(file);
        }
    }

    private long copyShards(BlockFile file, List<ShardState> shards) throws IOException {
        long at = CheckpointImage.WORDS;
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        for (Shard shard : index.shards) {
            int tableLog;
            int used;
            long live;
            Position position;
            shard.lock.lock();
            try {
                Index.place(shard);
                Table table = shard.table;
                tableLog = table.log;
                used = shard.used;
                live = shard.live();
                position = shard.lane.position();
                int bytes = Table.size(tableLog);
                if (buffer.capacity() < bytes) {
                    buffer = ByteBuffer.allocateDirect(bytes);
                }
                buffer.clear().limit(bytes);
                buffer.put(0, table.bytes, 0, bytes);
            } finally {
                shard.lock.unlock();
            }
            long sum = Bits.sum64(MemorySegment.ofBuffer(buffer), 0, buffer.limit(), log.salt);
            shards.add(new ShardState(tableLog, used, live, at, position, sum));
            int size = buffer.limit();
            file.write(buffer, at);
            at += (size + ALIGN - 1) & -ALIGN;
        }
        return at;
    }
}
