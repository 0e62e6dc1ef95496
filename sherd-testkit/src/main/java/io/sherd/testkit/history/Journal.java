package io.sherd.testkit.history;

import io.sherd.testkit.history.Observed.Event;
import io.sherd.testkit.history.Observed.Outcome;
import io.sherd.testkit.history.Observed.Read;
import io.sherd.testkit.history.Observed.Write;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one thread does, in a mapped file, which like the map survives the process. The first word is the number of bytes that count; it is
 * raised after a record is complete. Each record is three words: its kind, and two numbers.
 */
final class Journal {
    /** What operations are called. */
    static final List<String> NAMES = List.of(
            "get",
            "put",
            "remove",
            "compute",
            "compareAndExchange",
            "putIfAbsent",
            "lockAll",
            "transact",
            "look",
            "traversal");

    private static final int SIZE = 1 << 24;
    private static final int RECORD = 3 * Long.BYTES;

    /** A round needs less. */
    private static final int RESERVE = 1 << 17;

    private static final int BEGIN = 1;
    private static final int READ = 2;
    private static final int WRITE = 3;

    /** What the operation will write if it has an effect. */
    private static final int INTEND = 4;

    private static final int END = 5;

    private static final int COMMITTED = 1;
    private static final int ABORTED = 2;

    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer bytes;
    private int end;

    private Journal(ByteBuffer bytes) {
        this.bytes = bytes;
        this.end = Math.toIntExact((long) WORD.getAcquire(bytes, 0));
    }

    private static ByteBuffer map(Path file, int size) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(MapMode.READ_WRITE, 0, size).order(ByteOrder.nativeOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates a file that is not there yet. */
    static Journal create(Path file) {
        Journal journal = new Journal(map(file, SIZE));
        if (journal.end != 0) {
            throw new IllegalStateException(file + " was written before");
        }
        journal.end = Long.BYTES;
        WORD.setRelease(journal.bytes, 0, (long) journal.end);
        return journal;
    }

    /** Words that survive the process, zero at first. */
    static LongBuffer words(Path file, int count) {
        return map(file, count * Long.BYTES).asLongBuffer();
    }

    boolean isNearlyFull() {
        return SIZE - end < RESERVE;
    }

    private void append(int kind, long first, long second) {
        bytes.putLong(end, kind).putLong(end + Long.BYTES, first).putLong(end + 2 * Long.BYTES, second);
        end += RECORD;
        WORD.setRelease(bytes, 0, (long) end);
    }

    void begin(String operation, long time) {
        append(BEGIN, NAMES.indexOf(operation), time);
    }

    void read(int key, long version) {
        append(READ, key, version);
    }

    void write(int key, long version) {
        append(WRITE, key, version);
    }

    void intend(int key, long version) {
        append(INTEND, key, version);
    }

    void end(Outcome outcome, long time) {
        append(END, outcome == Outcome.COMMITTED ? COMMITTED : ABORTED, time);
    }

    /**
     * Reads what is there.
     *
     * @param file a file, which need not exist
     * @param who whose it is
     * @param killedAt a time after the process was no more
     */
    static List<Observed> readAll(Path file, String who, long killedAt) {
        List<Observed> all = new ArrayList<>();
        if (!Files.exists(file)) {
            return all;
        }
        Journal journal = new Journal(map(file, SIZE));
        List<Event> events = new ArrayList<>();
        Map<Integer, Long> intended = new HashMap<>();
        String name = "";
        long began = 0;
        boolean open = false;
        for (int at = Long.BYTES; at < journal.end; at += RECORD) {
            int kind = (int) journal.bytes.getLong(at);
            long first = journal.bytes.getLong(at + Long.BYTES);
            long second = journal.bytes.getLong(at + 2 * Long.BYTES);
            switch (kind) {
                case BEGIN -> {
                    name = who + "#" + all.size() + " " + NAMES.get((int) first);
                    began = second;
                    open = true;
                }
                case READ -> events.add(new Read((int) first, second));
                case WRITE -> {
                    intended.remove((int) first);
                    events.add(new Write((int) first, second));
                }
                case INTEND -> intended.put((int) first, second);
                case END -> {
                    all.add(new Observed(
                            name, began, second, events, first == COMMITTED ? Outcome.COMMITTED : Outcome.ABORTED));
                    events.clear();
                    intended.clear();
                    open = false;
                }
                default -> throw new IllegalStateException(file + ": kind " + kind + " at " + at);
            }
        }
        if (open) {
            intended.forEach((key, version) -> events.add(new Write(key, version)));
            all.add(new Observed(name, began, killedAt, events, Outcome.UNKNOWN));
        }
        return all;
    }
}
