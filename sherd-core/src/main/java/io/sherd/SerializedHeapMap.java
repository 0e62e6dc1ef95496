package io.sherd;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What stands for a heap map in a stream of {@link java.io.Serializable} objects: the number of shards and the largest one, the
 * hasher, then keys and values in turn, and null behind the last.
 *
 * <p>No count is written, so none has to be believed: the entries are collected first, and the map is then made for as many.
 * Hashes are made anew.
 */
final class SerializedHeapMap implements Serializable {
    private static final long serialVersionUID = 1L;

    /** How many shards a stream gets on its word; more only if it has as many entries, since some kilobytes are cheap to ask for. */
    private static final int FREE_SHARDS = 1024;

    private transient ShardedMap<Object, Object> map;
    private transient int shards;
    private transient int maxShards;
    private transient @Nullable Object hasher;

    @SuppressWarnings("unchecked") // objects go in and out of streams whatever their type
    SerializedHeapMap(ShardedMap<?, ?> map, int shards, int maxShards, @Nullable Object hasher) {
        this.map = (ShardedMap<Object, Object>) map;
        this.shards = shards;
        this.maxShards = maxShards;
        this.hasher = hasher;
    }

    @SuppressWarnings("ReferenceEquality") // this map within itself would never end
    private void writeObject(ObjectOutputStream out) throws IOException {
        out.defaultWriteObject();
        out.writeInt(shards);
        out.writeInt(maxShards);
        out.writeObject(hasher);
        for (Iterator<Map.Entry<Object, Object>> entries = map.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<Object, Object> entry = entries.next();
            if (entry.getKey() == map || entry.getValue() == map) {
                throw new NotSerializableException("a map that holds itself cannot be serialized");
            }
            out.writeObject(entry.getKey());
            out.writeObject(entry.getValue());
        }
        out.writeObject(null);
    }

    @SuppressWarnings("unchecked") // that it hashes these keys is the word of whoever wrote the stream
    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        shards = in.readInt();
        maxShards = in.readInt();
        HeapMapBuilder<Object, Object> builder;
        try {
            builder = ShardedMap.onHeap().maxShards(maxShards);
        } catch (IllegalArgumentException refused) {
            throw invalid(String.valueOf(refused.getMessage()));
        }
        if (shards < 1 || shards > maxShards) {
            throw invalid("it has " + shards + " shards of at most " + maxShards);
        }
        Object function = in.readObject();
        hasher = function;
        if (function != null) {
            if (!(function instanceof ToIntFunction<?>)) {
                throw invalid("a " + function.getClass().getName() + " is no hasher");
            }
            builder = builder.hasher((ToIntFunction<Object>) function);
        }
        List<Object> entries = new ArrayList<>();
        for (Object key; (key = in.readObject()) != null; ) {
            Object value = in.readObject();
            if (value == null) {
                throw invalid("a key without a value");
            }
            if (key instanceof SerializedHeapMap || value instanceof SerializedHeapMap) {
                throw invalid("a map that holds itself");
            }
            entries.add(key);
            entries.add(value);
        }
        int count = entries.size() / 2;
        map = builder.ofShape(new ImageReader.Shape(Math.min(shards, Math.max(FREE_SHARDS, count)), count));
        for (int i = 0; i < entries.size(); i += 2) {
            map.put(entries.get(i), entries.get(i + 1));
        }
    }

    private static InvalidObjectException invalid(String detail) {
        return new InvalidObjectException("the stream holds no map that was written: " + detail);
    }

    private Object readResolve() {
        return Objects.requireNonNull(map);
    }
}
