package io.sherd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The blocks of an image, in the order in which they lie in it.
 *
 * <p>What has been checked when a block is handed out: its header against the header's checksum; that it belongs to this image and
 * comes next; that its length and its entries are such as a writer makes. What has not: its payload, which the caller does outside
 * of the lock that the calls of this need. At the end: that the headers are those that were written, all of them, and that the
 * entries are as many.
 *
 * <p>No memory is taken on the word of the image: a buffer grows as bytes arrive.
 */
final class ImageSource {
    private static final int FIRST_BUFFER = 1 << 16;

    private final ReadableByteChannel channel;
    private final String image;

    /** The length of the whole, or -1 if that is not known. */
    private final long size;

    private final CRC32C headers = new CRC32C();
    private final byte[] frame = new byte[ImageFormat.FRAME];

    private long offset;
    private long number;
    private int blocks;
    private long entries;
    private boolean ended;

    /** An image that is a whole file. */
    ImageSource(FileChannel channel, String image) throws IOException {
        this(channel, image, channel.size());
    }

    /** An image in a channel, behind which something else may follow. */
    ImageSource(ReadableByteChannel channel) {
        if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        this(channel, "image", -1);
    }

    private ImageSource(ReadableByteChannel channel, String image, long size) {
        this.channel = channel;
        this.image = image;
        this.size = size;
    }

    String image() {
        return image;
    }

    /** The bytes read so far. */
    long offset() {
        return offset;
    }

    /** The entries of the blocks handed out so far. */
    long entries() {
        return entries;
    }

    /** How many entries there can be at the most, as far as that is known; each takes a byte. */
    long mostEntries() {
        return Math.max(0, size);
    }

    ImageInfo readHeader() throws IOException {
        byte[] fixed = new byte[ImageFormat.HEADER];
        readFully(fixed, 0, Long.BYTES + Integer.BYTES, "the beginning");
        if (ImageFormat.getLong(fixed, 0) != ImageFormat.MAGIC) {
            throw new UnsupportedImageException(
                    image + " begins with other bytes than an image does; give a file that writeTo wrote");
        }
        int version = ImageFormat.getInt(fixed, 8);
        if (version != ImageFormat.VERSION) {
            throw new UnsupportedImageException(image + " has format version " + Integer.toUnsignedString(version)
                    + ", but this version of Sherd reads only " + ImageFormat.VERSION
                    + "; use the version that wrote it");
        }
        readFully(fixed, 12, ImageFormat.HEADER - 12, "the header");
        compareSum(fixed, ImageFormat.HEADER_SUM, 0, "header");
        number = ImageFormat.getLong(fixed, 16);
        long expected = ImageFormat.getLong(fixed, 24);
        int shards = ImageFormat.getInt(fixed, 32);
        int keyLength = ImageFormat.getShort(fixed, 36);
        int valueLength = ImageFormat.getShort(fixed, 38);
        int noteLength = ImageFormat.getInt(fixed, 40);
        if (ImageFormat.getInt(fixed, 12) != 0 || expected < 0) {
            throw corrupt(12, "the header has a value that nothing writes");
        }
        if (shards < 1 || shards > ImageFormat.MOST_SHARDS) {
            throw corrupt(
                    32,
                    "the header says " + Integer.toUnsignedString(shards) + " shards, but a map has 1 to "
                            + ImageFormat.MOST_SHARDS);
        }
        if (noteLength < 0 || noteLength > ImageOptions.LONGEST_NOTE) {
            throw corrupt(
                    40,
                    "the header says that the note has " + Integer.toUnsignedString(noteLength)
                            + " bytes, but it has at most " + ImageOptions.LONGEST_NOTE);
        }
        long from = offset;
        int length = keyLength + valueLength + noteLength;
        byte[] texts = readGrowing(new byte[0], length + Integer.BYTES, "the header");
        compareSum(texts, length, from, "header's texts");
        String keyCodec = new String(texts, 0, keyLength, StandardCharsets.US_ASCII);
        String valueCodec = new String(texts, keyLength, valueLength, StandardCharsets.US_ASCII);
        if (!ImageFormat.isIdentity(keyCodec) || !ImageFormat.isIdentity(valueCodec)) {
            throw corrupt(from, "the identity of a codec is not 1 to 200 printable ASCII characters");
        }
        return new ImageInfo(
                version,
                shards,
                expected,
                keyCodec,
                valueCodec,
                note(texts, keyLength + valueLength, noteLength, from));
    }

