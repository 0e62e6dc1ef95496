package io.sherd.benchmarks;

import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a disk workload, and how they are written where a store takes bytes.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
interface DiskData<K, V> {
    /** Longs to longs. */
    DiskData<Long, Long> LONGS = new Longs();

    /** Strings of 24 characters to 100 bytes. */
    DiskData<String, byte[]> STRINGS = new Strings();

    static DiskData<?, ?> of(KeyKind kind) {
        return switch (kind) {
            case LONG -> LONGS;
            case STRING24 -> STRINGS;
        };
    }

    KeyKind kind();

    Class<K> keyType();

    Class<V> valueType();

    Codec<K> keyCodec();

    Codec<V> valueCodec();

    /** The bytes of a key and a value. */
    int entryBytes();

    K key(Object key);

    /** A value that depends on the number; a store must not keep or change the object. */
    V value(long number);

    /** A new object that a value can be read into, or null if the type has none. */
    @Nullable
    V blank();

    /** A number that only somebody knows who has read the key and the value. */
    long sum(K key, V value);

    void write(K key, ByteBuffer to);

    void writeValue(V value, ByteBuffer to);

    K read(ByteBuffer from);

    /** What reads a value in place, for one thread: into the same object again if the type has a blank one. */
    Function<MemorySegment, V> reader();

    /** Reads a value, into {@code reuse} if it is not null and the type can. */
    V readValue(ByteBuffer from, @Nullable V reuse);

    /** Longs to longs, 16 bytes an entry. */
    final class Longs implements DiskData<Long, Long> {
        private Longs() {}

        @Override
        public KeyKind kind() {
            return KeyKind.LONG;
        }

        @Override
        public Class<Long> keyType() {
            return Long.class;
        }

        @Override
        public Class<Long> valueType() {
            return Long.class;
        }

        @Override
        public Codec<Long> keyCodec() {
            return Codecs.int64();
        }

        @Override
        public Codec<Long> valueCodec() {
            return Codecs.int64();
        }

        @Override
        public int entryBytes() {
            return 16;
        }

        @Override
        public Long key(Object key) {
            return (Long) key;
        }

        @Override
        public Long value(long number) {
            return number;
        }

        @Override
        public @Nullable Long blank() {
            return null;
        }

        @Override
        public long sum(Long key, Long value) {
            return key ^ value;
        }

        @Override
        public void write(Long key, ByteBuffer to) {
            to.clear().order(ByteOrder.nativeOrder()).putLong(key).flip();
        }

        @Override
        public void writeValue(Long value, ByteBuffer to) {
            write(value, to);
        }

        @Override
        public Long read(ByteBuffer from) {
            return from.order(ByteOrder.nativeOrder()).getLong(from.position());
        }

        @Override
        public Function<MemorySegment, Long> reader() {
            return Codecs.int64()::decode;
        }

        @Override
        public Long readValue(ByteBuffer from, @Nullable Long reuse) {
            return read(from);
        }
    }

    /** Strings of 24 ASCII characters to 100 bytes. */
    final class Strings implements DiskData<String, byte[]> {
        private static final int KEY_BYTES = 24;
        private static final int VALUE_BYTES = 100;
        private static final int VALUES = 1 << 10;

        private final byte[][] values = new byte[VALUES][VALUE_BYTES];

        private Strings() {
            for (int i = 0; i < VALUES; i++) {
                for (int b = 0; b < VALUE_BYTES; b++) {
                    values[i][b] = (byte) KeyKind.mix(i * (long) VALUE_BYTES + b);
                }
            }
        }

        @Override
        public KeyKind kind() {
            return KeyKind.STRING24;
        }

        @Override
        public Class<String> keyType() {
            return String.class;
        }

        @Override
        public Class<byte[]> valueType() {
            return byte[].class;
        }

        @Override
        public Codec<String> keyCodec() {
            return Codecs.utf8();
        }

        @Override
        public Codec<byte[]> valueCodec() {
            return Codecs.bytes();
        }

        @Override
        public int entryBytes() {
            return KEY_BYTES + VALUE_BYTES;
        }

        @Override
        public String key(Object key) {
            return (String) key;
        }

        @Override
        public byte[] value(long number) {
            return values[(int) number & VALUES - 1];
        }

        @Override
        public byte[] blank() {
            return new byte[VALUE_BYTES];
        }

        @Override
        public long sum(String key, byte[] value) {
            return (long) key.charAt(0) + value[value.length - 1];
        }

        @Override
        public void write(String key, ByteBuffer to) {
            to.clear().put(key.getBytes(StandardCharsets.ISO_8859_1)).flip();
        }

        @Override
        public void writeValue(byte[] value, ByteBuffer to) {
            to.clear().put(value).flip();
        }

        @Override
        public String read(ByteBuffer from) {
            byte[] bytes = new byte[from.remaining()];
            from.get(from.position(), bytes);
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        @Override
        public Function<MemorySegment, byte[]> reader() {
            byte[] reused = blank();
            return from -> {
                byte[] bytes = from.byteSize() == reused.length ? reused : new byte[(int) from.byteSize()];
                MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
                return bytes;
            };
        }

        @Override
        public byte[] readValue(ByteBuffer from, byte @Nullable [] reuse) {
            byte[] bytes = reuse != null && reuse.length == from.remaining() ? reuse : new byte[from.remaining()];
            from.get(from.position(), bytes);
            return bytes;
        }
    }
}
