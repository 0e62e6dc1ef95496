package io.sherd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code get}, {@code put}, {@code remove}, {@code scan} and {@code stats} on a map of rows. */
final class LookupTest {
    @TempDir
    Path folder;

    private Path map;

    @BeforeEach
    void importRows() throws IOException {
        map = folder.resolve("map");
        Path rows = Files.writeString(folder.resolve("rows.csv"), """
                code,name,people,open
                CH-1,Zürich,443037,true
                CH-2,Genève,203856,false
                IS-1,Reykjavík,,true
                IS-2,"tab	and
                line",5,
                """);
        assertThat(Cli.run("import", rows, "--key", "code", "--into", map).exitCode())
                .isZero();
    }

    @Test
    void getPrintsColumns() {
        Cli.Result result = Cli.run("get", map, "CH-1");
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("""
                code    CH-1
                name    Zürich
                people  443037
                open    true
                """);
    }

    @Test
    void getPrintsSeveralRowsInTheOrderOfTheKeys() {
        assertThat(Cli.run("get", map, "IS-1", "CH-2").out()).isEqualTo("""
                code    IS-1
                name    Reykjavík
                people
                open    true

                code    CH-2
                name    Genève
                people  203856
                open    false
                """);
    }

    @Test
    void getSaysWhatIsMissing() {
        Cli.Result result = Cli.run("get", map, "nope", "CH-1", "CH-\u0007", "--json");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEqualTo("{\"code\":\"CH-1\",\"name\":\"Zürich\",\"people\":443037,\"open\":true}\n");
        assertThat(result.err())
                .isEqualTo("sherd: no key \"nope\" in " + map + "\nsherd: no key \"CH-\\u0007\" in " + map + "\n");
    }

