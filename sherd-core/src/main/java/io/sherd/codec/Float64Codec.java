package io.sherd.codec;

import io.sherd.spi.WordCodec;
import java.lang.foreign.MemorySegment;

/** {@link Codecs#float64}. Every NaN is written as the canonical one, so that equal objects have equal bytes. */
final class Float64Codec implements WordCodec<Double> {
    static final Float64Codec INSTANCE = new Float64Codec();

    private Float64Codec() {}

    @Override
    public String identity() {
        return "float64";
    }

    @Override
    public int fixedSize() {
        return Double.BYTES;
    }

    @Override
    public int size(Double value) {
        return Double.BYTES;
    }

    @Override
    public void encode(Double value, MemorySegment target) {
        target.set(LittleEndian.LONG, 0, toWord(value));
    }

    @Override
    public Double decode(MemorySegment source) {
        return fromWord(source.get(LittleEndian.LONG, 0));
    }

    @Override
    public long toWord(Double value) {
        return Double.doubleToLongBits(value);
    }

    @Override
    public Double fromWord(long word) {
        return Double.longBitsToDouble(word);
    }

    @Override
    public String toString() {
        return identity();
    }
}
