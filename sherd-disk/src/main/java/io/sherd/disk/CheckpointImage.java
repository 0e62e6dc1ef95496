package io.sherd.disk;

import io.sherd.disk.Lane.Position;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The content of a checkpoint file: the words of all shards, and for each shard the place in the log up to which they tell.
 *
 * <pre>
 * 0     u64  magic
 * 8     u32  format version, u32 shard bits
 * 16    u64  generation
 * 24    u64  offset of the trailer, u64 length of the trailer
 * 40    u64  checksum of the trailer
 * 48    u64  zero
 * 56    u64  checksum of the bytes before
 * 4096       words of the shards, each shard's aligned to 64
 * ..         trailer
 * </pre>
 *
 * <p>The trailer: u32 clean, u32 era; u32 next number, u32 lanes; u64 next sequence; u32 files, u32 zero; then for each lane
 * u64 sequence, u64 offset; for each file u32 number, u32 kind, u64 sequence, u64 length, u64 dead, u64 used, u64 prepared; for
 * each shard u32 logarithm of slots, u32 used, u64 live, u64 offset of the words, u64 sequence, u64 offset, u64 checksum of the
 * words.
 *
 * @param generation the number of the checkpoint
 * @param clean whether nothing was appended behind it by the session that wrote it
 * @param era the era of the session
 * @param nextNumber the next number of a file
 * @param nextSequence the next sequence of a file
 * @param lanes where replay begins, for each lane of the era
 * @param files the files
 * @param shards the shards
 * @param words all bytes of the file, mapped copy-on-write; null for an image not yet written
 */
