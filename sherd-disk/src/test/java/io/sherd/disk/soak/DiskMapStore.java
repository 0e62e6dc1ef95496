package io.sherd.disk.soak;

import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.disk.Durability;
import io.sherd.disk.SmallFiles;
import io.sherd.testkit.soak.Keys;
import io.sherd.testkit.soak.StoreFactory;
import io.sherd.testkit.soak.StoreSettings;
import io.sherd.testkit.soak.StoreSettings.Shape;
import io.sherd.testkit.soak.StoreUnderTest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The disk map as the crash harness drives it: {@code int64} to {@code int64}, or {@code utf8} to {@code bytes}. Its files
 * and the distance of its checkpoints are small, so that a short run goes through many of each.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class DiskMapStore<K, V> implements StoreUnderTest {
    private static final int FILE_SHIFT = 20;
    private static final long CHECKPOINT_BYTES = 1 << 20;

    private final DiskMap<K, V> map;
    private final Form<K, V> form;

    /** Turns numbers into keys and bytes into values, and back. */
    private record Form<K, V>(
            IntFunction<K> key, ToIntFunction<K> number, Function<byte[], V> value, Function<V, byte[]> bytes) {}

    /** Opens it. */
    public static final class Factory implements StoreFactory {

        /** Creates the factory. */
        public Factory() {}

        @Override
        public StoreUnderTest open(Path directory, StoreSettings settings) {
            if (settings.shape() == Shape.FIXED) {
                return new DiskMapStore<>(
                        map(directory, settings, Codecs.int64(), Codecs.int64()),
                        new Form<>(
                                Keys::fixed,
                                Keys::ofFixed,
                                bytes -> ByteBuffer.wrap(bytes).getLong(),
                                word -> ByteBuffer.allocate(Long.BYTES)
                                        .putLong(word)
                                        .array()));
            }
            return new DiskMapStore<>(
                    map(directory, settings, Codecs.utf8(), Codecs.bytes()),
                    new Form<>(Keys::text, Keys::ofText, bytes -> bytes, bytes -> bytes));
        }

        private static <K, V> DiskMap<K, V> map(
                Path directory, StoreSettings settings, Codec<K> keyCodec, Codec<V> valueCodec) {
            return SmallFiles.of(DiskMap.builder(keyCodec, valueCodec), FILE_SHIFT)
                    .checkpointEvery(CHECKPOINT_BYTES)
                    .shards(settings.shards())
                    .initialCapacity(settings.initialCapacity())
                    .durability(settings.sync() ? Durability.SYNC : Durability.NONE)
                    .open(directory);
        }
    }

    private DiskMapStore(DiskMap<K, V> map, Form<K, V> form) {
        this.map = map;
        this.form = form;
    }

    private byte @Nullable [] bytes(@Nullable V value) {
        return value == null ? null : form.bytes().apply(value);
    }

    private V value(byte[] bytes) {
        return form.value().apply(bytes);
    }

    private K key(int number) {
        return form.key().apply(number);
    }

    @Override
    public byte @Nullable [] get(int key) {
        return bytes(map.get(key(key)));
    }

    @Override
    public byte @Nullable [] put(int key, byte[] value) {
        return bytes(map.put(key(key), value(value)));
    }

    @Override
    public byte @Nullable [] remove(int key) {
        return bytes(map.remove(key(key)));
    }

    @Override
    public byte @Nullable [] putIfAbsent(int key, byte[] value) {
        return bytes(map.putIfAbsent(key(key), value(value)));
    }

    @Override
    public byte @Nullable [] replace(int key, byte[] value) {
        return bytes(map.replace(key(key), value(value)));
    }

    @Override
    public boolean replace(int key, byte[] expected, byte[] update) {
        return map.replace(key(key), value(expected), value(update));
    }

    @Override
    public byte @Nullable [] compute(int key, UnaryOperator<byte @Nullable []> function) {
        return bytes(map.compute(key(key), (same, old) -> {
            byte[] update = function.apply(bytes(old));
            return update == null ? null : value(update);
        }));
    }

    @Override
    public void clear() {
        map.clear();
    }

    @Override
    public void force() {
        map.force();
    }

    @Override
    public long size() {
        return map.mappingCount();
    }

    @Override
    public void forEach(Visitor visitor) {
        map.forEach((key, value) ->
                visitor.visit(form.number().applyAsInt(key), form.bytes().apply(value)));
    }

    @Override
    public void close() {
        map.close();
    }
}
