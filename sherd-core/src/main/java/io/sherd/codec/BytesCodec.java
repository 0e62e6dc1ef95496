package io.sherd.codec;

import io.sherd.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** {@link Codecs#bytes}. */
final class BytesCodec implements ArrayCodec<byte[]> {
    static final BytesCodec INSTANCE = new BytesCodec();

    private BytesCodec() {}

    @Override
    public String identity() {
        return "bytes";
    }

    @Override
    public int size(byte[] value) {
        return value.length;
    }

    @Override
    public void encode(byte[] value, MemorySegment target) {
        MemorySegment.copy(value, 0, target, ValueLayout.JAVA_BYTE, 0, value.length);
    }

    @Override
    public byte[] decode(MemorySegment source) {
        return source.toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public byte[] toArray(byte[] value) {
        return value;
    }

    @Override
    public byte[] fromBuffer(ByteBuffer source, int offset, int length) {
        byte[] value = new byte[length];
        source.get(offset, value);
        return value;
    }

    @Override
    public String toString() {
        return identity();
    }
}
