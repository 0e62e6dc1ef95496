package io.sherd;

import io.sherd.codec.Codec;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * The bytes of an image, version 1; {@code docs/image-format.md} says what each is for. All numbers are little-endian.
 *
 * <pre>
 * header   0   u64  "SHERDIMG"
 *          8   u32  format version
 *          12  u32  zero
 *          16  u64  number of the image, random
 *          24  u64  entries of the map when the writing began
 *          32  u32  shards
 *          36  u16  length of the key codec's identity, u16 of the value codec's
 *          40  u32  length of the note
 *          44  u32  CRC-32C of the 44 bytes before
 *          48       the identities and the note, then u32 CRC-32C of them
 *
 * block    0   u32  "SBLK"
 *          4   u32  sequence number, from 0 up
 *          8   u32  length of the payload
 *          12  u32  entries in it
 *          16  u64  number of the image
 *          24  u32  CRC-32C of the payload
 *          28  u32  CRC-32C of the 28 bytes before
 *          32       the payload: u32 length of the key column, the key column, the value column
 *
 * end      0   u32  "SEND"
 *          4   u32  blocks
 *          8   u64  entries
 *          16  u64  number of the image
 *          24  u32  CRC-32C of all block headers
 *          28  u32  CRC-32C of the 28 bytes before
 *
 * column   0   u8   0: the encodings follow; where their length is not fixed, each behind its length as a varint
 *                   1: numbers of eight bytes, packed: u8 width, u64 base, then each number less the base in width bytes
 * </pre>
 */
final class ImageFormat {
    static final long MAGIC = 0x474d_4944_5245_4853L; // "SHERDIMG"
    static final int VERSION = 1;
    static final int HEADER = 48;
    static final int HEADER_SUM = 44;

    static final int BLOCK_MAGIC = 0x4b4c_4253; // "SBLK"
    static final int END_MAGIC = 0x444e_4553; // "SEND"

    /** The length of a block's header, and of the end. */
    static final int FRAME = 32;

    static final int FRAME_SUM = 28;
    static final int PAYLOAD_SUM = 24;

    /** The most entries in a block: what packs well must not become a bomb. */
    static final int BLOCK_ENTRIES = 1 << 16;

    /** The longest two columns of a block that has more than one entry. */
    static final int BLOCK_BYTES = 1 << 20;

    /** The length of what says how a payload is cut, of two columns at the most. */
    static final int PAYLOAD_OVERHEAD = Integer.BYTES + 2 * 10;

    static final int RAW = 0;
    static final int PACKED = 1;
    static final int PACKED_HEADER = 10;

    /** Packed numbers are read and written eight bytes at a time, so buffers have this much more. */
    static final int SLACK = Long.BYTES;

    /** The most shards that an image may ask for: the most that a heap map can have. */
    static final int MOST_SHARDS = 1 << 22;

    private static final int LONGEST_IDENTITY = 200;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private ImageFormat() {}

    static int getShort(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at) & 0xffff;
    }

    static void setShort(byte[] bytes, int at, int value) {
        SHORT.set(bytes, at, (short) value);
    }

    static int getInt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static void setInt(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
    }

    static long getLong(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void setLong(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    static int sum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** Encodes a text, and refuses what UTF-8 cannot express. */
    static byte[] encodeText(String what, String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException unpaired) {
            throw new IllegalArgumentException(
                    what + ": the text has an unpaired surrogate, which UTF-8 cannot express", unpaired);
        }
    }

    static boolean isIdentity(String identity) {
        return !identity.isEmpty()
                && identity.length() <= LONGEST_IDENTITY
                && identity.chars().allMatch(c -> c > ' ' && c < 127);
    }

    /** Refuses a codec that breaks its contract. */
    static <T> Codec<T> checked(String role, Codec<T> codec) {
        String identity = Objects.requireNonNull(codec, role).identity();
        if (!isIdentity(identity)) {
            throw new IllegalArgumentException(role + ": the identity \"" + identity + "\" is not 1 to "
                    + LONGEST_IDENTITY + " printable ASCII characters");
        }
        int size = codec.fixedSize();
        if (size != Codec.VARIABLE && size < 1) {
            throw new IllegalArgumentException(role + ": fixedSize " + size + " is neither positive nor VARIABLE");
        }
        return codec;
    }
}
