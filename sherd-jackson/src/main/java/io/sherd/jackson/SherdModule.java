package io.sherd.jackson;

import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.deser.Deserializers;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.ser.Serializers;
import com.fasterxml.jackson.databind.type.MapType;
import io.sherd.ShardedMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link ShardedMap} as {@code {"shardCount":n,"entries":{…}}}, and reads that, and any JSON object, into a map on the heap.
 *
 * {@snippet :
 * ObjectMapper mapper = JsonMapper.builder().addModule(new SherdModule()).build();
 * String json = mapper.writeValueAsString(hits);
 * ShardedMap<String, Long> read = mapper.readValue(json, new TypeReference<ShardedMap<String, Long>>() {});
 * }
 *
 * <p>Keys and values are written and read by what Jackson has for their types: key (de)serializers, annotations, other modules. The
 * entries are those that an iteration sees.
 *
 * <p>When it is read, an object with the two fields {@code shardCount}, an integer, and {@code entries}, an object, and no other, in
 * any order, is what was written; any other object is a plain map. Entries that come before the number of shards are buffered; after
 * it, as this class writes, they are not. A null value, and a number of shards below 1 or above 262,144, are refused; more than
 * 1,024 shards are kept only if there are as many entries.
 *
 * <p>Keys from people who may choose them to collide cost O(log n) each at the worst, as in every map.
 */
public final class SherdModule extends Module {

    /** Creates the module. */
    public SherdModule() {}

    @Override
    public String getModuleName() {
        return "io.sherd.jackson";
    }

    @Override
    public Version version() {
        return Version.unknownVersion();
    }

    @Override
    public void setupModule(SetupContext context) {
        context.addSerializers(new MapSerializers());
        context.addDeserializers(new MapDeserializers());
    }

    private static final class MapSerializers extends Serializers.Base {
        @Override
        public @Nullable JsonSerializer<?> findMapSerializer(
                SerializationConfig config,
                MapType type,
                BeanDescription description,
                @Nullable JsonSerializer<Object> keySerializer,
                @Nullable TypeSerializer valueTypeSerializer,
                @Nullable JsonSerializer<Object> valueSerializer) {
            return type.isTypeOrSubTypeOf(ShardedMap.class)
                    ? ShardedMapSerializer.of(type, keySerializer, valueTypeSerializer, valueSerializer)
                    : null;
        }
    }

    private static final class MapDeserializers extends Deserializers.Base {
        @Override
        public @Nullable JsonDeserializer<?> findMapDeserializer(
                MapType type,
                DeserializationConfig config,
                BeanDescription description,
                @Nullable KeyDeserializer keyDeserializer,
                @Nullable TypeDeserializer valueTypeDeserializer,
                @Nullable JsonDeserializer<?> valueDeserializer) {
            return type.hasRawClass(ShardedMap.class)
                    ? new ShardedMapDeserializer(type, keyDeserializer, valueTypeDeserializer, valueDeserializer)
                    : null;
        }

        @Override
        public boolean hasDeserializerFor(DeserializationConfig config, Class<?> type) {
            return type == ShardedMap.class;
        }
    }
}
