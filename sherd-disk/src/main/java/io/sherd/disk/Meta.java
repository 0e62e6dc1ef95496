package io.sherd.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What is fixed for the life of a map: the file {@code META}.
 *
 * <pre>
 * 0   u64  magic
 * 8   u32  format version, u32 file shift
 * 16  u32  shard bits, u32 zero
 * 24  u64  salt of hashes and checksums
 * 32  u32  length of the key codec's identity, then its bytes
 * ..  u32  length of the value codec's identity, then its bytes
 * ..       zeros up to a multiple of 8
 * ..  u64  checksum
 * </pre>
 *
 * @param fileShift the binary logarithm of the address range of a data file
 * @param shardBits the binary logarithm of the number of shards
 * @param salt a random number
 * @param keyCodec the identity of the key codec
 * @param valueCodec the identity of the value codec
 */
record Meta(int fileShift, int shardBits, long salt, String keyCodec, String valueCodec) {
    static final int VERSION = 3;
    static final String NAME = "META";

    private static final long MAGIC = 0x50414d4452454853L; // "SHERDMAP"
    private static final int FIXED = 32;
    private static final int MAX_SIZE = 4096;
    private static final long SUM_SEED = MAGIC;

    void write(Storage storage, Path directory) throws IOException {
        byte[] key = keyCodec.getBytes(StandardCharsets.US_ASCII);
        byte[] value = valueCodec.getBytes(StandardCharsets.US_ASCII);
        int size = FIXED + 2 * Integer.BYTES + key.length + value.length + 7 & ~7;
        MemorySegment bytes = MemorySegment.ofArray(new byte[size + Long.BYTES]);
        bytes.set(Bits.LONG, 0, MAGIC);
        bytes.set(Bits.INT, 8, VERSION);
        bytes.set(Bits.INT, 12, fileShift);
        bytes.set(Bits.INT, 16, shardBits);
        bytes.set(Bits.LONG, 24, salt);
        bytes.set(Bits.INT, FIXED, key.length);
        MemorySegment.copy(key, 0, bytes, Bits.BYTE, FIXED + Integer.BYTES, key.length);
        int at = FIXED + Integer.BYTES + key.length;
        bytes.set(Bits.INT, at, value.length);
        MemorySegment.copy(value, 0, bytes, Bits.BYTE, at + Integer.BYTES, value.length);
        bytes.set(Bits.LONG, size, Bits.sum64(bytes, 0, size, SUM_SEED));
        Path temporary = directory.resolve(NAME + ".tmp");
        try (BlockFile file = storage.create(temporary)) {
            file.write(bytes.asByteBuffer(), 0);
            file.force();
        }
        storage.rename(temporary, directory.resolve(NAME));
        storage.forceDirectory(directory);
    }

    static Meta read(Storage storage, Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        byte[] content;
        try (BlockFile file = storage.open(path)) {
            long size = file.size();
            if (size > MAX_SIZE) {
                throw new UnsupportedFormatException("file " + path + " is not the META of a map: it has " + size
                        + " bytes; give the directory of a map, or an empty one");
            }
            content = new byte[(int) size];
            file.read(ByteBuffer.wrap(content), 0);
        }
        MemorySegment bytes = MemorySegment.ofArray(content);
        if (content.length < Long.BYTES) {
            throw new CorruptMapException(
                    path, 0, "a META has more than " + content.length + " bytes; it was cut short");
        }
        if (bytes.get(Bits.LONG, 0) != MAGIC) {
            throw new UnsupportedFormatException(
                    "file " + path + " is not the META of a map: it begins with other bytes"
                            + "; give the directory of a map, or an empty one");
        }
        if (content.length >= FIXED && bytes.get(Bits.INT, 8) != VERSION) {
            throw new UnsupportedFormatException("map " + directory + " has format version " + bytes.get(Bits.INT, 8)
                    + ", but this version of Sherd reads only " + VERSION + "; use the version that wrote it");
        }
        int size = content.length - Long.BYTES;
        if (size < FIXED + 2 * Integer.BYTES
                || (size & 7) != 0
                || bytes.get(Bits.LONG, size) != Bits.sum64(bytes, 0, size, SUM_SEED)) {
            throw new CorruptMapException(path, 0, "the checksum does not match the " + content.length + " bytes");
        }
        int keyLength = bytes.get(Bits.INT, FIXED);
        int at = FIXED + Integer.BYTES + keyLength;
        int valueLength = bytes.get(Bits.INT, at);
        return new Meta(
                bytes.get(Bits.INT, 12),
                bytes.get(Bits.INT, 16),
                bytes.get(Bits.LONG, 24),
                new String(content, FIXED + Integer.BYTES, keyLength, StandardCharsets.US_ASCII),
                new String(content, at + Integer.BYTES, valueLength, StandardCharsets.US_ASCII));
    }
}