    private String note(byte[] texts, int at, int length, long from) throws CorruptImageException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(texts, at, length))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw corrupt(from + at, "the note is not UTF-8");
        }
    }

    /**
     * Reads the next block.
     *
     * @return false if there is none: the image has ended, and is whole as far as this class can tell
     */
    boolean next(ImageBlock block) throws IOException {
        if (ended) {
            return false;
        }
        long from = offset;
        readFully(frame, 0, ImageFormat.FRAME, blocks == 0 ? "the first block" : "a block, or the end,");
        int magic = ImageFormat.getInt(frame, 0);
        if (magic != ImageFormat.BLOCK_MAGIC && magic != ImageFormat.END_MAGIC) {
            throw corrupt(from, "a block, or the end of the image, begins with other bytes");
        }
        compareSum(frame, ImageFormat.FRAME_SUM, from, magic == ImageFormat.END_MAGIC ? "end" : "block's header");
        if (ImageFormat.getLong(frame, 16) != number) {
            throw corrupt(from + 16, "this part belongs to another image");
        }
        if (ImageFormat.getInt(frame, 4) != blocks) {
            throw corrupt(
                    from + 4,
                    (magic == ImageFormat.END_MAGIC ? "the end counts " : "block number ")
                            + Integer.toUnsignedString(ImageFormat.getInt(frame, 4)) + ", but "
                            + Integer.toUnsignedString(blocks)
                            + (magic == ImageFormat.END_MAGIC ? " blocks came before" : " comes next"));
        }
        if (magic == ImageFormat.END_MAGIC) {
            end(from);
            return false;
        }
        int length = ImageFormat.getInt(frame, 8);
        int count = ImageFormat.getInt(frame, 12);
        if (count < 1 || count > ImageFormat.BLOCK_ENTRIES) {
            throw corrupt(
                    from + 12,
                    "the block says " + Integer.toUnsignedString(count) + " entries, but a block has 1 to "
                            + ImageFormat.BLOCK_ENTRIES);
        }
        if (length < 0 || (count > 1 && length > ImageFormat.BLOCK_BYTES + ImageFormat.PAYLOAD_OVERHEAD)) {
            throw corrupt(
                    from + 8,
                    "the block says " + Integer.toUnsignedString(length)
                            + " bytes, but a block of several entries has at most "
                            + (ImageFormat.BLOCK_BYTES + ImageFormat.PAYLOAD_OVERHEAD));
        }
        if (length < Integer.BYTES + 2 || length > Integer.MAX_VALUE - ImageFormat.SLACK - Long.BYTES) {
            throw corrupt(from + 8, "the block says " + length + " bytes, which no block has");
        }
        headers.update(frame);
        blocks++;
        entries += count;
        block.begin(offset, length, count, ImageFormat.getInt(frame, ImageFormat.PAYLOAD_SUM));
        block.bytes(readGrowing(block.bytes(), length, "a block"));
        return true;
    }

    private void end(long from) throws IOException {
        if (ImageFormat.getLong(frame, 8) != entries) {
            throw corrupt(
                    from + 8,
                    "the end counts " + ImageFormat.getLong(frame, 8) + " entries, but " + entries + " came before");
        }
        if (ImageFormat.getInt(frame, ImageFormat.PAYLOAD_SUM) != (int) headers.getValue()) {
            throw corrupt(from + ImageFormat.PAYLOAD_SUM, "the blocks before are not those that were written");
        }
        if (size >= 0 && offset != size) {
            throw corrupt(offset, (size - offset) + " bytes follow behind the end of the image");
        }
        ended = true;
    }

    private void compareSum(byte[] bytes, int at, long from, String what) throws CorruptImageException {
        int found = ImageFormat.sum(bytes, 0, at);
        int written = ImageFormat.getInt(bytes, at);
        if (found != written) {
            throw corrupt(
                    from,
                    "the checksum of the " + what + " is " + Integer.toHexString(found) + ", but "
                            + Integer.toHexString(written) + " was written");
        }
    }

    /** Reads into a buffer that grows as the bytes arrive, and has some slack behind them. */
    private byte[] readGrowing(byte[] buffer, int length, String what) throws IOException {
        if (size >= 0 && length > size - offset) {
            throw cut(what, length, (int) (size - offset));
        }
        byte[] bytes = buffer;
        for (int done = 0; done < length; ) {
            int room = bytes.length - ImageFormat.SLACK;
            if (room <= done) {
                long more = Math.max(FIRST_BUFFER, 2L * done);
                int needed = (int) Math.min(length, size >= 0 ? length : more);
                bytes = Arrays.copyOf(bytes, needed + ImageFormat.SLACK);
                room = needed;
            }
            int part = Math.min(length, room) - done;
            readFully(bytes, done, part, what);
            done += part;
        }
        return bytes;
    }

    private void readFully(byte[] target, int at, int length, String what) throws IOException {
        for (int done = 0; done < length; ) {
            // a part at a time: channels copy through a direct buffer of the size asked for, and keep that
            int part = Math.min(length - done, FIRST_BUFFER);
            int read = channel.read(ByteBuffer.wrap(target, at + done, part));
            if (read < 0) {
                throw cut(what, length, done);
            }
            if (read == 0 && part > 0) {
                Thread.onSpinWait();
            }
            done += read;
            offset += read;
        }
    }

    private CorruptImageException cut(String what, int wanted, int found) {
        return corrupt(
                offset,
                "the image ends here, within " + what + ": " + wanted + " bytes wanted, " + found
                        + " found; it was cut short");
    }

    private CorruptImageException corrupt(long at, String detail) {
        return new CorruptImageException(image, at, detail, null);
    }

    /** For what the header says together with the caller. */
    void requireCodecs(ImageInfo info, String keyCodec, String valueCodec) throws ImageCodecException {
        if (!info.keyCodec().equals(keyCodec)) {
            throw new ImageCodecException(image, "key", info.keyCodec(), keyCodec);
        }
        if (!info.valueCodec().equals(valueCodec)) {
            throw new ImageCodecException(image, "value", info.valueCodec(), valueCodec);
        }
    }
}
