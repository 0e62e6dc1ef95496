package io.sherd.cli;

import io.sherd.disk.CodecMismatchException;
import io.sherd.disk.DiskMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd import}. */
@Command(
        name = "import",
        header = "Import rows from CSV or JSON lines, or an image, into a map.",
        description = {
            "",
            "The map is made if there is none at DIR. If there is one, the columns of the file must be those of the map,"
                    + " and rows replace the rows with the same keys.",
            "",
            "CSV begins with a line that names the columns. An empty field is null, one in quotes (\"\") the empty string."
                    + " JSON lines have one object on each line. Both may be compressed with gzip.",
            "",
            "An image is what export --format image or a program wrote; its name ends in .sherd, or --format says so. All of it is"
                    + " checked before the first entry is put, and it needs no other option than --into.",
            "",
            "A column is int64, float64, bool, utf8 or json: the narrowest that all of its values fit, unless --types"
                    + " says otherwise. Every value keeps its text: export gives back what was imported.",
            "",
            "Rows that cannot be taken are reported on the standard error with their line. The exit code is then 1."
        },
        footer = {
            "",
            "Examples:",
            "  sherd import cities.csv.gz --key code --into cities",
            "  sherd import events.jsonl --key uuid --key-type uuid --into events --on-error skip",
            "  sherd import cities.sherd --into cities",
            "  sherd import orders.tsv --key order --types zip=utf8,note=utf8 --into orders",
            "  curl … | sherd import - --format jsonl --key id --into feed"
        })
final class ImportCommand implements Callable<Integer> {
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    enum OnError {
        stop,
        skip
    }

    enum OnDuplicate {
        replace,
        reject
    }

    private final Session session;

    @Parameters(index = "0", paramLabel = "FILE", description = "What to import; - is the standard input.")
    private String file = "";

    @Option(names = "--into", paramLabel = "DIR", required = true, description = "The directory of the map.")
    private Path directory = Path.of("");

