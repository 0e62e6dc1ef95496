package io.sherd.codec;

import io.sherd.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** {@link Codecs#int32}. */
final class Int32Codec implements ArrayCodec<Integer> {
    static final Int32Codec INSTANCE = new Int32Codec();

    private Int32Codec() {}

    @Override
    public String identity() {
        return "int32";
    }

    @Override
    public int fixedSize() {
        return Integer.BYTES;
    }

    @Override
    public int size(Integer value) {
        return Integer.BYTES;
    }

    @Override
    public void encode(Integer value, MemorySegment target) {
        target.set(LittleEndian.INT, 0, value);
    }

    @Override
    public Integer decode(MemorySegment source) {
        return source.get(LittleEndian.INT, 0);
    }

    @Override
    public byte[] toArray(Integer value) {
        byte[] encoded = new byte[Integer.BYTES];
        LittleEndian.ARRAY_INT.set(encoded, 0, (int) value);
        return encoded;
    }

    @Override
    public Integer fromBuffer(ByteBuffer source, int offset, int length) {
        return source.getInt(offset);
    }

    @Override
    public String toString() {
        return identity();
    }
}
