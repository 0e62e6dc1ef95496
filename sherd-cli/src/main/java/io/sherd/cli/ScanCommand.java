package io.sherd.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd scan}. */
@Command(
        name = "scan",
        header = "Print entries, all or those whose keys begin alike.",
        description = {
            "",
            "Each entry is one line, its columns apart by tabs; tabs, line ends and other control characters inside a value"
                    + " are written as \\t, \\n, \\u0007. Without --sorted the order is the map's own.",
            "",
            "The map has no index by order of keys: --prefix looks at every key."
        },
        footer = {
            "",
            "Examples:",
            "  sherd scan cities --limit 10",
            "  sherd scan cities --prefix CH- --sorted",
            "  sherd scan cities --json | jq .name",
            "  sherd scan cities --keys-only --prefix CH- | wc -l"
        })
final class ScanCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "DIR", description = "The directory of the map.")
    private Path directory = Path.of("");

    @Option(names = "--prefix", paramLabel = "TEXT", description = "Only keys that begin with this text.")
    private String prefix = "";

    @Option(names = "--limit", paramLabel = "N", description = "At most N entries.")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--sorted", description = "In the order of keys. All keys are held in memory for it.")
    private boolean sorted;

    @Option(names = "--json", description = "Print a JSON object on one line for each entry.")
    private boolean json;

    @Option(names = "--keys-only", description = "Print only the keys.")
    private boolean keysOnly;

    ScanCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        if (limit < 0) {
            throw new CommandFailure(ExitCode.USAGE, "--limit is " + limit + "; it must be 0 or more.");
        }
        try (OpenMap<?, ?> map = OpenMap.open(directory);
                var answer = new Answer(session.out())) {
            scan(map, answer);
        }
        return ExitCode.OK;
    }

    private <K, V> void scan(OpenMap<K, V> map, Answer answer) throws IOException {
        var selection = new Selection(prefix, limit, sorted);
        Layout<K, V> layout = map.layout();
        if (keysOnly) {
            selection.keys(
                    map,
                    key -> answer.line(json ? layout.keyType().json().apply(key) : Text.visible(layout.keyText(key))));
            return;
        }
        selection.entries(map, entry -> {
            if (json) {
                var line = new StringBuilder();
                layout.appendJson(entry.getKey(), entry.getValue(), line);
                answer.line(line);
            } else {
                answer.line(layout.line(entry.getKey(), entry.getValue()));
            }
        });
    }
}
