package io.sherd.cli;

import io.sherd.cli.Json.JsonProblem;
import java.io.BufferedReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Rows of JSON lines: on each line one object. A field that no earlier row had becomes a new column. */
final class JsonRows implements RowSource {
    private static final int BUFFER = 1 << 16;

    private final BufferedReader reader;
    private final Columns columns;
    private final String keyName;
    private final @Nullable ColumnType keyColumnType;
    private final RowBuilder cells = new RowBuilder();
    private long line;
    private boolean hasKey;
    private String key = "";
    private @Nullable String problem;

    /**
     * Creates the source.
     *
     * @param keyName the field that is the key
     * @param keyColumnType the type of its column if that is settled, else null
     */
    JsonRows(TextReader text, Columns columns, String keyName, @Nullable ColumnType keyColumnType) {
        this.reader = new BufferedReader(text, BUFFER);
        this.columns = columns;
        this.keyName = keyName;
        this.keyColumnType = keyColumnType;
    }

    @Override
    public boolean advance() throws IOException {
        String text;
        do {
            text = reader.readLine();
            if (text == null) {
                return false;
            }
            line++;
        } while (text.isBlank());
        cells.clear();
        hasKey = false;
        problem = null;
        try {
            Json.readObject(text, this::take);
            if (!hasKey) {
                throw new JsonProblem("the object has no field " + keyName + ", which is the key");
            }
            columns.acceptJson();
        } catch (JsonProblem bad) {
            problem = bad.getMessage();
            columns.rollback();
        }
        return true;
    }

    private void take(String name, Cell value, ColumnType type) throws JsonProblem {
        int column = columns.indexOf(name);
        if (column < 0) {
            column = columns.add(name);
        }
        if (name.equals(keyName)) {
            takeKey(column, value, type);
        } else if (columns.note(column, type)) {
            cells.set(column, value, type);
        } else {
            throw misfit(name, columns.type(column), value);
        }
    }

    /** Keys of both kinds, 1 and "1", would be one key in the map: the first row's kind is that of all. */
    private void takeKey(int column, Cell value, ColumnType type) throws JsonProblem {
        boolean string = value.kind() == Cell.Kind.STRING;
        if (!string && (value.kind() != Cell.Kind.LITERAL || type == ColumnType.BOOL || !isNumber(value.text()))) {
            throw new JsonProblem("the key (field " + keyName + ") must be a string or a number, and this is not: "
                    + Text.excerptJson(value));
        }
        if (columns.key() < 0) {
            columns.setKey(column, keyColumnType);
        }
        // an integer beyond 64 bits is a number all the same
        ColumnType cell = type == ColumnType.JSON ? ColumnType.FLOAT64 : type;
        ColumnType soFar = columns.type(column);
        if (!columns.isSettled(column) && soFar != ColumnType.NULL && (soFar == ColumnType.UTF8) != string) {
            throw new JsonProblem("the key (field " + keyName + ") is a " + (string ? "string" : "number")
                    + " here and a " + (string ? "number" : "string") + " in other rows: "
                    + Text.excerptJson(value));
        }
        if (!columns.note(column, cell)) {
            throw misfit(keyName, soFar, value);
        }
        key = value.text();
        String unusable = columns.keyProblem(key);
        if (unusable != null) {
            throw new JsonProblem(unusable);
        }
        hasKey = true;
    }

    /** Says that a value does not fit its column. */
    static JsonProblem misfit(String column, ColumnType type, Cell value) {
        return new JsonProblem(
                "column " + column + " is " + type.label() + ", and this is not: " + Text.excerptJson(value));
    }

    private static boolean isNumber(String literal) {
        char first = literal.charAt(0);
        return first == '-' || (first >= '0' && first <= '9');
    }

    @Override
    public long line() {
        return line;
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public Row row() {
        return cells.build();
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
