package io.sherd.codec;

import io.sherd.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.UUID;

/** {@link Codecs#uuid}. */
final class UuidCodec implements ArrayCodec<UUID> {
    static final UuidCodec INSTANCE = new UuidCodec();

    private static final int SIZE = 2 * Long.BYTES;

    private UuidCodec() {}

    @Override
    public String identity() {
        return "uuid";
    }

    @Override
    public int fixedSize() {
        return SIZE;
    }

    @Override
    public int size(UUID value) {
        return SIZE;
    }

    @Override
    public void encode(UUID value, MemorySegment target) {
        target.set(LittleEndian.LONG, 0, value.getMostSignificantBits());
        target.set(LittleEndian.LONG, Long.BYTES, value.getLeastSignificantBits());
    }

    @Override
    public UUID decode(MemorySegment source) {
        return new UUID(source.get(LittleEndian.LONG, 0), source.get(LittleEndian.LONG, Long.BYTES));
    }

    @Override
    public byte[] toArray(UUID value) {
        byte[] encoded = new byte[SIZE];
        LittleEndian.ARRAY_LONG.set(encoded, 0, value.getMostSignificantBits());
        LittleEndian.ARRAY_LONG.set(encoded, Long.BYTES, value.getLeastSignificantBits());
        return encoded;
    }

    @Override
    public UUID fromBuffer(ByteBuffer source, int offset, int length) {
        return new UUID(source.getLong(offset), source.getLong(offset + Long.BYTES));
    }

    @Override
    public String toString() {
        return identity();
    }
}