    @Test
    void putReplacesTheRow() {
        Cli.Result result = Cli.run("put", map, "CH-1", "{\"name\": \"Züri\", \"people\": null}");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).isEmpty();
        assertThat(Cli.run("get", map, "CH-1", "--json").out())
                .isEqualTo("{\"code\":\"CH-1\",\"name\":\"Züri\",\"people\":null}\n");
    }

    @Test
    void putSetsColumns() {
        assertThat(Cli.run("put", map, "CH-1", "--set", "people=7", "--set", "name=a=b, c")
                        .exitCode())
                .isZero();
        assertThat(Cli.run("put", map, "new", "--set", "name=", "--set", "people=")
                        .exitCode())
                .isZero();
        assertThat(Cli.run("get", map, "CH-1", "new", "--json").out()).isEqualTo("""
                        {"code":"CH-1","name":"a=b, c","people":7,"open":true}
                        {"code":"new","name":"","people":null}
                        """);
    }

    @Test
    void putRefusesWhatDoesNotFit() {
        String before = Cli.run("export", map, "--sorted").out();
        assertThat(Cli.run("put", map, "CH-1", "--set", "people=many").err())
                .isEqualTo("sherd: --set people=: column people is int64, and this is not: \"many\".\n");
        assertThat(Cli.run("put", map, "CH-1", "--set", "size=1").err())
                .isEqualTo("sherd: --set size=: there is no column size; the columns are code, name, people, open.\n");
        assertThat(Cli.run("put", map, "CH-1", "--set", "code=1").err())
                .isEqualTo("sherd: --set code=: column code is the key; put a row under the other key, and remove this"
                        + " one.\n");
        assertThat(Cli.run("put", map, "CH-1", "{\"people\": \"7\"}").err())
                .startsWith("sherd: value: column people is int64, and this is not: \"7\".");
        assertThat(Cli.run("put", map, "CH-1", "{\"code\": \"CH-2\"}").err())
                .startsWith("sherd: value: field code is the key, and differs from the key that was given.");
        assertThat(Cli.run("put", map, "CH-1", "Zürich").err()).startsWith("sherd: value: not JSON: ");
        assertThat(Cli.run("put", map, "CH-1").err())
                .isEqualTo("sherd: nothing to write: give a VALUE, or columns with --set COLUMN=VALUE.\n");
        assertThat(Cli.run("put", map, "CH-1", "{}", "--set", "people=1").err())
                .isEqualTo("sherd: both a VALUE and --set were given; a VALUE is the whole row, so give one of the"
                        + " two.\n");
        assertThat(Cli.run("export", map, "--sorted").out()).isEqualTo(before);
    }

    @Test
    void removeRemoves() {
        Cli.Result result = Cli.run("remove", map, "CH-1", "nope", "IS-2");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isEqualTo("sherd: no key \"nope\" in " + map + "\n");
        assertThat(Cli.run("scan", map, "--keys-only", "--sorted").out()).isEqualTo("CH-2\nIS-1\n");
    }

    @Test
    void scanPrintsOneLineForEachEntry() {
        assertThat(Cli.run("scan", map, "--sorted").out()).isEqualTo("""
                        CH-1\tZürich\t443037\ttrue
                        CH-2\tGenève\t203856\tfalse
                        IS-1\tReykjavík\t\ttrue
                        IS-2\ttab\\tand\\nline\t5\t
                        """);
        assertThat(Cli.run("scan", map, "--prefix", "IS-").sortedLines())
                .containsExactly("IS-1\tReykjavík\t\ttrue", "IS-2\ttab\\tand\\nline\t5\t");
        assertThat(Cli.run("scan", map, "--prefix", "IS-", "--keys-only", "--json")
                        .sortedLines())
                .containsExactly("\"IS-1\"", "\"IS-2\"");
        assertThat(Cli.run("scan", map, "--limit", "3").sortedLines()).hasSize(3);
        assertThat(Cli.run("scan", map, "--limit", "0").out()).isEmpty();
        assertThat(Cli.run("scan", map, "--sorted", "--limit", "1", "--prefix", "IS")
                        .out())
                .isEqualTo("IS-1\tReykjavík\t\ttrue\n");
        assertThat(Cli.run("scan", map, "--prefix", "none").exitCode()).isZero();
        assertThat(Cli.run("scan", map, "--limit", "-1").err())
                .isEqualTo("sherd: --limit is -1; it must be 0 or more.\n");
        assertThat(Cli.run("scan", map, "--json", "--prefix", "CH-1").out())
                .isEqualTo("{\"code\":\"CH-1\",\"name\":\"Zürich\",\"people\":443037,\"open\":true}\n");
    }

    @Test
    void statsForPeople() {
        assertThat(Cli.run("stats", map).out().lines().map(line -> line.split(" +", 2)[0]))
                .containsExactly(
                        "map", "entries", "keys", "values", "shards", "load", "index", "files", "live", "dead");
        assertThat(Cli.run("stats", map).out())
                .contains(
                        "entries  4\n",
                        "keys     utf8, column code\n",
                        "values   rows of code utf8, name utf8, people int64, open bool\n");
    }

    @Test
    void statsForPrograms() throws Json.JsonProblem {
        var names = new java.util.ArrayList<String>();
        Json.readObject(Cli.run("stats", map, "--json").out(), (name, value, type) -> names.add(name));
        assertThat(names)
                .containsExactly(
                        "map",
                        "entries",
                        "keyType",
                        "valueType",
                        "key",
                        "columns",
                        "shards",
                        "maxShards",
                        "load",
                        "indexBytes",
                        "files",
                        "fileBytes",
                        "liveBytes",
                        "deadBytes");
    }

    @Test
    void verifyFindsNothing() {
        Cli.Result result = Cli.run("verify", map);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).matches(Pattern.quote(map.toString()) + ": 4 entries in \\d+ bytes, no damage\n");
        assertThat(Cli.run("verify", map, "--quiet").out()).isEmpty();
    }

    @Test
    void exportToAFileIsWholeOrNothing() throws IOException {
        Path file = folder.resolve("out.csv");
        Files.writeString(file, "before");
        Cli.Result result = Cli.run("export", map, "--out", file, "--sorted");
        assertThat(result.err()).isEqualTo("exported 4 entries to " + file + "\n");
        assertThat(result.out()).isEmpty();
        assertThat(Files.readString(file))
                .isEqualTo(Cli.run("export", map, "--sorted").out());
        assertThat(Cli.run("export", map, "--out", folder.resolve("none/out.csv"))
                        .err())
                .isEqualTo("sherd: --out " + folder.resolve("none/out.csv") + ": there is no directory "
                        + folder.resolve("none") + ".\n");
        assertThat(Cli.run("export", map, "--out", folder).exitCode()).isEqualTo(3);
        try (var files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("map", "rows.csv", "out.csv");
        }
    }

    @Test
    void exportCompressedAndBack() {
        Path file = folder.resolve("out.jsonl.gz");
        assertThat(Cli.run("export", map, "--out", file).exitCode()).isZero();
        Path again = folder.resolve("again");
        assertThat(Cli.run("import", file, "--key", "code", "--into", again).exitCode())
                .isZero();
        assertThat(Cli.run("export", again, "--sorted").out())
                .isEqualTo(Cli.run("export", map, "--sorted").out());
    }
}
