package io.sherd;

import org.jspecify.annotations.Nullable;

/** A block that was read, with room for the next. Used by one thread. */
final class ImageBlock {
    private final String image;

    /** The payload, and {@link ImageFormat#SLACK} bytes more at least. */
    private byte[] bytes = new byte[ImageFormat.SLACK];

    /** Where the payload begins in the image. */
    private long offset;

    private int length;
    private int entries;
    private int sum;

    ImageBlock(String image) {
        this.image = image;
    }

    byte[] bytes() {
        return bytes;
    }

    void bytes(byte[] more) {
        bytes = more;
    }

    int length() {
        return length;
    }

    int entries() {
        return entries;
    }

    /** Takes what a block's header says. */
    void begin(long newOffset, int newLength, int newEntries, int newSum) {
        offset = newOffset;
        length = newLength;
        entries = newEntries;
        sum = newSum;
    }

    /** Compares the payload with its checksum, and cuts it into columns. */
    void open(ColumnReader<?> keys, ColumnReader<?> values) throws CorruptImageException {
        int found = ImageFormat.sum(bytes, 0, length);
        if (found != sum) {
            throw corrupt(
                    0,
                    "the checksum of the block's " + length + " bytes is " + Integer.toHexString(found) + ", but "
                            + Integer.toHexString(sum) + " was written");
        }
        int keyLength = ImageFormat.getInt(bytes, 0);
        if (keyLength < 0 || keyLength > length - Integer.BYTES) {
            throw corrupt(
                    0,
                    "the key column has " + Integer.toUnsignedString(keyLength) + " bytes, but "
                            + (length - Integer.BYTES) + " are left in the block");
        }
        int border = Integer.BYTES + keyLength;
        keys.open(Integer.BYTES, border, entries);
        values.open(border, length, entries);
    }

    CorruptImageException corrupt(int at, String detail) {
        return corrupt(at, detail, null);
    }

    CorruptImageException corrupt(int at, String detail, @Nullable Throwable cause) {
        return new CorruptImageException(image, offset + at, detail, cause);
    }
}