record CheckpointImage(
        long generation,
        boolean clean,
        int era,
        int nextNumber,
        long nextSequence,
        List<Position> lanes,
        List<FileState> files,
        List<ShardState> shards,
        @Nullable MemorySegment words) {

    static final int WORDS = 4096;

    private static final long MAGIC = 0x324b434452454853L; // "SHERDCK2"
    private static final int PROLOGUE = 64;
    private static final int FILE = 48;
    private static final int SHARD = 48;

    record FileState(int number, int kind, long sequence, long length, long dead, long used, long prepared) {}

    record ShardState(int log, int used, long live, long offset, Position position, long sum) {}

    static String name(long generation) {
        return String.format(Locale.ROOT, "ckpt-%08d", generation);
    }

    /** Writes the trailer behind the words, and then the beginning. */
    void write(BlockFile file, long end, long salt) throws IOException {
        int length = 32 + lanes.size() * 16 + files.size() * FILE + shards.size() * SHARD;
        MemorySegment trailer = MemorySegment.ofArray(new byte[length]);
        trailer.set(Bits.INT, 0, clean ? 1 : 0);
        trailer.set(Bits.INT, 4, era);
        trailer.set(Bits.INT, 8, nextNumber);
        trailer.set(Bits.INT, 12, lanes.size());
        trailer.set(Bits.LONG, 16, nextSequence);
        trailer.set(Bits.INT, 24, files.size());
        int at = 32;
        for (Position lane : lanes) {
            trailer.set(Bits.LONG, at, lane.sequence());
            trailer.set(Bits.LONG, at + 8, lane.offset());
            at += 16;
        }
        for (FileState state : files) {
            trailer.set(Bits.INT, at, state.number);
            trailer.set(Bits.INT, at + 4, state.kind);
            trailer.set(Bits.LONG, at + 8, state.sequence);
            trailer.set(Bits.LONG, at + 16, state.length);
            trailer.set(Bits.LONG, at + 24, state.dead);
            trailer.set(Bits.LONG, at + 32, state.used);
            trailer.set(Bits.LONG, at + 40, state.prepared);
            at += FILE;
        }
        for (ShardState state : shards) {
            trailer.set(Bits.INT, at, state.log);
            trailer.set(Bits.INT, at + 4, state.used);
            trailer.set(Bits.LONG, at + 8, state.live);
            trailer.set(Bits.LONG, at + 16, state.offset);
            trailer.set(Bits.LONG, at + 24, state.position.sequence());
            trailer.set(Bits.LONG, at + 32, state.position.offset());
            trailer.set(Bits.LONG, at + 40, state.sum);
            at += SHARD;
        }
        file.write(trailer.asByteBuffer(), end);
        MemorySegment prologue = MemorySegment.ofArray(new byte[PROLOGUE]);
        prologue.set(Bits.LONG, 0, MAGIC);
        prologue.set(Bits.INT, 8, Meta.VERSION);
        prologue.set(Bits.INT, 12, Integer.numberOfTrailingZeros(shards.size()));
        prologue.set(Bits.LONG, 16, generation);
        prologue.set(Bits.LONG, 24, end);
        prologue.set(Bits.LONG, 32, length);
        prologue.set(Bits.LONG, 40, Bits.sum64(trailer, 0, length, salt));
        prologue.set(Bits.LONG, 56, Bits.sum64(prologue, 0, 56, salt));
        file.write(prologue.asByteBuffer(), 0);
    }

    /** Reads an image; throws {@link CorruptMapException} if it is not whole. */
    static CheckpointImage read(Storage storage, Path path, long salt) throws IOException {
        try (BlockFile file = storage.open(path)) {
            long size = file.size();
            MemorySegment prologue = read(file, 0, PROLOGUE);
            if (size < WORDS
                    || prologue.get(Bits.LONG, 0) != MAGIC
                    || prologue.get(Bits.INT, 8) != Meta.VERSION
                    || prologue.get(Bits.LONG, 56) != Bits.sum64(prologue, 0, 56, salt)) {
                throw new CorruptMapException(path, 0, "the beginning is not that of a checkpoint of this map");
            }
            long end = prologue.get(Bits.LONG, 24);
            long length = prologue.get(Bits.LONG, 32);
            if (size != end + length) {
                throw new CorruptMapException(
                        path, Math.min(size, end + length), "expected " + (end + length) + " bytes, found " + size);
            }
            MemorySegment trailer = read(file, end, (int) length);
            if (prologue.get(Bits.LONG, 40) != Bits.sum64(trailer, 0, length, salt)) {
                throw new CorruptMapException(path, end, "the checksum does not match the " + length + " bytes");
            }
            List<Position> lanes = new ArrayList<>();
            List<FileState> files = new ArrayList<>();
            List<ShardState> shards = new ArrayList<>();
            int at = 32;
            for (int i = trailer.get(Bits.INT, 12); i > 0; i--) {
                lanes.add(new Position(trailer.get(Bits.LONG, at), trailer.get(Bits.LONG, at + 8)));
                at += 16;
            }
            for (int i = trailer.get(Bits.INT, 24); i > 0; i--) {
                files.add(new FileState(
                        trailer.get(Bits.INT, at),
                        trailer.get(Bits.INT, at + 4),
                        trailer.get(Bits.LONG, at + 8),
                        trailer.get(Bits.LONG, at + 16),
                        trailer.get(Bits.LONG, at + 24),
                        trailer.get(Bits.LONG, at + 32),
                        trailer.get(Bits.LONG, at + 40)));
                at += FILE;
            }
            for (int i = 1 << prologue.get(Bits.INT, 12); i > 0; i--) {
                shards.add(new ShardState(
                        trailer.get(Bits.INT, at),
                        trailer.get(Bits.INT, at + 4),
                        trailer.get(Bits.LONG, at + 8),
                        trailer.get(Bits.LONG, at + 16),
                        new Position(trailer.get(Bits.LONG, at + 24), trailer.get(Bits.LONG, at + 32)),
                        trailer.get(Bits.LONG, at + 40)));
                at += SHARD;
            }
            return new CheckpointImage(
                    prologue.get(Bits.LONG, 16),
                    trailer.get(Bits.INT, 0) == 1,
                    trailer.get(Bits.INT, 4),
                    trailer.get(Bits.INT, 8),
                    trailer.get(Bits.LONG, 16),
                    lanes,
                    files,
                    shards,
                    file.map(FileChannel.MapMode.PRIVATE, 0, size));
        }
    }

    /** The table of a shard, which changes without changing the file. */
    Table table(int shard) {
        ShardState state = shards.get(shard);
        return new Table(
                (MappedByteBuffer) Objects.requireNonNull(words)
                        .asSlice(state.offset, Table.size(state.log))
                        .asByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN),
                state.log);
    }

    /** The bytes of all tables. */
    long wordBytes() {
        long bytes = 0;
        for (ShardState state : shards) {
            bytes += Table.size(state.log);
        }
        return bytes;
    }

    /** Throws if the words are not those that were written; to be called before any of them changes. */
    void check(Path path, MemorySegment unchanged, long salt) {
        for (ShardState state : shards) {
            if (Bits.sum64(unchanged, state.offset, Table.size(state.log), salt) != state.sum) {
                throw new CorruptMapException(
                        path, state.offset, "the checksum does not match the " + Table.size(state.log) + " bytes");
            }
        }
    }

    private static MemorySegment read(BlockFile file, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        file.read(ByteBuffer.wrap(bytes), offset);
        return MemorySegment.ofArray(bytes);
    }
}
