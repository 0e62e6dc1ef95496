package io.sherd.cli;

import io.sherd.codec.Codec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A map that a program made with the codecs of the library: a key and one value. */
record PairLayout<K, V>(Scalar<K> keyType, Scalar<V> valueType) implements Layout<K, V> {

    @Override
    public Codec<V> valueCodec() {
        return valueType.codec();
    }

    @Override
    public String describeValue() {
        return valueType.label();
    }

    @Override
    public List<Schema.Column> columns() {
        return List.of(new Schema.Column("key", ColumnType.UTF8), new Schema.Column("value", ColumnType.UTF8));
    }

    @Override
    public List<@Nullable String> csv(K key, V value) {
        return List.<@Nullable String>of(keyText(key), valueType.format().apply(value));
    }

    @Override
    public void appendJson(K key, V value, StringBuilder out) {
        out.append("{\"key\":")
                .append(keyType.json().apply(key))
                .append(",\"value\":")
                .append(valueType.json().apply(value))
                .append('}');
    }

    @Override
    public String text(K key, V value, boolean only) {
        return only ? valueType.format().apply(value) : line(key, value);
    }

    @Override
    public String line(K key, V value) {
        return Text.visible(keyText(key)) + "\t"
                + Text.visible(valueType.format().apply(value));
    }

    @Override
    public V parse(K key, String text) {
        try {
            return valueType.parse().apply(text);
        } catch (IllegalArgumentException notOne) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "value " + Text.excerpt(text) + ": the values of this map are " + valueType.label() + ", each "
                            + valueType.syntax() + ".",
                    notOne);
        }
    }

    @Override
    public V assign(K key, @Nullable V old, Map<String, String> assignments) {
        throw new CommandFailure(
                ExitCode.USAGE,
                "--set: the values of this map are " + valueType.label()
                        + " and have no columns; write the value itself: sherd put DIR KEY VALUE");
    }

    @Override
    public void check(V value) {
        // the codec has read all of it already
    }
}
