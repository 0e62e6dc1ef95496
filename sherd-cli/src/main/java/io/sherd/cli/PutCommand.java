package io.sherd.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd put}. */
@Command(
        name = "put",
        header = "Write the row or value of a key.",
        description = {
            "",
            "In a map of rows VALUE is a JSON object and becomes the whole row. With --set single columns are written and"
                    + " the others stay; a key that is not in the map gets a new row. An empty --set value is the empty"
                    + " text in a utf8 column, and null in others.",
            "",
            "When the command ends with exit code 0 the write is on the medium."
        },
        footer = {
            "",
            "Examples:",
            "  sherd put cities CH-2657896 '{\"name\": \"Zürich\", \"country\": \"CH\"}'",
            "  sherd put cities CH-2657896 --set population=443037 --set name=Zürich",
            "  sherd put counters visits 17"
        })
final class PutCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "The directory of the map.")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "KEY", description = "The key to write.")
    private String key = "";

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "VALUE",
            description = "The row as a JSON object, or the value.")
    private @Nullable String value;

    @Option(
            names = "--set",
            paramLabel = "COLUMN=VALUE",
            description = "The new value of one column. May be given several times.")
    private Map<String, String> assignments = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException {
        if ((value == null) == assignments.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    value == null
                            ? "nothing to write: give a VALUE, or columns with --set COLUMN=VALUE."
                            : "both a VALUE and --set were given; a VALUE is the whole row, so give one of the two.");
        }
        try (OpenMap<?, ?> map = OpenMap.open(directory)) {
            put(map);
        }
        return ExitCode.OK;
    }

    private <K, V> void put(OpenMap<K, V> map) {
        Layout<K, V> layout = map.layout();
        K written = layout.key(key);
        if (value != null) {
            map.map().put(written, layout.parse(written, value));
        } else {
            map.map().compute(written, (same, old) -> layout.assign(same, old, assignments));
        }
        map.map().force();
    }
}
