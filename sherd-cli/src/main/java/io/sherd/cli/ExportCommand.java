package io.sherd.cli;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import io.sherd.ImageOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd export}. */
@Command(
        name = "export",
        header = "Write all entries as CSV, JSON lines or an image.",
        description = {
            "",
            "Importing what was exported gives an equal map: the same keys, columns and values. In CSV null is an empty field"
                    + " and the empty string a pair of quotes; a field that an object did not have, and null, look alike"
                    + " except in columns of type json. JSON lines keep them apart.",
            "",
            "An image has the entries as the map stores them, with checksums: the fastest way to carry a map elsewhere and to"
                    + " import it there, also into a program. It needs --out.",
            "",
            "With --out the file appears in one step when it is whole: a file of that name is replaced, or kept when the"
                    + " export fails."
        },
        footer = {
            "",
            "Examples:",
            "  sherd export cities > cities.csv",
            "  sherd export cities --out cities.jsonl.gz",
            "  sherd export cities --sorted --out cities.csv",
            "  sherd export cities --out cities.sherd"
        })
final class ExportCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "DIR", description = "The directory of the map.")
    private Path directory = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "csv, jsonl or image; without it what the name of the file says, else csv.")
    private @Nullable RowFormat format;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The file to write, compressed if its name ends in .gz; without it the standard output.")
    private @Nullable Path out;

    @Option(names = "--sorted", description = "In the order of keys. All keys are held in memory for it.")
    private boolean sorted;

    ExportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        Path file = out;
        RowFormat chosen = format != null ? format : file == null ? RowFormat.csv : RowFormat.ofName(file.toString());
        requireFileForImage(chosen);
        try (OpenMap<?, ?> map = OpenMap.open(directory)) {
            if (file == null) {
                try (var answer = new Answer(session.out())) {
                    export(map, answer, chosen);
                }
                return ExitCode.OK;
            }
            long entries;
            if (chosen == RowFormat.image) {
                entries = exportImage(map, file);
            } else {
                try (var target = new AtomicFile(file)) {
                    entries = export(map, target.writer(), chosen);
                    target.commit();
                }
            }
            session.message(String.format(
                    Locale.ROOT, "exported %,d %s to %s", entries, entries == 1 ? "entry" : "entries", file));
        }
        return ExitCode.OK;
    }

    private void requireFileForImage(RowFormat chosen) {
        if (chosen != RowFormat.image) {
            return;
        }
        if (out == null) {
            throw new CommandFailure(ExitCode.USAGE, "--format image needs --out FILE.");
        }
        if (sorted) {
            throw new CommandFailure(ExitCode.USAGE, "--sorted: an image has no order; leave it out.");
        }
        if (RowFormat.isCompressed(out.toString())) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--out " + out + ": images are not compressed with gzip; leave .gz off.");
        }
    }

    private <K, V> long exportImage(OpenMap<K, V> map, Path file) throws IOException {
        String schema = map.layout() instanceof RowLayout<?> rows ? SchemaFile.toJson(rows.schema()) : "";
        try (Progress progress = Progress.ofEntries(session, "exporting", true)) {
            return map.map()
                    .writeTo(
                            file,
                            map.layout().keyType().codec(),
                            map.layout().valueCodec(),
                            ImageOptions.defaults().note(schema).onProgress(progress::update));
        }
    }

    private <K, V> long export(OpenMap<K, V> map, Writer target, RowFormat chosen) throws IOException {
        return switch (chosen) {
            case csv -> exportCsv(map, target);
            case jsonl -> exportJson(map, target);
            case image -> throw new IllegalStateException("an image is no text");
        };
    }

    private <K, V> long exportCsv(OpenMap<K, V> map, Writer target) throws IOException {
        Layout<K, V> layout = map.layout();
        CsvWriter csv = CsvWriter.builder()
                .quoteStrategy(QuoteStrategies.EMPTY)
                .lineDelimiter(LineDelimiter.LF)
                .build(target);
        long[] count = {0};
        try {
            List<@Nullable String> names = new ArrayList<>();
            for (Schema.Column column : layout.columns()) {
                names.add(column.name().isEmpty() && layout.columns().size() > 1 ? null : column.name());
            }
            csv.writeRecord(names);
            all().entries(map, entry -> {
                csv.writeRecord(layout.csv(entry.getKey(), entry.getValue()));
                count[0]++;
            });
            csv.flush();
        } catch (UncheckedIOException failed) {
            if (failed instanceof io.sherd.disk.DiskMapException) {
                throw failed;
            }
            throw failed.getCause();
        }
        return count[0];
    }

    private <K, V> long exportJson(OpenMap<K, V> map, Writer target) throws IOException {
        var line = new StringBuilder();
        long[] count = {0};
        all().entries(map, entry -> {
            line.setLength(0);
            map.layout().appendJson(entry.getKey(), entry.getValue(), line);
            target.append(line.append('\n'));
            count[0]++;
        });
        target.flush();
        return count[0];
    }

    private Selection all() {
        return new Selection("", Long.MAX_VALUE, sorted);
    }
}
