package io.sherd.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Writes the entries of a {@link Cut} into a new map with another number of shards, as they are encoded. */
final class ShardedCopy {
    private static final int CHECK = 1 << 10;

    private final MapFiles from;
    private final Cut cut;
    private final LongConsumer progress;
    private final byte[] buffer = new byte[Records.MAX_KEY];

    /**
     * Prepares a copy.
     *
     * @param from the files that the cut is of
     * @param cut what to copy
     * @param progress gets the bytes of each record that was copied
     */
    ShardedCopy(MapFiles from, Cut cut, LongConsumer progress) {
        this.from = from;
        this.cut = cut;
        this.progress = progress;
    }

    /** Writes the map, closes it, and answers how many data files it has. */
    int write(Path directory, int shards) throws IOException {
        MapFiles to = MapFiles.openUnfinished(
                directory,
                new MapFiles.Settings(
                        Integer.numberOfTrailingZeros(shards),
                        cut.count,
                        Durability.NONE,
                        Long.MAX_VALUE,
                        from.log.fileShift,
                        from.log.storage),
                new MapFiles.CodecFacts(
                        from.meta.keyCodec(), from.meta.valueCodec(), from.reader.wordKeys, from.reader.fixedKey));
        boolean whole = false;
        try {
            Store store = new Store(to, hold -> "?");
            Batch batch = new Batch(to, store, true);
            for (Table table : cut.tables) {
                for (int slot = 0; slot < table.capacity(); slot++) {
                    long word = table.getPlain(slot);
                    if (Table.isLive(word)) {
                        copy(Table.address(word), to, store, batch);
                    }
                    if (slot % CHECK == 0) {
                        from.checkOpen();
                    }
                }
            }
            batch.apply();
            int files = to.log.files().size();
            to.close();
            whole = true;
            return files;
        } catch (InternalError | IndexOutOfBoundsException e) {
            throw from.unreadable(e);
        } finally {
            if (!whole) {
                to.crash();
            }
        }
    }

    private void copy(long address, MapFiles to, Store store, Batch batch) {
        RecordReader reader = from.reader;
        MappedByteBuffer bytes = from.log.bytes(address);
        int offset = from.log.offset(address);
        RecordReader.Value value = reader.value(bytes, offset);
        if (value == null) {
            throw new CorruptMapException(
                    from.directory.resolve(from.log.file(address).name()),
                    offset,
                    "the file of the record's value is missing");
        }
        long keyWord = 0;
        byte @Nullable [] key = null;
        long hash;
        if (reader.wordKeys) {
            keyWord = bytes.getLong(offset + Records.HEADER);
            hash = Bits.hash(keyWord, to.log.salt);
        } else {
            int length = reader.copyKey(bytes, offset, buffer);
            key = java.util.Arrays.copyOf(buffer, length);
            hash = Bits.hash(key, length, to.log.salt);
        }
        byte[] content = new byte[value.length()];
        MemorySegment.copy(
                MemorySegment.ofBuffer(value.bytes()), Bits.BYTE, value.offset(), content, 0, content.length);
        if (store.isLarge(content)) {
            store.write(When.ALWAYS, hash, keyWord, key, true, 0, content, 0, null);
        } else {
            batch.add(hash, keyWord, key, 0, content);
        }
        progress.accept(Records.size((key == null ? Long.BYTES : key.length) + content.length));
    }
}
