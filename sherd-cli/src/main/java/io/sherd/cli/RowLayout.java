package io.sherd.cli;

import io.sherd.cli.Json.JsonProblem;
import io.sherd.codec.Codec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A map that an import made: values are rows, and the schema says what is in them. */
record RowLayout<K>(Schema schema, Scalar<K> keyType) implements Layout<K, Row> {

    /** The layout of a schema, whose key type is then that of the layout. */
    static RowLayout<?> of(Schema schema) {
        return of(schema, schema.keyType());
    }

    private static <K> RowLayout<K> of(Schema schema, Scalar<K> keyType) {
        return new RowLayout<>(schema, keyType);
    }

    @Override
    public Codec<Row> valueCodec() {
        return Row.CODEC;
    }

    @Override
    public String describeValue() {
        return "row";
    }

    @Override
    public List<Schema.Column> columns() {
        return schema.columns();
    }

    /** All cells, with the key in its column. */
    private Cell[] cells(K key, Row row) {
        Cell[] cells = cells(row, keyText(key));
        boolean string = schema.keyColumn().type() == ColumnType.UTF8
                || schema.keyColumn().type() == ColumnType.NULL;
        cells[schema.key()] = new Cell(string ? Cell.Kind.STRING : Cell.Kind.LITERAL, keyText(key));
        return cells;
    }

    private Cell[] cells(Row row, String key) {
        try {
            return row.cells(schema.columns().size());
        } catch (IllegalArgumentException damaged) {
            throw new CommandFailure(
                    ExitCode.NEGATIVE,
                    "the row of key " + Text.excerpt(key) + " cannot be read: " + damaged.getMessage()
                            + ". Run: sherd verify DIR",
                    damaged);
        }
    }

    @Override
    public List<@Nullable String> csv(K key, Row row) {
        Cell[] cells = cells(key, row);
        List<@Nullable String> fields = new ArrayList<>(cells.length);
        for (int i = 0; i < cells.length; i++) {
            fields.add(cells[i].toCsv(columns().get(i).type()));
        }
        return fields;
    }

    @Override
    public void appendJson(K key, Row row, StringBuilder out) {
        Cell[] cells = cells(key, row);
        char separator = '{';
        for (int i = 0; i < cells.length; i++) {
            if (cells[i].kind() != Cell.Kind.MISSING) {
                out.append(separator);
                Json.quote(columns().get(i).name(), out);
                out.append(':');
                cells[i].appendJson(columns().get(i).type(), out);
                separator = ',';
            }
        }
        out.append('}');
    }

    @Override
    public String text(K key, Row row, boolean only) {
        Cell[] cells = cells(key, row);
        int width = columns().stream()
                .mapToInt(column -> Text.visible(column.name()).length())
                .max()
                .orElse(0);
        var out = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            if (cells[i].kind() != Cell.Kind.MISSING) {
                String name = Text.visible(columns().get(i).name());
                out.append(out.isEmpty() ? "" : "\n").append(name);
                String value = field(cells[i], columns().get(i).type());
                if (!value.isEmpty()) {
                    out.repeat(' ', width - name.length() + 2).append(value);
                }
            }
        }
        return out.toString();
    }

    @Override
    public String line(K key, Row row) {
        Cell[] cells = cells(key, row);
        var out = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            out.append(i == 0 ? "" : "\t")
                    .append(field(cells[i], columns().get(i).type()));
        }
        return out.toString();
    }

    private static String field(Cell cell, ColumnType type) {
        String field = cell.toCsv(type);
        return field == null ? "" : Text.visible(field);
    }

    @Override
    public Row parse(K key, String text) {
        var cells = new RowBuilder();
        try {
            Json.readObject(text, (name, value, type) -> {
                int column = column(name);
                if (column == schema.key()) {
                    if (!value.text().equals(keyText(key))) {
                        throw new JsonProblem("field " + name + " is the key, and differs from the key that was given");
                    }
                } else {
                    cells.set(column, value, admitted(column, value, type));
                }
            });
        } catch (JsonProblem bad) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "value: " + bad.getMessage()
                            + ". A row is written as a JSON object; single columns with --set COLUMN=VALUE.",
                    bad);
        }
        return cells.build();
    }

    private ColumnType admitted(int column, Cell value, ColumnType type) throws JsonProblem {
        Schema.Column target = columns().get(column);
        if (target.type() == ColumnType.NULL && type != ColumnType.NULL) {
            throw new JsonProblem(untyped(target.name()));
        }
        if (!target.type().admits(type)) {
            throw JsonRows.misfit(target.name(), target.type(), value);
        }
        return type;
    }

    private static String untyped(String column) {
        return "column " + column + " has no type, since it never had a value; give it one by an import, as in "
                + "sherd import … --types " + column + "=utf8";
    }

    private int column(String name) throws JsonProblem {
        int column = schema.indexOf(name);
        if (column < 0) {
            throw new JsonProblem("there is no column " + name + "; the columns are " + schema.names());
        }
        return column;
    }

    @Override
    public Row assign(K key, @Nullable Row old, Map<String, String> assignments) {
        Cell[] cells = old == null ? new Cell[0] : cells(old, keyText(key));
        var changed = new RowBuilder();
        for (int i = 0; i < cells.length; i++) {
            changed.set(i, cells[i]);
        }
        assignments.forEach((name, text) -> {
            try {
                int column = column(name);
                if (column == schema.key()) {
                    throw new JsonProblem(
                            "column " + name + " is the key; put a row under the other key, and remove this one");
                }
                assign(changed, column, text);
            } catch (JsonProblem bad) {
                throw new CommandFailure(ExitCode.USAGE, "--set " + name + "=: " + bad.getMessage() + ".", bad);
            }
        });
        return changed.build();
    }

    private void assign(RowBuilder row, int column, String text) throws JsonProblem {
        Schema.Column target = columns().get(column);
        ColumnType type = ColumnType.ofText(text);
        switch (target.type()) {
            case JSON -> Json.readValue(text, (value, valueType) -> row.set(column, value, valueType));
            case UTF8 -> {
                if (!Json.isWhole(text)) {
                    throw new JsonProblem("the text holds half of a surrogate pair, which is no character");
                }
                row.setString(column, text);
            }
            case BOOL, INT64, FLOAT64, NULL -> {
                if (text.isEmpty()) {
                    row.setNull(column);
                } else if (target.type() == ColumnType.NULL) {
                    throw new JsonProblem(untyped(target.name()));
                } else if (target.type().admits(type)) {
                    row.setLiteral(column, text, type);
                } else {
                    throw new JsonProblem(CsvRows.misfit(target.name(), target.type(), text));
                }
            }
        }
    }

    @Override
    public void check(Row row) {
        row.cells(schema.columns().size());
    }
}
