package io.sherd.cli;

import io.sherd.disk.DiskMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Moves rows into a map. The calling thread reads and encodes rows into batches, a second thread writes the batches in
 * their order, so that of two rows with one key the later one stays.
 *
 * <p>A batch that needs a wider schema than the one on disk carries it, and it is written before the batch's rows.
 *
 * @param <K> the type of keys
 */
final class Importer<K> {
    private static final int BATCH_ROWS = 4096;
    private static final long BATCH_BYTES = 4 << 20;
    private static final int BATCHES_WAITING = 4;
    private static final int LARGEST_ROW = 1 << 30;

    private final DiskMap<K, Row> map;
    private final Scalar<K> keyType;
    private final Path directory;
    private final Columns columns;
    private final Rejections rejections;
    private final boolean rejectDuplicates;
    private final BlockingQueue<Batch<K>> queue = new ArrayBlockingQueue<>(BATCHES_WAITING);
    private volatile boolean cancelled;
    private volatile @Nullable Throwable failure;
    private volatile long written;
    private boolean writerStopped;

    /** Rows on their way. A batch with no room for rows ends the queue. */
    private record Batch<K>(
            List<K> keys,
            List<Row> rows,
            List<Long> lines,
            @Nullable Schema schema,
            boolean last) {}

    Importer(OpenMap<K, Row> target, Columns columns, Rejections rejections, boolean rejectDuplicates) {
        this.map = target.map();
        this.keyType = target.layout().keyType();
        this.directory = map.path();
        this.columns = columns;
        this.rejections = rejections;
        this.rejectDuplicates = rejectDuplicates;
    }

    /** How many rows have been put into the map. */
    long written() {
        return written;
    }

    /** Ends {@link #run} soon, with all rows written that were read. Any thread may call this. */
    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /**
     * Imports until the input ends, or a rejection or {@link #cancel} stops it. What was read before a failure is written
     * in any case.
     *
     * @param progress told after each batch
     * @throws IOException if the input cannot be read
     * @throws CommandFailure if the input cannot be told apart into rows; what was read before is in the map
     * @throws RuntimeException if the map cannot be written; this goes before any failure of the input
     */
    void run(RowSource rows, Progress progress) throws IOException {
        Thread writer = Thread.ofPlatform().name("sherd-import-writer").start(this::writeAll);
        Throwable unread = null;
        try {
            read(rows, progress);
        } catch (IOException | RuntimeException | Error failed) {
            unread = failed;
        }
        hand(new Batch<>(List.of(), List.of(), List.of(), null, true));
        join(writer);
        Throwable unwritten = failure;
        if (unwritten == null) {
            unwritten = unread;
        } else if (unwritten instanceof IOException schema) {
            unwritten = new CommandFailure(
                    ExitCode.IO,
                    directory.resolve(SchemaFile.NAME) + " cannot be written: " + schema.getMessage() + ".",
                    schema);
        }
        switch (unwritten) {
            case null -> {}
            case IOException failed -> throw failed;
            case RuntimeException failed -> throw failed;
            case Error failed -> throw failed;
            case Throwable failed -> throw new IllegalStateException(failed);
        }
    }

    private void read(RowSource rows, Progress progress) throws IOException {
        List<K> keys = new ArrayList<>();
        List<Row> cells = new ArrayList<>();
        List<Long> lines = new ArrayList<>();
        long bytes = 0;
        try {
            while (!cancelled && !rejections.isStopped() && rows.advance()) {
                String problem = rows.problem();
                if (problem != null) {
                    rejections.report(rows.line(), problem);
                    continue;
                }
                Row row = rows.row();
                if (row.size() > LARGEST_ROW) {
                    rejections.report(
                            rows.line(), "the row has " + row.size() + " bytes, and " + LARGEST_ROW + " are allowed");
                    continue;
                }
                keys.add(keyType.parse().apply(rows.key()));
                cells.add(row);
                if (rejectDuplicates) {
                    lines.add(rows.line());
                }
                bytes += row.size();
                if (keys.size() == BATCH_ROWS || bytes >= BATCH_BYTES) {
                    hand(new Batch<>(keys, cells, lines, columns.takeChanged(), false));
                    keys = new ArrayList<>(BATCH_ROWS);
                    cells = new ArrayList<>(BATCH_ROWS);
                    lines = new ArrayList<>();
                    bytes = 0;
                    progress.update();
                }
            }
        } finally {
            if (!keys.isEmpty()) {
                hand(new Batch<>(keys, cells, lines, columns.takeChanged(), false));
            }
        }
    }

    private void hand(Batch<K> batch) {
        boolean interrupted = false;
        while (true) {
            try {
                queue.put(batch);
                break;
            } catch (InterruptedException again) {
                interrupted = true; // the writer always goes on taking, so this ends
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread writer) {
        boolean interrupted = false;
        while (true) {
            try {
                writer.join();
                break;
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes batches to the end also after a failure, so that the reader never waits for room in vain. */
    private void writeAll() {
        while (true) {
            try {
                Batch<K> batch = queue.take();
                if (batch.last()) {
                    return;
                }
                if (failure == null && !writerStopped) {
                    write(batch);
                }
            } catch (Throwable failed) {
                failure = failed;
                cancelled = true;
            }
        }
    }

    private void write(Batch<K> batch) throws IOException {
        Schema schema = batch.schema();
        if (schema != null) {
            SchemaFile.write(directory, schema);
        }
        if (rejectDuplicates) {
            writeOneByOne(batch);
            return;
        }
        Map<K, Row> entries = LinkedHashMap.newLinkedHashMap(batch.keys().size());
        for (int i = 0; i < batch.keys().size(); i++) {
            entries.put(batch.keys().get(i), batch.rows().get(i));
        }
        map.putAll(entries);
        advanceWritten(batch.keys().size());
    }

    private void writeOneByOne(Batch<K> batch) {
        for (int i = 0; i < batch.keys().size() && !writerStopped; i++) {
            K key = batch.keys().get(i);
            if (map.putIfAbsent(key, batch.rows().get(i)) == null) {
                advanceWritten(1);
            } else {
                rejections.report(
                        batch.lines().get(i),
                        "the key is in the map already: "
                                + Text.excerpt(keyType.format().apply(key)));
                writerStopped = rejections.isStopped();
            }
        }
    }

    // only the writer's thread writes the field
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void advanceWritten(int rows) {
        written += rows;
    }
}
