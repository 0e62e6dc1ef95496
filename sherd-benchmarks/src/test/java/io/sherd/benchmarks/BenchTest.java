package io.sherd.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BenchTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int bench(String... arguments) {
        CommandLine command = Bench.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        return command.execute(arguments);
    }

    @Test
    void rendersRowsOfAFile() throws IOException {
        Path file = folder.resolve("rows.json");
        RowFile.write(
                file,
                List.of(
                        Row.of(RowsTest.key("get-hit", "Sherd", "Mops/s"), List.of(3.0)),
                        Row.of(RowsTest.key("get-hit", "ConcurrentHashMap", "Mops/s"), List.of(2.0))));

        assertThat(bench("table", file.toString())).isZero();
        assertThat(out.toString()).contains("| 1.50 |").contains("ok");
        assertThat(bench("table", folder.resolve("none.json").toString())).isEqualTo(1);
        assertThat(err.toString()).contains("none.json");
    }

    @ParameterizedTest
    @CsvSource({
        "heap, --workloads, get-hits, 'workloads: get-hits given, but one of [insert, get-hit'",
        "heap, --systems, Caffein, 'systems: Caffein given'",
        "heap, --gc, G2, 'gc: G2 given, but one of [G1, Parallel'",
        "disk, --keys, int, 'keys: int given, but one of [long, string24] is wanted'",
        "disk, --entries, 1.5, 'entries: 1.5 given'",
        "durable, --threads, 0, 'threads: 0 given'",
        "disk, --rounds, 0, 'rounds: 0 given'",
    })
    void refusesWhatItDoesNotKnow(String suite, String option, String value, String message) {
        assertThat(bench(suite, option, value)).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    @Test
    void everySuiteNamesItsWorkloadsInItsHelp() {
        for (String suite : List.of("heap", "disk", "durable")) {
            assertThat(bench(suite, "--help")).isZero();
        }
        assertThat(out.toString())
                .contains("get-hit-zipf")
                .contains("get-all-16")
                .contains("durable-put");
    }
}
