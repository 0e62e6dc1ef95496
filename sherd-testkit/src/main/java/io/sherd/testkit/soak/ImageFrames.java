package io.sherd.testkit.soak;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The parts of an image: its header, blocks and end. Written from {@code docs/image-format.md}, not from the code that it is to
 * test, so that it also shows the document to be true.
 */
final class ImageFrames {
    static final int FRAME = 32;

    private static final int HEADER = 48;
    private static final int BLOCK_MAGIC = 0x4b4c4253;

    /** The parts, in order; each is a copy. */
    private final List<byte[]> parts;

    private ImageFrames(List<byte[]> parts) {
        this.parts = parts;
    }

    /** Takes a whole image apart. */
    static ImageFrames of(byte[] image) {
        ByteBuffer bytes = littleEndian(image);
        List<byte[]> parts = new ArrayList<>();
        int at = HEADER
                + Short.toUnsignedInt(bytes.getShort(36))
                + Short.toUnsignedInt(bytes.getShort(38))
                + bytes.getInt(40)
                + 4;
        parts.add(Arrays.copyOf(image, at));
        while (bytes.getInt(at) == BLOCK_MAGIC) {
            int end = at + FRAME + bytes.getInt(at + 8);
            parts.add(Arrays.copyOfRange(image, at, end));
            at = end;
        }
        parts.add(Arrays.copyOfRange(image, at, at + FRAME));
        if (at + FRAME != image.length) {
            throw new IllegalArgumentException("an image of " + image.length + " bytes has its end at " + at);
        }
        return new ImageFrames(parts);
    }

    /** One image with the blocks of several, whose header is that of the first. */
    static ImageFrames join(List<byte[]> images) {
        List<byte[]> parts = new ArrayList<>();
        byte[] end = new byte[0];
        for (byte[] image : images) {
            List<byte[]> its = of(image).parts;
            if (parts.isEmpty()) {
                parts.add(its.getFirst());
            }
            parts.addAll(its.subList(1, its.size() - 1));
            end = its.getLast();
        }
        parts.add(end);
        return new ImageFrames(parts);
    }

    List<byte[]> parts() {
        return parts;
    }

    int blocks() {
        return parts.size() - 2;
    }

    /** The same parts, which may be changed without changing these. */
    ImageFrames copy() {
        List<byte[]> copies = new ArrayList<>();
        parts.forEach(part -> copies.add(part.clone()));
        return new ImageFrames(copies);
    }

    /** Numbers the blocks and counts again, as one does who writes an image of these blocks. */
    void renumber() {
        long number = littleEndian(parts.getFirst()).getLong(16);
        long entries = 0;
        for (int i = 1; i < parts.size(); i++) {
            ByteBuffer part = littleEndian(parts.get(i));
            part.putInt(4, i - 1).putLong(16, number);
            if (i < parts.size() - 1) {
                entries += Integer.toUnsignedLong(part.getInt(12));
            } else {
                part.putLong(8, entries);
            }
        }
    }

    /** Makes all checksums right, whatever the bytes are: what a reader that does not look at them would see. */
    void seal() {
        CRC32C headers = new CRC32C();
        byte[] header = parts.getFirst();
        littleEndian(header).putInt(44, sum(header, 0, 44));
        littleEndian(header).putInt(header.length - 4, sum(header, HEADER, header.length - 4 - HEADER));
        for (int i = 1; i < parts.size(); i++) {
            byte[] part = parts.get(i);
            boolean last = i == parts.size() - 1;
            littleEndian(part).putInt(24, last ? (int) headers.getValue() : sum(part, FRAME, part.length - FRAME));
            littleEndian(part).putInt(28, sum(part, 0, 28));
            if (!last) {
                headers.update(part, 0, FRAME);
            }
        }
    }

    byte[] toImage() {
        ByteBuffer image =
                ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(image::put);
        return image.array();
    }

    static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int sum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
