package io.sherd.cli;

import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A type of single values: how they are stored, and how they are written as text.
 *
 * @param codec how they are stored
 * @param syntax what a text must look like, for messages
 * @param parse reads a text; throws {@link IllegalArgumentException} for one that is no such value
 * @param format writes the text; reading it gives back an equal value
 * @param json writes the value as JSON
 * @param order the order in which sorted output lists them
 * @param <T> the type of values
 */
record Scalar<T>(
        Codec<T> codec,
        String syntax,
        Function<String, T> parse,
        Function<T, String> format,
        Function<T, String> json,
        Comparator<T> order) {

    /** The bytes that a key of a map may have. */
    static final int LONGEST_KEY = 64 << 10;

    static final Scalar<Long> INT64 = new Scalar<>(
            Codecs.int64(),
            "an integer from -9223372036854775808 to 9223372036854775807, without plus sign or leading zeros",
            Scalar::canonicalLong,
            value -> Long.toString(value),
            value -> Long.toString(value),
            Long::compare);

    static final Scalar<String> UTF8 =
            new Scalar<>(Codecs.utf8(), "text", Scalar::wholeText, value -> value, Json::quote, String::compareTo);

    static final Scalar<UUID> UUID_TEXT = new Scalar<>(
            Codecs.uuid(),
            "a UUID of 36 characters in lower case",
            Scalar::canonicalUuid,
            UUID::toString,
            value -> Json.quote(value.toString()),
            UUID::compareTo);

    private static final Scalar<Integer> INT32 = new Scalar<>(
            Codecs.int32(),
            "an integer from -2147483648 to 2147483647",
            Integer::valueOf,
            value -> Integer.toString(value),
            value -> Integer.toString(value),
            Integer::compare);

    private static final Scalar<Double> FLOAT64 = new Scalar<>(
            Codecs.float64(),
            "a number",
            Double::valueOf,
            value -> Double.toString(value),
            value -> Double.isFinite(value) ? Double.toString(value) : Json.quote(Double.toString(value)),
            Double::compare);

    private static final Scalar<byte[]> BYTES = new Scalar<>(
            Codecs.bytes(),
            "bytes as pairs of hexadecimal digits",
            text -> HexFormat.of().parseHex(text),
            value -> HexFormat.of().formatHex(value),
            value -> Json.quote(HexFormat.of().formatHex(value)),
            Arrays::compareUnsigned);

    private static final List<Scalar<?>> ALL = List.of(INT32, INT64, FLOAT64, UTF8, BYTES, UUID_TEXT);

    /** The types that a key of an imported map can have. */
    static final List<Scalar<?>> ROW_KEYS = List.of(INT64, UTF8, UUID_TEXT);

    /** The name of the type, which is its codec's. */
    String label() {
        return codec.identity();
    }

    static @Nullable Scalar<?> ofLabel(String label, List<Scalar<?>> among) {
        for (Scalar<?> scalar : among) {
            if (scalar.label().equals(label)) {
                return scalar;
            }
        }
        return null;
    }

    static @Nullable Scalar<?> ofLabel(String label) {
        return ofLabel(label, ALL);
    }

    /** The labels of all types, for messages. */
    static String labels(List<Scalar<?>> among) {
        return String.join(", ", among.stream().map(Scalar::label).toList());
    }

    static String labels() {
        return labels(ALL);
    }

    private static Long canonicalLong(String text) {
        long value = Long.parseLong(text);
        if (!Long.toString(value).equals(text)) {
            throw new IllegalArgumentException("not canonical");
        }
        return value;
    }

    private static UUID canonicalUuid(String text) {
        UUID value = UUID.fromString(text);
        if (!value.toString().equals(text)) {
            throw new IllegalArgumentException("not canonical");
        }
        return value;
    }

    private static String wholeText(String text) {
        if (!Json.isWhole(text)) {
            throw new IllegalArgumentException("half of a surrogate pair");
        }
        return text;
    }
}
