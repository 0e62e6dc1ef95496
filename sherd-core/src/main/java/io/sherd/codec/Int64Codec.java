package io.sherd.codec;

import io.sherd.spi.WordCodec;
import java.lang.foreign.MemorySegment;

/** {@link Codecs#int64}. */
final class Int64Codec implements WordCodec<Long> {
    static final Int64Codec INSTANCE = new Int64Codec();

    private Int64Codec() {}

    @Override
    public String identity() {
        return "int64";
    }

    @Override
    public int fixedSize() {
        return Long.BYTES;
    }

    @Override
    public int size(Long value) {
        return Long.BYTES;
    }

    @Override
    public void encode(Long value, MemorySegment target) {
        target.set(LittleEndian.LONG, 0, value);
    }

    @Override
    public Long decode(MemorySegment source) {
        return source.get(LittleEndian.LONG, 0);
    }

    @Override
    public long toWord(Long value) {
        return value;
    }

    @Override
    public Long fromWord(long word) {
        return word;
    }

    @Override
    public String toString() {
        return identity();
    }
}
