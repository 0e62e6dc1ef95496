package io.sherd.cli;

import io.sherd.disk.BackupOptions;
import io.sherd.disk.BackupReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd backup}. */
@Command(
        name = "backup",
        header = "Copy a map, or bring a copy up to date.",
        description = {
            "",
            "The copy is a map like any other. Where TARGET holds an earlier backup of the same map, to which nothing was written"
                    + " since, only what is new is added, and the earlier one is whole until the new one is.",
            "",
            "On the same file system, files that do not change any more are hard links, which take no room. A copy with another"
                    + " number of shards is written anew, without what is dead, into a directory that does not exist yet."
        },
        footer = {
            "",
            "Examples:",
            "  sherd backup cities /backup/cities",
            "  sherd backup cities cities-64 --shards 64",
            "  sherd backup cities /backup/cities && sherd diff cities /backup/cities"
        })
final class BackupCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "DIR", description = "The directory of the map.")
    private Path directory = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "TARGET",
            description = "A directory that does not exist yet, is empty, or holds an earlier backup of this map.")
    private Path target = Path.of("");

    @Option(
            names = "--shards",
            paramLabel = "N",
            description = "The number of shards of the copy, rounded up to a power of two; without it that of the map.")
    private @Nullable Integer shards;

    @Option(names = "--no-links", description = "Copy every file, so that damage of the medium cannot hit both.")
    private boolean noLinks;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress bar and no summary.")
    private boolean quiet;

    BackupCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        BackupOptions options = BackupOptions.defaults().hardLinks(!noLinks);
        if (shards != null) {
            try {
                options = options.shards(shards);
            } catch (IllegalArgumentException outOfRange) {
                throw new CommandFailure(ExitCode.USAGE, "--shards: " + outOfRange.getMessage(), outOfRange);
            }
        }
        try (OpenMap<?, ?> map = OpenMap.open(directory)) {
            Schema schema = map.layout() instanceof RowLayout<?> rows ? rows.schema() : null;
            BackupReport report;
            try (Progress progress = Progress.ofBytes(session, "copying", !quiet)) {
                report = map.map()
                        .backup(
                                target,
                                options.onProgress(state -> progress.update(state.bytes(), state.totalBytes())));
            }
            if (schema != null) {
                SchemaFile.write(target, schema);
            }
            if (!quiet) {
                session.message(summary(report));
            }
        }
        return ExitCode.OK;
    }

    private String summary(BackupReport report) {
        return String.format(
                Locale.ROOT,
                "copied %,d %s to %s: %,d bytes, of which %,d written; %,d %s linked, %,d copied, %,d kept; %.1f s",
                report.entries(),
                report.entries() == 1 ? "entry" : "entries",
                target,
                report.bytes(),
                report.writtenBytes(),
                report.linked(),
                report.linked() == 1 ? "file" : "files",
                report.copied(),
                report.kept(),
                report.duration().toMillis() / 1e3);
    }
}
