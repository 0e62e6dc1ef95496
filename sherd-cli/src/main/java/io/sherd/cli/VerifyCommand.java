package io.sherd.cli;

import io.sherd.disk.RecoveryReport;
import io.sherd.disk.VerifyReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd verify}. */
@Command(
        name = "verify",
        header = "Check every byte of a map.",
        description = {
            "",
            "Reads all files of the map, checks their checksums, and reads every entry. The exit code is 0 if all is well, and"
                    + " 1 if something is damaged; the damage is then printed with file and offset."
        },
        footer = {"", "Examples:", "  sherd verify cities", "  sherd verify cities --quiet && cp -r cities backup"})
final class VerifyCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "DIR", description = "The directory of the map.")
    private Path directory = Path.of("");

    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing if all is well.")
    private boolean quiet;

    VerifyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        try (OpenMap<?, ?> map = OpenMap.open(directory);
                var answer = new Answer(session.out())) {
            return verify(map, answer);
        }
    }

    private <K, V> int verify(OpenMap<K, V> map, Answer answer) throws IOException {
        boolean sound = true;
        for (RecoveryReport.Cut cut : map.map().recovery().cuts()) {
            sound = false;
            answer.line("file " + cut.file() + ", offset " + cut.offset()
                    + ": the log was cut off here when the map was opened, after a write that was not finished or by damage;"
                    + " what may have followed is not in the map");
        }
        VerifyReport report = map.map().verify();
        if (report.damage().isPresent()) {
            answer.line(String.valueOf(report.damage().get().getMessage()));
            return ExitCode.NEGATIVE;
        }
        sound &= verifyRows(map, answer);
        if (sound && !quiet) {
            answer.line(String.format(
                    Locale.ROOT,
                    "%s: %,d %s in %,d bytes, no damage",
                    directory,
                    report.entries(),
                    report.entries() == 1 ? "entry" : "entries",
                    report.bytes()));
        }
        return sound ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    /** The bytes are those that were written: now what they mean. */
    private <K, V> boolean verifyRows(OpenMap<K, V> map, Answer answer) throws IOException {
        boolean sound = true;
        for (Map.Entry<K, V> entry : map.map().entrySet()) {
            try {
                map.layout().check(entry.getValue());
            } catch (IllegalArgumentException bad) {
                sound = false;
                answer.line("key " + Text.excerpt(map.layout().keyText(entry.getKey())) + ": " + bad.getMessage());
            }
        }
        return sound;
    }
}
