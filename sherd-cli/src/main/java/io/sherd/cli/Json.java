package io.sherd.cli;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** Reads single JSON values out of a string, and writes strings. Values keep the text they were written with. */
final class Json {
    private static final int DEEPEST = 1_000;
    private static final String HEX = "0123456789abcdef";

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {}

    /** Gets the fields of an object one by one. */
    interface Fields {
        /**
         * One field.
         *
         * @param name its name
         * @param value its value, never missing
         * @param type the value's type on its own: {@link ColumnType#UTF8} for strings, {@link ColumnType#JSON} for arrays,
         *     objects and integers beyond 64 bits
         */
        void field(String name, Cell value, ColumnType type) throws JsonProblem;
    }

    /** Says what is wrong with a text that should be JSON, or with a value in it. */
    static final class JsonProblem extends Exception {
        private static final long serialVersionUID = 1;

        JsonProblem(String message) {
            super(message);
        }
    }

    /**
     * Takes an object apart.
     *
     * @throws JsonProblem if the text is not one JSON object, or {@code fields} throws it
     */
    static void readObject(String text, Fields fields) throws JsonProblem {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            JsonToken start = parser.nextToken();
            if (start != JsonToken.START_OBJECT) {
                throw new JsonProblem("a JSON object is needed, {\"name\": value, …}, and this is " + describe(start));
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = whole(parser.currentName());
                parser.nextToken();
                readValue(parser, text, (cell, type) -> fields.field(name, cell, type));
            }
            requireEnd(parser);
        } catch (JacksonException malformed) {
            throw problem(malformed);
        }
    }

    /** Gets one value. */
    interface Value {
        void value(Cell value, ColumnType type) throws JsonProblem;
    }

    /**
     * Reads one value of any kind.
     *
     * @throws JsonProblem if the text is not one JSON value
     */
    static void readValue(String text, Value value) throws JsonProblem {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() == null) {
                throw new JsonProblem("a JSON value is needed, and there is none");
            }
            readValue(parser, text, value);
            requireEnd(parser);
        } catch (JacksonException malformed) {
            throw problem(malformed);
        }
    }

    private static void readValue(JsonParser parser, String text, Value target) throws JsonProblem {
        switch (parser.currentToken()) {
            case VALUE_NULL -> target.value(Cell.NULL, ColumnType.NULL);
            case VALUE_TRUE, VALUE_FALSE -> target.value(literal(parser.getString()), ColumnType.BOOL);
            case VALUE_STRING -> target.value(new Cell(Cell.Kind.STRING, whole(parser.getString())), ColumnType.UTF8);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                String number = parser.getString();
                ColumnType type = ColumnType.ofText(number);
                target.value(literal(number), type == ColumnType.UTF8 ? ColumnType.JSON : type);
            }
            case START_ARRAY, START_OBJECT -> {
                int begin = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                int end = (int) parser.currentLocation().getCharOffset();
                target.value(literal(whole(text.substring(begin, end))), ColumnType.JSON);
            }
            default -> throw new JsonProblem("a JSON value is needed, and this is " + describe(parser.currentToken()));
        }
    }

    private static Cell literal(String text) {
        return new Cell(Cell.Kind.LITERAL, text);
    }

    /** Half of a surrogate pair has no bytes in UTF-8: it would come back as a question mark. */
    private static String whole(String text) throws JsonProblem {
        if (!isWhole(text)) {
            throw new JsonProblem("a string holds half of a surrogate pair, which is no character");
        }
        return text;
    }

    static boolean isWhole(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static void requireEnd(JsonParser parser) throws JsonProblem {
        if (parser.nextToken() != null) {
            int column = parser.currentTokenLocation().getColumnNr();
            throw new JsonProblem("something follows the JSON value, at column " + column);
        }
    }

    private static JsonProblem problem(JacksonException malformed) {
        String reason = malformed.getOriginalMessage();
        var where = malformed.getLocation();
        return new JsonProblem("not JSON: " + reason + (where == null ? "" : ", at column " + where.getColumnNr()));
    }

    private static String describe(JsonToken token) {
        return switch (token) {
            case null -> "nothing";
            case START_ARRAY -> "an array";
            case START_OBJECT -> "an object";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "not";
        };
    }

    static String quote(String text) {
        var out = new StringBuilder(text.length() + 2);
        quote(text, out);
        return out.toString();
    }

    /** Appends a string in quotes, with no more escapes than JSON asks for. */
    static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7F) {
                        out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xF));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