    @Option(
            names = "--key",
            paramLabel = "COLUMN",
            description = "The column that is the key. Needed unless the map is there already.")
    private @Nullable String key;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "csv, jsonl or image; without it jsonl for names that end in .jsonl, .ndjson or .json, image for .sherd,"
                            + " else csv.")
    private @Nullable RowFormat format;

    @Option(
            names = "--types",
            split = ",",
            paramLabel = "COLUMN=TYPE",
            description = "Types of columns, instead of what the values suggest. A row with another value is rejected.")
    private Map<String, String> types = new LinkedHashMap<>();

    @Option(
            names = "--key-type",
            paramLabel = "TYPE",
            description = "How keys are stored: int64, utf8 or uuid; without it int64 when all keys are, else utf8."
                    + " A stream of more than 4 MiB gets utf8.")
    private @Nullable String keyType;

    @Option(
            names = "--delimiter",
            paramLabel = "CHAR",
            description =
                    "What stands between CSV fields, one character or tab; without it tab for names that end in .tsv,"
                            + " else a comma.")
    private @Nullable String delimiter;

    @Option(names = "--encoding", paramLabel = "NAME", description = "The encoding of the text; without it UTF-8.")
    private Charset encoding = StandardCharsets.UTF_8;

    @Option(
            names = "--on-error",
            paramLabel = "WHAT",
            description =
                    "stop at the first row that cannot be taken (the default), or skip such rows. Rows before it stay"
                            + " imported.")
    private OnError onError = OnError.stop;

    @Option(names = "--limit-errors", paramLabel = "N", description = "With --on-error skip: stop at N rejected rows.")
    private long limitErrors = Long.MAX_VALUE;

    @Option(
            names = "--on-duplicate",
            paramLabel = "WHAT",
            description =
                    "A row whose key is in the map: replace the one there (the default; the last row of a file wins),"
                            + " or reject it as a bad row.")
    private OnDuplicate onDuplicate = OnDuplicate.replace;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress bar and no summary; rejected rows are reported still.")
    private boolean quiet;

    ImportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        if (limitErrors < 1) {
            throw new CommandFailure(ExitCode.USAGE, "--limit-errors is " + limitErrors + "; it must be 1 or more.");
        }
        Input input = input();
        RowFormat rowFormat = format == null ? RowFormat.ofName(file) : format;
        if (rowFormat == RowFormat.image) {
            return importImage();
        }
        Map<String, ColumnType> given = givenTypes();
        if (Files.exists(directory.resolve(SchemaFile.NAME))) {
            return addTo(OpenMap.open(directory), input, rowFormat, given);
        }
        String column = key;
        if (column == null) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--key is needed to make a map: the name of the column that tells rows apart.");
        }
        return create(input, rowFormat, given, column, wantedKeyType(input, rowFormat, column));
    }

    private int importImage() throws IOException {
        if (file.equals("-")) {
            throw new CommandFailure(
                    ExitCode.USAGE, "an image is read twice, so it cannot come from the standard input; give a file.");
        }
        if (key != null
                || keyType != null
                || delimiter != null
                || !types.isEmpty()
                || onDuplicate == OnDuplicate.reject) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "an image says itself what its keys and columns are; leave --key, --key-type, --types, --delimiter and"
                            + " --on-duplicate off.");
        }
        long start = System.nanoTime();
        long entries = new ImageImport(session, Path.of(file), directory, !quiet).run();
        if (!quiet) {
            session.message("imported "
                    + String.format(Locale.ROOT, "%,d %s", entries, entries == 1 ? "entry" : "entries")
                    + " into " + directory
                    + String.format(Locale.ROOT, " in %.1f s", (System.nanoTime() - start) / 1e9));
        }
        return ExitCode.OK;
    }

    private Input input() {
        if (file.equals("-")) {
            return Input.ofStream(session.in());
        }
        Path path = Path.of(file);
        if (!Files.exists(path)) {
            throw new CommandFailure(ExitCode.IO, "there is no file " + file + ".");
        }
        if (Files.isDirectory(path)) {
            throw new CommandFailure(
                    ExitCode.IO, file + " is a directory; a file is needed, or - for the standard input.");
        }
        return Input.ofFile(path);
    }

    private Map<String, ColumnType> givenTypes() {
        Map<String, ColumnType> given = new HashMap<>();
        types.forEach((column, label) -> {
            ColumnType type = ColumnType.ofLabel(label);
            if (type == null || type == ColumnType.NULL) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--types " + column + "=" + label
                                + ": there is no such type; there are bool, int64, float64, utf8" + " and json.");
            }
            if (column.equals(key)) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--types " + column + "=" + label + ": the type of the key is given with --key-type.");
            }
            given.put(column, type);
        });
        return given;
    }

    private Scalar<?> wantedKeyType(Input input, RowFormat rowFormat, String column) throws IOException {
        if (keyType == null) {
            return areIntegers(input, rowFormat, column) ? Scalar.INT64 : Scalar.UTF8;
        }
        Scalar<?> wanted = Scalar.ofLabel(keyType, Scalar.ROW_KEYS);
        if (wanted == null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--key-type " + keyType + ": there is no such type for keys; there are "
                            + Scalar.labels(Scalar.ROW_KEYS) + ".");
        }
        return wanted;
    }

    /**
     * Looks at every key before a map is made, since the type of keys cannot change later. Of a stream that is too long to
     * look at nothing is assumed: as text any key has its place.
     */
    private boolean areIntegers(Input input, RowFormat rowFormat, String column) throws IOException {
        InputStream probe = input.openProbe();
        if (probe == null) {
            return false;
        }
        var columns = new Columns(Map.of(), Scalar.UTF8);
        try (RowSource rows = open(input, probe, rowFormat, columns, column, null)) {
            while (rows.advance()) {
                if (rows.problem() == null && columns.type(columns.key()) != ColumnType.INT64) {
                    return false;
                }
            }
        } catch (CommandFailure unreadable) {
            if (columns.key() < 0) {
                throw unreadable;
            }
            // the import itself comes to the same place, and takes the rows before it
        }
        return columns.key() >= 0 && columns.type(columns.key()) == ColumnType.INT64;
    }

    private RowSource open(
            Input input,
            InputStream stream,
            RowFormat rowFormat,
            Columns columns,
            String keyColumn,
            @Nullable ColumnType keyColumnType)
            throws IOException {
        var text = new TextReader(input.name(), stream, encoding);
        if (rowFormat == RowFormat.jsonl) {
            return new JsonRows(text, columns, keyColumn, keyColumnType);
        }
        CsvRows rows = CsvRows.open(input.name(), text, csvDelimiter(), columns);
        int column = columns.indexOf(keyColumn);
        if (column < 0) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--key " + keyColumn + ": " + input.name() + " has no such column; it has " + columns.names()
                            + ".");
        }
        if (columns.key() < 0) {
            columns.setKey(column, keyColumnType);
        }
        return rows;
    }

    private char csvDelimiter() {
        String wanted = delimiter;
        if (wanted == null) {
            return RowFormat.isTabSeparated(file) ? '\t' : ',';
        }
        if (wanted.equals("tab") || wanted.equals("\\t")) {
            return '\t';
        }
        if (wanted.length() != 1 || "\"\r\n".contains(wanted)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--delimiter " + Text.excerpt(wanted)
                            + ": one character is needed, other than a quote or a line end;" + " or the word tab.");
        }
        return wanted.charAt(0);
    }

    private <K> int create(
            Input input, RowFormat rowFormat, Map<String, ColumnType> given, String column, Scalar<K> type)
            throws IOException {
        var columns = new Columns(given, type);
        ColumnType columnType = type.equals(Scalar.INT64) ? ColumnType.INT64 : textKey(type, rowFormat);
        try (RowSource rows = open(input, input.open(), rowFormat, columns, column, columnType)) {
            if (rowFormat == RowFormat.csv) {
                requireColumns(given, columns, input.name());
            }
            try (DiskMap<K, Row> map = newMap(type)) {
                requireNew(map);
                return run(input, rows, columns, column, new OpenMap<>(map, new RowLayout<>(emptySchema(type), type)));
            }
        }
    }

    /** What was no map a moment ago may be one by now, or one that lost its schema. */
    private void requireNew(DiskMap<?, Row> map) {
        Path schema = directory.resolve(SchemaFile.NAME);
        if (Files.exists(schema)) {
            throw new CommandFailure(
                    ExitCode.LOCKED, "another import has made the map at " + directory + " meanwhile; import again.");
        }
        if (!map.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.NEGATIVE,
                    schema + " is missing, which says what the columns of this map are. Restore it, or import into"
                            + " another directory.");
        }
    }

    /** A key type that the user asked for makes the column text; one that was inferred leaves that to the values. */
    private @Nullable ColumnType textKey(Scalar<?> type, RowFormat rowFormat) {
        boolean asked = keyType != null && (rowFormat == RowFormat.csv || !type.equals(Scalar.UTF8));
        return asked ? ColumnType.UTF8 : null;
    }

    private static Schema emptySchema(Scalar<?> type) {
        return new Schema(List.of(new Schema.Column("key", ColumnType.NULL)), 0, type);
    }

    private static void requireColumns(Map<String, ColumnType> given, Columns columns, String name) {
        for (String column : given.keySet()) {
            if (columns.indexOf(column) < 0) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--types names column " + column + ", and " + name + " has no such column; it has "
                                + columns.names() + ".");
            }
        }
    }

    private <K> DiskMap<K, Row> newMap(Scalar<K> type) {
        try {
            return DiskMap.builder(type.codec(), Row.CODEC).open(directory);
        } catch (CodecMismatchException other) {
            throw new CommandFailure(
                    ExitCode.UNSUPPORTED,
                    directory + " holds a map of other types, which no import made (it has codec \"" + other.expected()
                            + "\"). Import into another directory.",
                    other);
        }
    }

    private int addTo(OpenMap<?, ?> opened, Input input, RowFormat rowFormat, Map<String, ColumnType> given)
            throws IOException {
        try (opened) {
            if (!(opened.layout() instanceof RowLayout<?>)) {
                throw new IllegalStateException("a map with a schema has rows");
            }
            @SuppressWarnings("unchecked") // the layout has just been seen to be that of rows
            OpenMap<?, Row> target = (OpenMap<?, Row>) opened;
            return addRows(target, ((RowLayout<?>) opened.layout()).schema(), input, rowFormat, given);
        }
    }

    private <K> int addRows(
            OpenMap<K, Row> target, Schema schema, Input input, RowFormat rowFormat, Map<String, ColumnType> given)
            throws IOException {
        String column = schema.keyColumn().name();
        if (key != null && !key.equals(column)) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--key " + key + ": the key of the map at " + directory + " is " + column + ".");
        }
        if (keyType != null && !keyType.equals(schema.keyType().label())) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--key-type " + keyType + ": the keys of the map at " + directory + " are "
                            + schema.keyType().label() + ".");
        }
        given.forEach((name, wanted) -> requireWidening(schema, name, wanted));
        Columns columns = Columns.of(schema, given);
        try (RowSource rows = open(input, input.open(), rowFormat, columns, column, null)) {
            if (rowFormat == RowFormat.csv) {
                requireColumns(given, columns, input.name());
            }
            return run(input, rows, columns, column, target);
        }
    }

    /** The rows that are there keep their cells, so a type can only become one that means the same for them. */
    private static void requireWidening(Schema schema, String name, ColumnType wanted) {
        int index = schema.indexOf(name);
        if (index < 0) {
            return;
        }
        ColumnType type = schema.columns().get(index).type();
        boolean widening = wanted == type
                || type == ColumnType.NULL
                || (wanted == ColumnType.FLOAT64 && type == ColumnType.INT64)
                || (wanted == ColumnType.UTF8 && type != ColumnType.JSON);
        if (index == schema.key() || !widening) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--types " + name + "=" + wanted.label() + ": the column is "
                            + (index == schema.key() ? "the key" : type.label())
                            + " in the map, which cannot become " + wanted.label()
                            + "; export the map and import it into a new one.");
        }
    }

    private <K> int run(Input input, RowSource rows, Columns columns, String keyColumn, OpenMap<K, Row> target)
            throws IOException {
        var rejections = new Rejections(session, input.name(), onError == OnError.skip, limitErrors);
        var importer = new Importer<>(target, columns, rejections, onDuplicate == OnDuplicate.reject);
        var closed = new CountDownLatch(1);
        var hook = new Thread(() -> awaitEnd(importer, closed), "sherd-import-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
        try (target) {
            return run(input, rows, columns, keyColumn, target, importer, rejections);
        } finally {
            closed.countDown();
            withdraw(hook);
        }
    }

    private <K> int run(
            Input input,
            RowSource rows,
            Columns columns,
            String keyColumn,
            OpenMap<K, Row> target,
            Importer<K> importer,
            Rejections rejections)
            throws IOException {
        long start = System.nanoTime();
        long before = target.map().mappingCount();
        writeSchema(columns, target);
        CommandFailure unreadable = null;
        try (Progress progress = Progress.of(session, input, !quiet)) {
            importer.run(rows, progress);
        } catch (CommandFailure failed) {
            unreadable = failed; // the rows before it are in the map
        }
        if (columns.key() < 0) {
            columns.setKey(columns.add(keyColumn), null);
            columns.accept();
        }
        writeSchema(columns, target);
        target.map().force();
        long replaced = importer.written() - (target.map().mappingCount() - before);
        summarize(importer, rejections, replaced, start);
        if (unreadable != null) {
            throw unreadable;
        }
        if (importer.isCancelled()) {
            return ExitCode.INTERRUPTED;
        }
        return rejections.count() == 0 ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private static void writeSchema(Columns columns, OpenMap<?, ?> target) throws IOException {
        Schema changed = columns.key() < 0 ? null : columns.takeChanged();
        if (changed != null) {
            SchemaFile.write(target.map().path(), changed);
        }
    }

    /** Runs when the process is told to end: lets the import come to rest and close its map. */
    private static void awaitEnd(Importer<?> importer, CountDownLatch end) {
        importer.cancel();
        try {
            // when this gives up nothing is lost: the map is opened as after a kill
            if (!end.await(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException now) {
            Thread.currentThread().interrupt();
        }
    }

    private static void withdraw(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // the hook has been started, and has what it waited for
        }
    }

    private void summarize(Importer<?> importer, Rejections rejections, long replaced, long start) {
        if (rejections.isStopped()) {
            session.message("sherd: " + rejections.advice() + ".");
        }
        if (quiet) {
            return;
        }
        var text = new StringBuilder();
        text.append(importer.isCancelled() ? "interrupted: " : "")
                .append("imported ")
                .append(count(importer.written(), "row"))
                .append(" into ")
                .append(directory)
                .append(String.format(Locale.ROOT, " in %.1f s", (System.nanoTime() - start) / 1e9));
        if (rejections.count() > 0) {
            text.append("; rejected ").append(count(rejections.count(), "row"));
        }
        if (replaced > 0) {
            text.append("; replaced ").append(count(replaced, "row")).append(" by a later one with the same key");
        }
        session.message(text.toString());
    }

    private static String count(long number, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", number, what, number == 1 ? "" : "s");
    }
}
