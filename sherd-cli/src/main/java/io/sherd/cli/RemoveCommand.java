package io.sherd.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sherd remove}. */
@Command(
        name = "remove",
        header = "Remove keys.",
        description = {
            "",
            "For a key that is not in the map a message goes to the standard error, the other keys are removed all the same,"
                    + " and the exit code is 1. When the command ends the removals are on the medium."
        },
        footer = {"", "Examples:", "  sherd remove cities CH-2657896", "  sherd remove cities CH-2657896 IS-3413829"})
final class RemoveCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "DIR", description = "The directory of the map.")
    private Path directory = Path.of("");

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY", description = "The keys to remove.")
    private List<String> keys = List.of();

    RemoveCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        try (OpenMap<?, ?> map = OpenMap.open(directory)) {
            return remove(map);
        }
    }

    private <K, V> int remove(OpenMap<K, V> map) {
        List<K> unwanted = keys.stream().map(map.layout()::key).toList();
        int missing = 0;
        for (int i = 0; i < unwanted.size(); i++) {
            if (map.map().remove(unwanted.get(i)) == null) {
                missing++;
                session.message("sherd: no key " + Text.excerpt(keys.get(i)) + " in " + directory);
            }
        }
        map.map().force();
        return missing == 0 ? ExitCode.OK : ExitCode.NEGATIVE;
    }
}
