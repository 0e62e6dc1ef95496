package io.sherd.cli;

import org.jspecify.annotations.Nullable;

/**
 * One value of a row: its text, and whether JSON had it in quotes.
 *
 * @param kind which of the four a cell can be
 * @param text the text of a string without quotes, or of a literal as JSON writes it; empty for the other kinds
 */
record Cell(Kind kind, String text) {

    enum Kind {
        /** The row has no such column. */
        MISSING,
        NULL,
        STRING,
        /** A number, a boolean, an array or an object. */
        LITERAL
    }

    static final Cell MISSING = new Cell(Kind.MISSING, "");
    static final Cell NULL = new Cell(Kind.NULL, "");

    /** The field of a CSV file, null for one that is empty and not quoted. */
    @Nullable
    String toCsv(ColumnType type) {
        boolean json = type == ColumnType.JSON;
        return switch (kind) {
            case MISSING -> null;
            case NULL -> json ? "null" : null;
            case STRING -> json ? Json.quote(text) : text;
            case LITERAL -> text;
        };
    }

    /** The value as JSON on its own. */
    String toJson() {
        var out = new StringBuilder();
        appendJson(ColumnType.JSON, out);
        return out.toString();
    }

    /** Appends the value to JSON. A missing cell has none; the caller leaves it out. */
    void appendJson(ColumnType type, StringBuilder out) {
        switch (kind) {
            case MISSING -> throw new IllegalStateException("a missing cell has no JSON");
            case NULL -> out.append("null");
            case LITERAL -> {
                if (type == ColumnType.UTF8) {
                    Json.quote(text, out);
                } else {
                    out.append(text);
                }
            }
            case STRING -> {
                // "" among numbers: CSV keeps the quotes, JSON has no such number
                if (text.isEmpty() && isNarrow(type)) {
                    out.append("null");
                } else {
                    Json.quote(text, out);
                }
            }
        }
    }

    private static boolean isNarrow(ColumnType type) {
        return type == ColumnType.BOOL || type == ColumnType.INT64 || type == ColumnType.FLOAT64;
    }
}
