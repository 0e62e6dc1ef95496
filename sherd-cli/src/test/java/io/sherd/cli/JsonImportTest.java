package io.sherd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JsonImportTest {
    @TempDir
    Path folder;

    private Path map;
    private Path rows;

    @BeforeEach
    void nameFiles() {
        map = folder.resolve("map");
        rows = folder.resolve("rows.jsonl");
    }

    private Cli.Result importText(String text, Object... options) throws IOException {
        Files.writeString(rows, text);
        Object[] words = new Object[options.length + 4];
        words[0] = "import";
        words[1] = rows;
        words[2] = "--into";
        words[3] = map;
        System.arraycopy(options, 0, words, 4, options.length);
        return Cli.run(words);
    }

    private String export(String format) {
        Cli.Result result = Cli.run("export", map, "--sorted", "--format", format);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.out();
    }

    @Test
    void givesBackTheSameObjects() throws IOException {
        String text = """
                {"id":"a","n":1,"s":"x","b":true,"list":[1, {"k": null}],"z":null}
                {"id":"b","n":12345678901234567890,"s":"","b":"yes"}
                {"id":"c","late":{"deep":[]},"n":1.10}
                {"id":"d"}
                {"id":"e","s":"tab\\t \\"quote\\" \\\\ \\u0007 Zürich 東京 \uD83C\uDFFA"}
                {"id":"f","n":"1","late":-0}
                """;
        Cli.Result result = importText(text, "--key", "id");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(export("jsonl").lines().toList())
                .containsExactlyElementsOf(
                        text.replace(",\"late\":{\"deep\":[]},\"n\":1.10", ",\"n\":1.10,\"late\":{\"deep\":[]}")
                                .lines()
                                .toList());
        assertThat(Cli.run("stats", map, "--json").out())
                .contains("{\"name\":\"n\",\"type\":\"json\"},{\"name\":\"s\",\"type\":\"utf8\"},"
                        + "{\"name\":\"b\",\"type\":\"json\"},{\"name\":\"list\",\"type\":\"json\"},"
                        + "{\"name\":\"z\",\"type\":\"null\"},{\"name\":\"late\",\"type\":\"json\"}");
    }

    @Test
    void jsonColumnsSurviveCsv() throws IOException {
        String text = """
                {"id":1,"v":[1,"a,b"]}
                {"id":2,"v":"1"}
                {"id":3,"v":1}
                {"id":4,"v":null}
                {"id":5}
                """;
        importText(text, "--key", "id");
        Path csv = folder.resolve("rows.csv");
        assertThat(Cli.run("export", map, "--out", csv).exitCode()).isZero();
        map = folder.resolve("again");
        assertThat(Cli.run("import", csv, "--key", "id", "--types", "v=json", "--into", map)
                        .exitCode())
                .isZero();
        assertThat(export("jsonl")).isEqualTo(text);
    }

    @Test
    void badLinesAreReported() throws IOException {
        Cli.Result result = importText("""
                {"id":1,"v":2}

                {"id":2,"v":
                [1,2]
                {"id":3,"v":1,"v":2}
                {"v":4}
                {"id":null}
                {"id":true}
                {"id":"5"}
                {"id":6} x
                {"id":7,"v":"\\ud800"}
                {"id":8,"phantom":1} 9
                {"id":1,"v":5}
                """, "--key", "id", "--on-error", "skip");
        assertThat(result.exitCode()).isEqualTo(1);
        String file = rows.toString();
        assertThat(result.messages())
                .containsExactly(
                        file + ":3: not JSON: Unexpected end-of-input within/between Object entries, at column 13",
                        file + ":4: a JSON object is needed, {\"name\": value, …}, and this is an array",
                        file + ":5: not JSON: Duplicate Object property \"v\", at column 18",
                        file + ":6: the object has no field id, which is the key",
                        file + ":7: the key (field id) must be a string or a number, and this is not: null",
                        file + ":8: the key (field id) must be a string or a number, and this is not: true",
                        file + ":9: column id is int64, and this is not: \"5\"",
                        file
                                + ":10: not JSON: Unrecognized token 'x': was expecting (JSON String, Number, Array, Object"
                                + " or token 'null', 'true' or 'false'), at column 10",
                        file + ":11: a string holds half of a surrogate pair, which is no character",
                        file + ":12: something follows the JSON value, at column 22");
        assertThat(result.summary())
                .isEqualTo("imported 2 rows; rejected 10 rows; replaced 1 row by a later one with the same key");
        assertThat(export("jsonl")).isEqualTo("{\"id\":1,\"v\":5}\n");
    }

    @Test
    void keysAreOfOneKind() throws IOException {
        Cli.Result result = importText("{\"id\":\"a\"}\n{\"id\":1}\n", "--key", "id", "--on-error", "skip");
        assertThat(result.messages())
                .containsExactly(rows + ":2: the key (field id) is a number here and a string in other rows: 1");
    }

    @Test
    void textKeysOfDigitsStayText() throws IOException {
        importText("{\"id\":\"1\",\"v\":2}\n", "--key", "id");
        assertThat(export("jsonl")).isEqualTo("{\"id\":\"1\",\"v\":2}\n");
        assertThat(Cli.run("get", map, "1").out()).isEqualTo("id  1\nv   2\n");
    }

    @Test
    void numberKeysKeepTheirText() throws IOException {
        String text = "{\"id\":1.50,\"v\":2}\n{\"id\":18446744073709551615,\"v\":3}\n";
        importText(text, "--key", "id");
        assertThat(export("jsonl")).isEqualTo(text);
    }

    @Test
    void addsNewFieldsToAMapButKeepsItsTypes() throws IOException {
        importText("{\"id\":1,\"v\":2}\n", "--key", "id");
        Cli.Result result = importText("{\"id\":2,\"w\":\"x\"}\n{\"id\":3,\"v\":\"text\"}\n", "--on-error", "skip");
        assertThat(result.messages()).containsExactly(rows + ":2: column v is int64, and this is not: \"text\"");
        assertThat(export("jsonl")).isEqualTo("{\"id\":1,\"v\":2}\n{\"id\":2,\"w\":\"x\"}\n");
        assertThat(export("csv")).isEqualTo("id,v,w\n1,2,\n2,,x\n");
    }

    @Test
    void aKeyThatComesLastInEveryObject() throws IOException {
        importText("{\"bad\":1}\n{\"v\":1,\"id\":\"k\"}\n", "--key", "id", "--on-error", "skip");
        assertThat(export("csv")).isEqualTo("v,id\n1,k\n");
    }

    @Test
    void noLinesMakeAnEmptyMap() throws IOException {
        assertThat(importText("\n", "--key", "id").exitCode()).isZero();
        assertThat(export("csv")).isEqualTo("id\n");
        assertThat(importText("{\"id\":1,\"v\":true}\n").exitCode()).isZero();
        assertThat(export("csv")).isEqualTo("id,v\n1,true\n");
    }

    @Test
    void veryLongAndVeryDeepValues() throws IOException {
        String text =
                "{\"id\":1,\"v\":\"" + "x".repeat(5_000_000) + "\",\"w\":" + "[".repeat(900) + "]".repeat(900) + "}\n";
        assertThat(importText(text, "--key", "id").exitCode()).isZero();
        assertThat(export("jsonl")).isEqualTo(text);
    }

    @Test
    void theInputCanBeAStream() throws IOException {
        assertThat(Cli.runWith("{\"id\":1}\n", "import", "-", "--format", "jsonl", "--key", "id", "--into", map)
                        .exitCode())
                .isZero();
        assertThat(export("jsonl")).isEqualTo("{\"id\":1}\n");
    }
}
