package io.sherd.cli;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.sherd.cli.Json.JsonProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows of comma-separated values. The first record names the columns.
 *
 * <p>An empty field without quotes is null, one in quotes the empty string. In a column of type JSON a field is JSON text,
 * and an empty one is missing.
 */
final class CsvRows implements RowSource {
    private static final int LONGEST_RECORD = 1 << 30;

    private final String name;
    private final Columns columns;
    private final CsvReader<Handler> reader;
    private final CloseableIterator<Handler> records;
    private final Handler handler = new Handler();
    private int[] columnOfField = new int[0];

    private CsvRows(String name, TextReader text, char delimiter, Columns columns) {
        this.name = name;
        this.columns = columns;
        this.reader = CsvReader.builder()
                .fieldSeparator(delimiter)
                .allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE) // counted here, and reported with the line
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .maxBufferSize(LONGEST_RECORD)
                .build(handler, text);
        this.records = reader.iterator();
    }

    /**
     * Reads the header.
     *
     * @param columns the columns of the map that is added to, or none; then the header's become them
     * @throws CommandFailure if there is no header, its names are not unique, or are not those of the map
     */
    static CsvRows open(String name, TextReader text, char delimiter, Columns columns) throws IOException {
        var rows = new CsvRows(name, text, delimiter, columns);
        if (!rows.advance()) {
            throw new CommandFailure(ExitCode.NEGATIVE, name + " is empty: the first line must name the columns.");
        }
        rows.takeHeader();
        return rows;
    }

    private void takeHeader() {
        List<String> names = handler.header;
        handler.inHeader = false;
        Set<String> unique = new HashSet<>();
        for (String column : names) {
            if (!unique.add(column)) {
                throw new CommandFailure(
                        ExitCode.NEGATIVE,
                        name + ":" + line() + ": two columns are named \"" + column + "\"; rename one of them.");
            }
        }
        columnOfField = new int[names.size()];
        if (columns.count() == 0) {
            for (int i = 0; i < columnOfField.length; i++) {
                columnOfField[i] = columns.add(names.get(i));
            }
            columns.accept();
            return;
        }
        List<String> added =
                names.stream().filter(column -> columns.indexOf(column) < 0).toList();
        List<String> absent = columns.schema().columns().stream()
                .map(Schema.Column::name)
                .filter(column -> !unique.contains(column))
                .toList();
        if (!added.isEmpty() || !absent.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    name + " does not fit the map, whose columns are "
                            + columns.schema().names() + "."
                            + (added.isEmpty() ? "" : " Not in the map: " + Schema.names(added) + ".")
                            + (absent.isEmpty() ? "" : " Not in the file: " + Schema.names(absent) + ".")
                            + " Import the file into a map of its own, or give it the same columns.");
        }
        for (int i = 0; i < columnOfField.length; i++) {
            columnOfField[i] = columns.indexOf(names.get(i));
        }
    }

    @Override
    public boolean advance() throws IOException {
        try {
            if (!records.hasNext()) {
                return false;
            }
            records.next();
            handler.end();
            return true;
        } catch (CsvParseException malformed) {
            if (malformed.getCause() instanceof CommandFailure told) {
                throw told; // the reader of the text stopped
            }
            throw new CommandFailure(
                    ExitCode.NEGATIVE,
                    name + ":" + line() + ": " + reason(malformed)
                            + ". Where the next row begins cannot be known; mend the quotes and import again.",
                    malformed);
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    private static String reason(CsvParseException malformed) {
        String message = String.valueOf(malformed.getMessage());
        if (message.startsWith("Unclosed")) {
            return "a field opens with a quote that is never closed";
        }
        if (message.startsWith("Unexpected")) {
            return "text follows a closing quote; inside quotes a quote is written twice";
        }
        return message;
    }

    @Override
    public long line() {
        return handler.line;
    }

    @Override
    public @Nullable String problem() {
        return handler.problem;
    }

    @Override
    public String key() {
        return handler.key;
    }

    @Override
    public Row row() {
        return handler.cells.build();
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** What the parser calls: takes each field straight out of the parser's buffer. */
    private final class Handler extends AbstractBaseCsvCallbackHandler<Handler> {
        private final RowBuilder cells = new RowBuilder();
        private final List<String> header = new ArrayList<>();
        private boolean inHeader = true;
        private long line;
        private int fields;
        private boolean hasKey;
        private String key = "";
        private @Nullable String problem;

        @Override
        protected void handleBegin(long startingLineNumber) {
            line = startingLineNumber;
            fields = 0;
            problem = null;
            hasKey = false;
            cells.clear();
        }

        @Override
        protected void handleField(int field, char[] text, int offset, int length, boolean quoted) {
            fields++;
            if (inHeader) {
                header.add(new String(text, offset, length));
            } else if (field < columnOfField.length && problem == null) {
                take(columnOfField[field], text, offset, length, quoted);
            }
        }

        private void take(int column, char[] text, int offset, int length, boolean quoted) {
            if (column == columns.key()) {
                takeKey(column, text, offset, length, quoted);
            } else if (columns.type(column) == ColumnType.JSON) {
                takeJson(column, new String(text, offset, length));
            } else if (length == 0 && !quoted) {
                cells.setNull(column);
            } else {
                ColumnType type = ColumnType.ofText(text, offset, length);
                if (columns.noteText(column, type)) {
                    cells.setText(column, text, offset, length, type);
                } else {
                    problem = misfit(columns.name(column), columns.type(column), new String(text, offset, length));
                }
            }
        }

        private void takeKey(int column, char[] text, int offset, int length, boolean quoted) {
            key = new String(text, offset, length);
            hasKey = length > 0 || quoted;
            // no key is null: one without characters is text
            ColumnType type = length == 0 ? ColumnType.UTF8 : ColumnType.ofText(text, offset, length);
            if (hasKey && !columns.noteText(column, type)) {
                problem = misfit(columns.name(column), columns.type(column), key);
            } else if (hasKey) {
                problem = columns.keyProblem(key);
            }
        }

        private void takeJson(int column, String text) {
            if (text.isEmpty()) {
                return;
            }
            try {
                Json.readValue(text, (cell, type) -> cells.set(column, cell, type));
            } catch (JsonProblem malformed) {
                problem = "column " + columns.name(column) + " is json: " + malformed.getMessage();
            }
        }

        @Override
        protected Handler buildRecord() {
            return this;
        }

        void end() {
            if (inHeader) {
                return;
            }
            if (fields != columnOfField.length) {
                problem =
                        fields + (fields == 1 ? " field" : " fields") + ", and the header has " + columnOfField.length;
            } else if (problem == null && !hasKey) {
                problem = "the key is empty (column " + columns.name(columns.key()) + ")";
            }
            if (problem == null) {
                columns.acceptText();
            } else {
                columns.rollback();
            }
        }
    }

    /** Says that a field does not fit its column. */
    static String misfit(String column, ColumnType type, String field) {
        return "column " + column + " is " + type.label() + ", and this is not: " + Text.excerpt(field);
    }
}
