package io.sherd.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd get}. */
@Command(
        name = "get",
        header = "Print the rows or values of keys.",
        description = {
            "",
            "A row is printed as one line for each column, an empty line between two rows. For a key that is not in the map"
                    + " nothing is printed, a message goes to the standard error, and the exit code is 1."
        },
        footer = {
            "",
            "Examples:",
            "  sherd get cities CH-2657896",
            "  sherd get cities CH-2657896 IS-3413829 --json",
            "  sherd get words -- --help     (a key that looks like an option)"
        })
final class GetCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "DIR", description = "The directory of the map.")
    private Path directory = Path.of("");

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY", description = "The keys to look up.")
    private List<String> keys = List.of();

    @Option(names = "--json", description = "Print a JSON object on one line for each key.")
    private boolean json;

    GetCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        try (OpenMap<?, ?> map = OpenMap.open(directory)) {
            return get(map);
        }
    }

    private <K, V> int get(OpenMap<K, V> map) throws IOException {
        Layout<K, V> layout = map.layout();
        List<K> wanted = keys.stream().map(layout::key).toList();
        int missing = 0;
        try (var answer = new Answer(session.out())) {
            boolean first = true;
            for (int i = 0; i < wanted.size(); i++) {
                K key = wanted.get(i);
                V value = map.map().get(key);
                if (value == null) {
                    missing++;
                    session.message("sherd: no key " + Text.excerpt(keys.get(i)) + " in " + directory);
                } else if (json) {
                    var line = new StringBuilder();
                    layout.appendJson(key, value, line);
                    answer.line(line);
                } else {
                    if (!first && layout instanceof RowLayout<?>) {
                        answer.line("");
                    }
                    answer.line(layout.text(key, value, wanted.size() == 1));
                }
                first &= value == null;
            }
        }
        return missing == 0 ? ExitCode.OK : ExitCode.NEGATIVE;
    }
}
