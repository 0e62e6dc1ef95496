package io.sherd.jackson;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.WritableTypeId;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.ser.ContextualSerializer;
import com.fasterxml.jackson.databind.ser.std.MapSerializer;
import com.fasterxml.jackson.databind.type.MapType;
import io.sherd.ShardedMap;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the number of shards, and leaves the entries to Jackson's own serializer of maps. */
final class ShardedMapSerializer extends JsonSerializer<ShardedMap<?, ?>> implements ContextualSerializer {
    static final String SHARD_COUNT = "shardCount";
    static final String ENTRIES = "entries";

    private final JsonSerializer<Map<?, ?>> entries;

    private ShardedMapSerializer(JsonSerializer<Map<?, ?>> entries) {
        this.entries = entries;
    }

    static ShardedMapSerializer of(
            MapType type,
            @Nullable JsonSerializer<Object> keySerializer,
            @Nullable TypeSerializer valueTypeSerializer,
            @Nullable JsonSerializer<Object> valueSerializer) {
        return new ShardedMapSerializer(MapSerializer.construct(
                Set.<String>of(), type, false, valueTypeSerializer, keySerializer, valueSerializer, null));
    }

    @Override
    @SuppressWarnings("unchecked") // what a serializer of maps becomes in a context is one of maps
    public JsonSerializer<?> createContextual(SerializerProvider provider, @Nullable BeanProperty property)
            throws JsonMappingException {
        return new ShardedMapSerializer(
                (JsonSerializer<Map<?, ?>>) provider.handleSecondaryContextualization(entries, property));
    }

    @Override
    public void serialize(ShardedMap<?, ?> map, JsonGenerator out, SerializerProvider provider) throws IOException {
        out.writeStartObject(map);
        writeFields(map, out, provider);
        out.writeEndObject();
    }

    @Override
    public void serializeWithType(
            ShardedMap<?, ?> map, JsonGenerator out, SerializerProvider provider, TypeSerializer types)
            throws IOException {
        // the class of the implementation is nobody's business, and is not read back
        WritableTypeId id = types.writeTypePrefix(out, types.typeId(map, ShardedMap.class, JsonToken.START_OBJECT));
        writeFields(map, out, provider);
        types.writeTypeSuffix(out, id);
    }

    private void writeFields(ShardedMap<?, ?> map, JsonGenerator out, SerializerProvider provider) throws IOException {
        out.writeNumberField(SHARD_COUNT, map.shards().count());
        out.writeFieldName(ENTRIES);
        entries.serialize(map, out, provider);
    }

    @Override
    public boolean isEmpty(SerializerProvider provider, ShardedMap<?, ?> map) {
        return map.isEmpty();
    }
}
