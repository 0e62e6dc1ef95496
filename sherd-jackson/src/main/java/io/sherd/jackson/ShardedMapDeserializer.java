package io.sherd.jackson;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.databind.type.MapType;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import io.sherd.ShardedMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads both forms. Which one it is shows only when the fields that could be those of the form with shards have all been seen, so these
 * are buffered until then; but not entries behind a number of shards, which are taken for what they are.
 */
final class ShardedMapDeserializer extends StdDeserializer<ShardedMap<Object, Object>>
        implements ContextualDeserializer {
    private static final long serialVersionUID = 1L;

    private static final int MOST_SHARDS = 1 << 18;

    /** How many shards a text gets on its word. */
    private static final int FREE_SHARDS = 1024;

    private final MapType type;
    private final transient @Nullable KeyDeserializer keys;
    private final transient @Nullable TypeDeserializer valueTypes;
    private final transient @Nullable JsonDeserializer<?> values;

    ShardedMapDeserializer(
            MapType type,
            @Nullable KeyDeserializer keys,
            @Nullable TypeDeserializer valueTypes,
            @Nullable JsonDeserializer<?> values) {
        super(type);
        this.type = type;
        this.keys = keys;
        this.valueTypes = valueTypes;
        this.values = values;
    }

    @Override
    public JsonDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property)
            throws JsonMappingException {
        KeyDeserializer key = keys == null ? context.findKeyDeserializer(type.getKeyType(), property) : keys;
        JavaType valueType = type.getContentType();
        JsonDeserializer<?> value = values == null
                ? context.findContextualValueDeserializer(valueType, property)
                : context.handleSecondaryContextualization(values, property, valueType);
        TypeDeserializer types = valueTypes == null ? null : valueTypes.forProperty(property);
        return new ShardedMapDeserializer(type, key, types, value);
    }

    @Override
    public LogicalType logicalType() {
        return LogicalType.Map;
    }

    @Override
    public boolean isCachable() {
        return values == null && valueTypes == null;
    }

    @Override
    public Object deserializeWithType(JsonParser in, DeserializationContext context, TypeDeserializer types)
            throws IOException {
        return types.deserializeTypedFromObject(in, context);
    }

    @Override
    public ShardedMap<Object, Object> deserialize(JsonParser in, DeserializationContext context) throws IOException {
        if (in.hasToken(JsonToken.START_OBJECT)) {
            in.nextToken();
        }
        if (!in.hasToken(JsonToken.FIELD_NAME) && !in.hasToken(JsonToken.END_OBJECT)) {
            return context.reportInputMismatch(this, "a map is an object, but here is %s", in.currentToken());
        }
        List<Object> entries = new ArrayList<>();
        if (!in.hasToken(JsonToken.FIELD_NAME)) {
            return made(1, entries);
        }
        String first = in.currentName();
        JsonToken token = in.nextToken();
        if (first.equals(ShardedMapSerializer.SHARD_COUNT) && token == JsonToken.VALUE_NUMBER_INT) {
            return afterShards(in, context, entries);
        }
        if (first.equals(ShardedMapSerializer.ENTRIES) && token == JsonToken.START_OBJECT) {
            return afterEntries(in, context, entries);
        }
        addValue(first, in, context, entries);
        in.nextToken();
        addAll(in, context, entries);
        return made(1, entries);
    }

    private ShardedMap<Object, Object> afterShards(JsonParser in, DeserializationContext context, List<Object> entries)
            throws IOException {
        TokenBuffer number = context.bufferAsCopyOfValue(in);
        if (in.nextToken() == JsonToken.FIELD_NAME && in.currentName().equals(ShardedMapSerializer.ENTRIES)) {
            if (in.nextToken() == JsonToken.START_OBJECT) {
                int shards = shards(number, context);
                in.nextToken();
                addAll(in, context, entries);
                if (in.nextToken() != JsonToken.END_OBJECT) {
                    return context.reportInputMismatch(
                            this,
                            "behind shardCount and entries comes \"%s\"; a map written by Sherd has no other field, and a"
                                    + " plain map cannot begin with these two",
                            in.currentName());
                }
                return made(shards, entries);
            }
            addBuffered(ShardedMapSerializer.SHARD_COUNT, number, context, entries);
            addValue(ShardedMapSerializer.ENTRIES, in, context, entries);
            in.nextToken();
        } else {
            addBuffered(ShardedMapSerializer.SHARD_COUNT, number, context, entries);
        }
        addAll(in, context, entries);
        return made(1, entries);
    }

    private ShardedMap<Object, Object> afterEntries(JsonParser in, DeserializationContext context, List<Object> entries)
            throws IOException {
        TokenBuffer object = context.bufferAsCopyOfValue(in);
        if (in.nextToken() == JsonToken.FIELD_NAME && in.currentName().equals(ShardedMapSerializer.SHARD_COUNT)) {
            if (in.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                TokenBuffer number = context.bufferAsCopyOfValue(in);
                if (in.nextToken() == JsonToken.END_OBJECT) {
                    int shards = shards(number, context);
                    try (JsonParser buffered = object.asParser(in)) {
                        buffered.nextToken();
                        buffered.nextToken();
                        addAll(buffered, context, entries);
                    }
                    return made(shards, entries);
                }
                addBuffered(ShardedMapSerializer.ENTRIES, object, context, entries);
                addBuffered(ShardedMapSerializer.SHARD_COUNT, number, context, entries);
            } else {
                addBuffered(ShardedMapSerializer.ENTRIES, object, context, entries);
                addValue(ShardedMapSerializer.SHARD_COUNT, in, context, entries);
                in.nextToken();
            }
        } else {
            addBuffered(ShardedMapSerializer.ENTRIES, object, context, entries);
        }
        addAll(in, context, entries);
        return made(1, entries);
    }

    private int shards(TokenBuffer number, DeserializationContext context) throws IOException {
        try (JsonParser in = number.asParserOnFirstToken()) {
            java.math.BigInteger shards = in.getBigIntegerValue();
            if (shards.signum() <= 0 || shards.bitLength() > Integer.SIZE - 1 || shards.intValue() > MOST_SHARDS) {
                return context.<Integer>reportInputMismatch(
                        this, "shardCount is %s, but 1 to %d are allowed", shards, MOST_SHARDS);
            }
            return shards.intValue();
        }
    }

    private void addBuffered(String name, TokenBuffer value, DeserializationContext context, List<Object> entries)
            throws IOException {
        try (JsonParser in = value.asParserOnFirstToken()) {
            addValue(name, in, context, entries);
        }
    }

    /** Reads fields to the end of their object. */
    private void addAll(JsonParser in, DeserializationContext context, List<Object> entries) throws IOException {
        while (in.hasToken(JsonToken.FIELD_NAME)) {
            String name = in.currentName();
            in.nextToken();
            addValue(name, in, context, entries);
            in.nextToken();
        }
        if (!in.hasToken(JsonToken.END_OBJECT)) {
            context.reportInputMismatch(
                    this, "a field or the end of the map is missing, here is %s", in.currentToken());
        }
    }

    private void addValue(String name, JsonParser in, DeserializationContext context, List<Object> entries)
            throws IOException {
        Object key =
                Objects.requireNonNull(keys, "createContextual comes first").deserializeKey(name, context);
        JsonDeserializer<?> deserializer = Objects.requireNonNull(values, "createContextual comes first");
        Object value;
        try {
            value = in.hasToken(JsonToken.VALUE_NULL)
                    ? deserializer.getNullValue(context)
                    : valueTypes == null
                            ? deserializer.deserialize(in, context)
                            : deserializer.deserializeWithType(in, context, valueTypes);
        } catch (IOException failure) {
            throw JsonMappingException.wrapWithPath(failure, ShardedMap.class, name);
        }
        if (key == null || value == null) {
            context.reportInputMismatch(this, "key \"%s\" has the value null, but a sharded map holds no null", name);
            return;
        }
        entries.add(key);
        entries.add(value);
    }

    private static ShardedMap<Object, Object> made(int shards, List<Object> entries) {
        ShardedMap<Object, Object> map;
        if (shards == 1) {
            map = ShardedMap.onHeap().build();
        } else {
            map = ShardedMap.onHeap()
                    .shards(Math.min(shards, Math.max(FREE_SHARDS, entries.size() / 2)))
                    .build();
        }
        for (int i = 0; i < entries.size(); i += 2) {
            map.put(entries.get(i), entries.get(i + 1));
        }
        return map;
    }
}
