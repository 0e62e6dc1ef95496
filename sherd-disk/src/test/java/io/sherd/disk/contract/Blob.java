package io.sherd.disk.contract;

import io.sherd.codec.Codec;
import io.sherd.testkit.Samples;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** Bytes of any length, as keys and values of the size that a test wants. */
final class Blob {
    static final Codec<Blob> CODEC = new BlobCodec();

    private final byte[] bytes;

    private Blob(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Blobs of which number 0 is empty, and the others begin with their number.
     *
     * @param size from a number to the length wanted; less than 4 bytes are not given
     */
    static Samples samples(IntUnaryOperator size) {
        return Samples.of(
                number -> {
                    if (number == 0) {
                        return new Blob(new byte[0]);
                    }
                    byte[] bytes = new byte[Math.max(Integer.BYTES, size.applyAsInt(number))];
                    Arrays.fill(bytes, (byte) number);
                    MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_INT_UNALIGNED, 0, number);
                    return new Blob(bytes);
                },
                sample -> {
                    byte[] bytes = ((Blob) sample).bytes;
                    return bytes.length == 0 ? 0 : MemorySegment.ofArray(bytes).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
                });
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Blob that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes.length <= 64 ? bytes : Arrays.copyOf(bytes, 64));
    }

    @Override
    public String toString() {
        return "Blob " + (bytes.length == 0 ? 0 : MemorySegment.ofArray(bytes).get(ValueLayout.JAVA_INT_UNALIGNED, 0))
                + " of " + bytes.length + " bytes";
    }

    private static final class BlobCodec implements Codec<Blob> {
        @Override
        public String identity() {
            return "test.Blob";
        }

        @Override
        public int size(Blob blob) {
            return blob.bytes.length;
        }

        @Override
        public void encode(Blob blob, MemorySegment target) {
            MemorySegment.copy(blob.bytes, 0, target, ValueLayout.JAVA_BYTE, 0, blob.bytes.length);
        }

        @Override
        public Blob decode(MemorySegment source) {
            return new Blob(source.toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
