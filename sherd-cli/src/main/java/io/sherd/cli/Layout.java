package io.sherd.cli;

import io.sherd.codec.Codec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the entries of a map are stored, shown and read: as rows with a schema, or as pairs of single values.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
sealed interface Layout<K, V> permits RowLayout, PairLayout {

    Scalar<K> keyType();

    Codec<V> valueCodec();

    /** One line for {@code stats}: what a value is. */
    String describeValue();

    /** The columns of the map. A map of pairs has two, named key and value. */
    List<Schema.Column> columns();

    /** The fields of one entry as CSV has them, null where a field is empty without quotes. */
    List<@Nullable String> csv(K key, V value);

    /** Appends one entry as a JSON object. */
    void appendJson(K key, V value, StringBuilder out);

    /** What {@code get} prints for one key of several, or for the only one. */
    String text(K key, V value, boolean only);

    /** What {@code scan} prints: one line, fields apart by tabs. */
    String line(K key, V value);

    /**
     * Reads a value that {@code put} was given.
     *
     * @throws CommandFailure if the text is no such value
     */
    V parse(K key, String text);

    /**
     * Gives single columns new values.
     *
     * @param old the value so far, null if the key is absent
     * @throws CommandFailure if there is no such column, or its value does not fit
     */
    V assign(K key, @Nullable V old, Map<String, String> assignments);

    /**
     * Reads every part of a value.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    void check(V value);

    /**
     * Reads a key as a user types it.
     *
     * @throws CommandFailure if it is no key of this map
     */
    default K key(String text) {
        try {
            K key = keyType().parse().apply(text);
            int bytes = keyType().codec().size(key);
            if (bytes > Scalar.LONGEST_KEY) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "key " + Text.excerpt(text) + ": it has " + bytes + " bytes, and " + Scalar.LONGEST_KEY
                                + " are allowed.");
            }
            return key;
        } catch (IllegalArgumentException notOne) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "key " + Text.excerpt(text) + ": the keys of this map are "
                            + keyType().label() + ", each " + keyType().syntax() + ".",
                    notOne);
        }
    }

    default String keyText(K key) {
        return keyType().format().apply(key);
    }
}
