package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.sherd.ShardedMap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Heap maps in streams of serialized objects. */
@Timeout(60)
final class HeapSerializationTest {
    /** A hasher that travels. */
    private record Salted(int salt) implements ToIntFunction<Object>, Serializable {
        @Override
        public int applyAsInt(Object key) {
            return key.hashCode() * salt;
        }
    }

    private static byte[] write(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    private static Object read(byte[] bytes, @Nullable ObjectInputFilter filter)
            throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            if (filter != null) {
                in.setObjectInputFilter(filter);
            }
            return in.readObject();
        }
    }

    private static ShardedMap<?, ?> round(ShardedMap<?, ?> map) throws Exception {
        return (ShardedMap<?, ?>) read(write(map), null);
    }

    @Test
    void mapsGoRound() throws Exception {
        for (int count : new int[] {0, 1, 10, 50_000}) {
            ShardedMap<Object, Object> map = ShardedMap.onHeap().shards(64).build();
            for (int i = 0; i < count; i++) {
                map.put(i % 3 == 0 ? "key " + i : (Object) (long) i, List.of(i));
            }
            ShardedMap<?, ?> read = round(map);
            assertThat(read).isEqualTo(map);
            assertThat(read.shards().count())
                    .isGreaterThanOrEqualTo(map.shards().count());
            assertThat(read.shards().max()).isEqualTo(map.shards().max());
        }
    }

    @Test
    void theNumberOfShardsIsKept() throws Exception {
        ShardedMap<Object, Object> map =
                ShardedMap.onHeap().maxShards(512).shards(128).build();
        map.put("a", "b");
        ShardedMap<?, ?> read = round(map);
        assertThat(read.shards().count()).isEqualTo(128);
        assertThat(read.shards().max()).isEqualTo(512);
    }

    @Test
    void mapsMayHoldMaps() throws Exception {
        ShardedMap<Object, Object> inner = ShardedMap.onHeap().build();
        inner.put(1, 2);
        ShardedMap<Object, Object> outer = ShardedMap.onHeap().build();
        outer.put("one", inner);
        outer.put("list", List.of(inner, inner));
        assertThat(round(outer)).isEqualTo(outer);
    }

    @Test
    void aHasherThatIsSerializableTravels() throws Exception {
        ShardedMap<Object, Object> map =
                ShardedMap.onHeap().hasher(new Salted(31)).build();
        map.put("a", 1);
        assertThat(round(map).get("a")).isEqualTo(1);
        assertThat(new String(write(map), java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("Salted");
    }

    @Test
    void aHasherThatIsNotIsRefused() {
        ShardedMap<Object, Object> map =
                ShardedMap.onHeap().hasher(Object::hashCode).build();
        assertThatThrownBy(() -> write(map))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("hasher")
                .hasMessageContaining("writeTo");
    }

    @Test
    void aMapWithinItselfIsRefused() {
        ShardedMap<Object, Object> map = ShardedMap.onHeap().build();
        map.put("me", map);
        assertThatThrownBy(() -> write(map)).isInstanceOf(NotSerializableException.class);
    }

    @Test
    void valuesThatAreNotSerializableAreTold() {
        ShardedMap<Object, Object> map = ShardedMap.onHeap().build();
        map.put("key", new Object());
        assertThatThrownBy(() -> write(map)).isInstanceOf(NotSerializableException.class);
    }

    @Test
    void theFilterOfTheManualIsEnough() throws Exception {
        ShardedMap<Object, Object> map = ShardedMap.onHeap().build();
        map.put("key", 1L);
        ObjectInputFilter filter = ObjectInputFilter.Config.createFilter(
                "maxdepth=5;io.sherd.SerializedHeapMap;io.sherd.HeapMap;java.lang.Long;java.lang.Number;!*");
        assertThat(read(write(map), filter)).isEqualTo(map);
        map.put("other", java.time.Instant.EPOCH);
        assertThatThrownBy(() -> read(write(map), filter)).isInstanceOf(InvalidClassException.class);
    }

    /** Where the data of the map begin: the numbers of shards, which nothing else in the stream looks like. */
    private static int shardsAt(byte[] stream, int shards, int maxShards) {
        byte[] sought = ByteBuffer.allocate(8).putInt(shards).putInt(maxShards).array();
        for (int at = 0; ; at++) {
            if (java.util.Arrays.equals(stream, at, at + 8, sought, 0, 8)) {
                return at;
            }
        }
    }

    @Test
    void numbersOfShardsAreNotBelieved() throws Exception {
        ShardedMap<Object, Object> map = ShardedMap.onHeap().shards(32).build();
        map.put("a", "b");
        byte[] stream = write(map);
        int at = shardsAt(stream, 32, map.shards().max());
        for (int[] bad : new int[][] {{0, 64}, {-1, 64}, {128, 64}, {1, Integer.MAX_VALUE}, {1, -1}}) {
            byte[] forged = stream.clone();
            ByteBuffer.wrap(forged).putInt(at, bad[0]).putInt(at + 4, bad[1]);
            assertThatThrownBy(() -> read(forged, null)).isInstanceOf(InvalidObjectException.class);
        }
        ByteBuffer.wrap(stream).putInt(at, 1 << 22).putInt(at + 4, 1 << 22);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(((ShardedMap<?, ?>) read(stream, null)).get("a")).isEqualTo("b");
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
    }

    @Test
    void damagedStreamsAreRefusedOrSomeOtherMap() throws Exception {
        ShardedMap<Object, Object> map =
                ShardedMap.onHeap().hasher(new Salted(7)).build();
        for (int i = 0; i < 20; i++) {
            map.put("key " + i, (long) i);
        }
        byte[] stream = write(map);
        ObjectInputFilter filter = ObjectInputFilter.Config.createFilter("maxarray=1000;maxdepth=20");
        for (long seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            byte[] damaged = random.nextInt(4) == 0
                    ? java.util.Arrays.copyOf(stream, random.nextInt(stream.length))
                    : stream.clone();
            if (damaged.length > 0) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                read(damaged, filter);
            } catch (IOException | ClassNotFoundException | RuntimeException refused) {
                // RuntimeException: what the platform itself throws for some streams
            } catch (Throwable crash) {
                throw new AssertionError("seed " + seed, crash);
            }
        }
    }

    @Test
    void theMapItselfIsNotRead() throws Exception {
        // a stream that names the class of the map instead of the form that stands for it
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        java.io.DataOutputStream out = new java.io.DataOutputStream(bytes);
        out.writeShort(java.io.ObjectStreamConstants.STREAM_MAGIC);
        out.writeShort(java.io.ObjectStreamConstants.STREAM_VERSION);
        out.writeByte(java.io.ObjectStreamConstants.TC_OBJECT);
        out.writeByte(java.io.ObjectStreamConstants.TC_CLASSDESC);
        out.writeUTF("io.sherd.HeapMap");
        out.writeLong(1);
        out.writeByte(java.io.ObjectStreamConstants.SC_SERIALIZABLE);
        out.writeShort(0);
        out.writeByte(java.io.ObjectStreamConstants.TC_ENDBLOCKDATA);
        out.writeByte(java.io.ObjectStreamConstants.TC_NULL);
        assertThatThrownBy(() -> read(bytes.toByteArray(), null)).isInstanceOf(IOException.class);
    }
}
