package io.sherd.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CsvImportTest {
    @TempDir
    Path folder;

    private Path map;

    @BeforeEach
    void nameMap() {
        map = folder.resolve("map");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Cli.Result importText(String text, Object... options) throws IOException {
        return importFile(file("rows.csv", text), options);
    }

    private Cli.Result importFile(Path file, Object... options) {
        Object[] words = new Object[options.length + 4];
        words[0] = "import";
        words[1] = file;
        words[2] = "--into";
        words[3] = map;
        System.arraycopy(options, 0, words, 4, options.length);
        return Cli.run(words);
    }

    private String export(Object... options) {
        Object[] words = new Object[options.length + 3];
        words[0] = "export";
        words[1] = map;
        words[2] = "--sorted";
        System.arraycopy(options, 0, words, 3, options.length);
        Cli.Result result = Cli.run(words);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.out();
    }

    private String types() throws IOException {
        Schema schema = SchemaFile.read(map);
        assertThat(schema).isNotNull();
        return String.join(
                " ",
                schema.columns().stream()
                        .map(column -> column.name() + ":" + column.type().label())
                        .toList());
    }

    private String keyType() throws IOException {
        Schema schema = SchemaFile.read(map);
        assertThat(schema).isNotNull();
        return schema.keyType().label();
    }

    @Test
    void givesBackWhatWasImported() throws IOException {
        String text = """
                id,name,price,open
                1,Ada,1.50,true
                2,"Grace ""Amazing"" Hopper",-0.0,false
                3,"two
                lines, and a comma",1e300,
                4,,,true
                5,"",007,
                6,Zürich 東京 \uD83C\uDFFA,12345678901234567890,
                """;
        Cli.Result result = importText(text, "--key", "id");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).isEmpty();
        assertThat(result.summary()).isEqualTo("imported 6 rows");
        assertThat(export()).isEqualTo(text);
        assertThat(types()).isEqualTo("id:int64 name:utf8 price:utf8 open:bool");
    }

    @Test
    void keepsExtremesOfIntegersAndTheTextOfNumbers() throws IOException {
        String text = """
                id,big,number
                -9223372036854775808,9223372036854775807,0.10
                0,-9223372036854775808,-0
                9223372036854775807,0,1E+2
                """;
        assertThat(importText(text, "--key", "id").exitCode()).isZero();
        assertThat(types()).isEqualTo("id:int64 big:int64 number:float64");
        assertThat(export()).isEqualTo(text);
        assertThat(export("--format", "jsonl")).isEqualTo("""
                {"id":-9223372036854775808,"big":9223372036854775807,"number":0.10}
                {"id":0,"big":-9223372036854775808,"number":-0}
                {"id":9223372036854775807,"big":0,"number":1E+2}
                """);
    }

    @Test
    void widensAColumnWithoutLosingTheRowsBefore() throws IOException {
        var text = new StringBuilder("id,v\n");
        for (int i = 1_000_000; i < 1_010_000; i++) {
            text.append(i).append(',').append(i).append('\n');
        }
        text.append("1010000,1.5\n1010001,x\n1010002,true\n");
        assertThat(importText(text.toString(), "--key", "id").exitCode()).isZero();
        assertThat(types()).isEqualTo("id:int64 v:utf8");
        assertThat(export()).isEqualTo(text.toString());
        assertThat(Cli.run("get", map, "1000000", "--json").out()).isEqualTo("{\"id\":1000000,\"v\":\"1000000\"}\n");
    }

    @Test
    void tellsNullFromTheEmptyString() throws IOException {
        String text = "id,a,b\n1,,\"\"\n";
        assertThat(importText(text, "--key", "id").exitCode()).isZero();
        assertThat(Cli.run("get", map, "1", "--json").out()).isEqualTo("{\"id\":1,\"a\":null,\"b\":\"\"}\n");
        assertThat(export()).isEqualTo(text);
    }

    @Test
    void anEmptyQuotedFieldAmongNumbersKeepsItsQuotesAndLeavesTheColumnNumeric() throws IOException {
        String text = "id,n\n1,5\n2,\"\"\n";
        assertThat(importText(text, "--key", "id").exitCode()).isZero();
        assertThat(types()).isEqualTo("id:int64 n:int64");
        assertThat(export()).isEqualTo(text);
        assertThat(Cli.run("get", map, "2", "--json").out()).isEqualTo("{\"id\":2,\"n\":null}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"01", "+1", "1.0", "9223372036854775808", "-0", "x", " 1"})
    void keysThatAreNotAllCanonicalIntegersAreText(String key) throws IOException {
        assertThat(importText("id,v\n1,a\n" + key + ",b\n", "--key", "id").exitCode())
                .isZero();
        assertThat(keyType()).isEqualTo("utf8");
        assertThat(Cli.run("scan", map).sortedLines()).containsExactlyInAnyOrder("1\ta", key + "\tb");
    }

    @Test
    void aLateKeyThatIsNoIntegerIsSeenBeforeTheMapIsMade() throws IOException {
        var text = new StringBuilder("id\n");
        for (int i = 0; i < 50_000; i++) {
            text.append(i).append('\n');
        }
        text.append("last\n");
        Cli.Result result = importText(text.toString(), "--key", "id");
        assertThat(result.summary()).isEqualTo("imported 50,001 rows");
        assertThat(keyType()).isEqualTo("utf8");
        assertThat(types()).isEqualTo("id:utf8");
    }

    @Test
    void theEmptyStringIsAKeyLikeAnother() throws IOException {
        String text = "id,v\n\"\",a\n1,b\n";
        assertThat(importText(text, "--key", "id").exitCode()).isZero();
        assertThat(export()).isEqualTo(text);
        assertThat(Cli.run("get", map, "", "--json").out()).isEqualTo("{\"id\":\"\",\"v\":\"a\"}\n");
    }

    @Test
    void aGivenKeyTypeRejectsOtherKeys() throws IOException {
        Cli.Result result = importText("id,v\n1,a\nx,b\n", "--key", "id", "--key-type", "int64", "--on-error", "skip");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.messages())
                .containsExactly(folder.resolve("rows.csv") + ":3: column id is int64, and this is not: \"x\"");
    }

    @Test
    void uuidKeys() throws IOException {
        Cli.Result result = importText(
                "id,v\n00000000-0000-0000-0000-00000000000a,a\nnone,b\n",
                "--key",
                "id",
                "--key-type",
                "uuid",
                "--on-error",
                "skip");
        assertThat(result.messages())
                .containsExactly(
                        folder.resolve("rows.csv") + ":3: the keys of the map are uuid, and this is not: \"none\"");
        assertThat(Cli.run("get", map, "00000000-0000-0000-0000-00000000000a", "--json")
                        .out())
                .isEqualTo("{\"id\":\"00000000-0000-0000-0000-00000000000a\",\"v\":\"a\"}\n");
    }

    @Test
    void theLastOfEqualKeysWinsAndIsCounted() throws IOException {
        Cli.Result result = importText("id,v\n1,a\n2,b\n1,c\n1,d\n", "--key", "id");
        assertThat(result.exitCode()).isZero();
        assertThat(result.summary()).isEqualTo("imported 4 rows; replaced 2 rows by a later one with the same key");
        assertThat(export()).isEqualTo("id,v\n1,d\n2,b\n");
    }

    @Test
    void equalKeysCanBeRejected() throws IOException {
        Cli.Result result =
                importText("id,v\n1,a\n2,b\n1,c\n", "--key", "id", "--on-duplicate", "reject", "--on-error", "skip");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.messages())
                .containsExactly(folder.resolve("rows.csv") + ":4: the key is in the map already: \"1\"");
        assertThat(result.summary()).isEqualTo("imported 2 rows; rejected 1 row");
        assertThat(export()).isEqualTo("id,v\n1,a\n2,b\n");
    }

    @Test
    void badRowsAreReportedWithTheLinesTheyBeginOn() throws IOException {
        Cli.Result result = importText("""
                id,v
                1,"a
                b
                c"
                2
                3,d,e

                ,f
                4,g
                """, "--key", "id", "--on-error", "skip");
        String file = folder.resolve("rows.csv").toString();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.messages())
                .containsExactly(
                        file + ":5: 1 field, and the header has 2",
                        file + ":6: 3 fields, and the header has 2",
                        file + ":8: the key is empty (column id)");
        assertThat(result.summary()).isEqualTo("imported 2 rows; rejected 3 rows");
        assertThat(export()).isEqualTo("id,v\n1,\"a\nb\nc\"\n4,g\n");
    }

    @Test
    void stopsAtTheFirstBadRowUnlessToldOtherwise() throws IOException {
        Cli.Result result = importText("id,v\n1,a\n2\n3,c\n4\n", "--key", "id");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.messages())
                .containsExactly(
                        folder.resolve("rows.csv") + ":3: 1 field, and the header has 2",
                        "sherd: stopped at the first row that does not fit; --on-error skip goes on with the others.");
        assertThat(export()).isEqualTo("id,v\n1,a\n");
    }

    @Test
    void stopsAtTheLimitOfBadRows() throws IOException {
        Cli.Result result =
                importText("id,v\n1,a\n2\n3\n4\n5,e\n", "--key", "id", "--on-error", "skip", "--limit-errors", 2);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.messages()).hasSize(3).last().asString().contains("stopped at 2 rejected rows");
        assertThat(export()).isEqualTo("id,v\n1,a\n");
    }

    @Test
    void aRejectedRowDoesNotWidenAColumn() throws IOException {
        importText("id,v,w\n1,5,\n2,text\n3,text,w,x\n,text,\n", "--key", "id", "--on-error", "skip");
        assertThat(types()).isEqualTo("id:int64 v:int64 w:null");
    }

    @Test
    void anUnclosedQuoteEndsTheImportAfterTheRowsBefore() throws IOException {
        Cli.Result result = importText("id,v\n1,a\n2,\"b\n3,c\n", "--key", "id", "--on-error", "skip");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.messages())
                .containsExactly("sherd: " + folder.resolve("rows.csv")
                        + ":3: a field opens with a quote that is never closed. Where the next row begins cannot be"
                        + " known; mend the quotes and import again.");
        assertThat(export()).isEqualTo("id,v\n1,a\n");
    }

    @Test
    void textAfterAQuoteEndsTheImport() throws IOException {
        Cli.Result result = importText("id,v\n1,\"a\"b\n", "--key", "id");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains(":2: text follows a closing quote; inside quotes a quote is written twice");
    }

    @Test
    void byteOrderMarkAndCarriageReturns() throws IOException {
        importText("\uFEFF\"id\",v\r\n1,a\r\n2,\"b\r\nc\"\r\n", "--key", "id");
        assertThat(export()).isEqualTo("id,v\n1,a\n2,\"b\r\nc\"\n");
    }

    @Test
    void compressedFiles() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write("id,v\n1,a\n".getBytes(UTF_8));
        }
        Path file = Files.write(folder.resolve("rows.csv.gz"), bytes.toByteArray());
        assertThat(importFile(file, "--key", "id").exitCode()).isZero();
        assertThat(export()).isEqualTo("id,v\n1,a\n");
        Path cut = Files.write(
                folder.resolve("cut.csv.gz"), java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() - 9));
        map = folder.resolve("other");
        Cli.Result result = importFile(cut, "--key", "id");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("the compressed data is damaged or cut short");
    }

    @Test
    void standardInput() throws IOException {
        Cli.Result result = Cli.runWith("id,v\n1,a\n2\n", "import", "-", "--key", "id", "--into", map);
        assertThat(result.messages()).first().isEqualTo("standard input:3: 1 field, and the header has 2");
        assertThat(export()).isEqualTo("id,v\n1,a\n");
        assertThat(keyType()).isEqualTo("int64");
    }

    @Test
    void aLongStreamKeepsAnyKeyThatComesLate() throws IOException {
        var text = new StringBuilder("id,v\n");
        int rows = 500_000;
        for (int i = 0; i < rows; i++) {
            text.append(i).append(",some text\n");
        }
        text.append("last,one\n");
        Cli.Result result = Cli.runWith(text.toString(), "import", "-", "--key", "id", "--into", map);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.summary()).isEqualTo("imported 500,001 rows");
        assertThat(keyType()).isEqualTo("utf8");
        assertThat(Cli.run("get", map, "last", "499999", "--json").out())
                .isEqualTo("{\"id\":\"last\",\"v\":\"one\"}\n{\"id\":\"499999\",\"v\":\"some text\"}\n");
    }

    @Test
    void bytesThatAreNoUtf8EndTheImportWithTheirLine() throws IOException {
        Path file = Files.write(
                folder.resolve("latin.csv"), "id,v\n1,a\n2,Zürich\n".getBytes(Charset.forName("windows-1252")));
        Cli.Result result = importFile(file, "--key", "id");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.messages())
                .containsExactly("sherd: " + file + ":3: byte 12 of the text does not fit the encoding UTF-8; give the"
                        + " file's own with --encoding, as in --encoding windows-1252.");
        assertThat(importFile(file, "--key", "id", "--encoding", "windows-1252").exitCode())
                .isZero();
        assertThat(export()).isEqualTo("id,v\n1,a\n2,Zürich\n");
    }

    @Test
    void otherDelimiters() throws IOException {
        importText("id;v\n1;a,b\n", "--key", "id", "--delimiter", ";");
        assertThat(export()).isEqualTo("id,v\n1,\"a,b\"\n");
        map = folder.resolve("tabs");
        importFile(file("rows.tsv", "id\tv\n1\ta,b\n"), "--key", "id");
        assertThat(export()).isEqualTo("id,v\n1,\"a,b\"\n");
        assertThat(importText("id\n", "--key", "id", "--delimiter", "::").err())
                .isEqualTo(
                        "sherd: --delimiter \"::\": one character is needed, other than a quote or a line end; or the"
                                + " word tab.\n");
    }

    @Test
    void givenTypesAreBinding() throws IOException {
        Cli.Result result = importText(
                "id,zip,n\n1,123,1\n2,99999,x\n", "--key", "id", "--types", "zip=utf8,n=int64", "--on-error", "skip");
        assertThat(result.messages())
                .containsExactly(folder.resolve("rows.csv") + ":3: column n is int64, and this is not: \"x\"");
        assertThat(types()).isEqualTo("id:int64 zip:utf8 n:int64");
        assertThat(Cli.run("get", map, "1", "--json").out()).isEqualTo("{\"id\":1,\"zip\":\"123\",\"n\":1}\n");
    }

    @Test
    void jsonColumnsInCsv() throws IOException {
        String text = "id,v\n1,\"{\"\"a\"\": [1, 2]}\"\n2,\"\"\"text\"\"\"\n3,null\n4,\n5,1.50\n";
        assertThat(importText(text, "--key", "id", "--types", "v=json").exitCode())
                .isZero();
        assertThat(export()).isEqualTo(text);
        assertThat(export("--format", "jsonl")).isEqualTo("""
                {"id":1,"v":{"a": [1, 2]}}
                {"id":2,"v":"text"}
                {"id":3,"v":null}
                {"id":4}
                {"id":5,"v":1.50}
                """);
    }

    @Test
    void addsToAMapWithTheSameColumnsInAnyOrder() throws IOException {
        importText("id,a,b\n1,x,5\n2,y,6\n", "--key", "id");
        Cli.Result result = importFile(file("more.csv", "b,id,a\n7,2,z\n8,3,w\n"));
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.summary()).isEqualTo("imported 2 rows; replaced 1 row by a later one with the same key");
        assertThat(export()).isEqualTo("id,a,b\n1,x,5\n2,z,7\n3,w,8\n");
    }

    @Test
    void refusesOtherColumns() throws IOException {
        importText("id,a,b\n1,x,5\n", "--key", "id");
        Path other = file("other.csv", "id,a,c\n1,x,5\n");
        Cli.Result result = importFile(other);
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo("sherd: " + other + " does not fit the map, whose columns are id, a, b. Not in the map: c."
                        + " Not in the file: b. Import the file into a map of its own, or give it the same columns.\n");
        assertThat(export()).isEqualTo("id,a,b\n1,x,5\n");
    }

    @Test
    void theTypesOfAMapAreBindingUntilWidened() throws IOException {
        importText("id,n,never\n1,5,\n", "--key", "id");
        Path text = file("text.csv", "id,n,never\n2,x,1\n");
        assertThat(importFile(text).messages())
                .first()
                .asString()
                .endsWith(":2: column n is int64, and this is not: \"x\"");
        assertThat(importFile(text, "--types", "n=utf8").exitCode()).isZero();
        assertThat(types()).isEqualTo("id:int64 n:utf8 never:int64");
        assertThat(export("--format", "jsonl")).isEqualTo("""
                {"id":1,"n":"5","never":null}
                {"id":2,"n":"x","never":1}
                """);
        assertThat(importFile(text, "--types", "n=int64").err())
                .isEqualTo(
                        "sherd: --types n=int64: the column is utf8 in the map, which cannot become int64; export the"
                                + " map and import it into a new one.\n");
    }

    @Test
    void headersThatCannotBeColumns() throws IOException {
        assertThat(importText("id,a,a\n", "--key", "id").err())
                .isEqualTo("sherd: " + folder.resolve("rows.csv")
                        + ":1: two columns are named \"a\"; rename one of them.\n");
        assertThat(importText("", "--key", "id").err())
                .isEqualTo(
                        "sherd: " + folder.resolve("rows.csv") + " is empty: the first line must name the columns.\n");
        Cli.Result noKey = importText("a,b\n", "--key", "id");
        assertThat(noKey.exitCode()).isEqualTo(2);
        assertThat(noKey.err())
                .isEqualTo("sherd: --key id: " + folder.resolve("rows.csv") + " has no such column; it has a, b.\n");
        assertThat(Files.exists(map)).isFalse();
    }

    @Test
    void aHeaderAloneMakesAnEmptyMap() throws IOException {
        assertThat(importText("id,a\n", "--key", "id").exitCode()).isZero();
        assertThat(export()).isEqualTo("id,a\n");
        assertThat(importText("id,a\nx,1\n").exitCode()).isZero();
        assertThat(export()).isEqualTo("id,a\nx,1\n");
    }

    @Test
    void aKeyInTheMiddleAndOddNames() throws IOException {
        String text = "\"a,\"\"b\"\"\",key column,\n1,k,2\n";
        assertThat(importText(text, "--key", "key column").exitCode()).isZero();
        assertThat(export()).isEqualTo(text);
        assertThat(Cli.run("get", map, "k", "--json").out())
                .isEqualTo("{\"a,\\\"b\\\"\":1,\"key column\":\"k\",\"\":2}\n");
    }

    @Test
    void keysBeyondTheLimitAreRejected() throws IOException {
        String longest = "k".repeat(64 << 10);
        Cli.Result result =
                importText("id,v\n" + longest + ",a\n" + longest + "k,b\n", "--key", "id", "--on-error", "skip");
        assertThat(result.messages())
                .containsExactly(folder.resolve("rows.csv") + ":3: the key has 65537 bytes, and 65536 are allowed");
        assertThat(Cli.run("get", map, longest, "--json").out()).endsWith("\"v\":\"a\"}\n");
    }

    @Test
    void manyRowsAndColumnsRoundTrip() throws IOException {
        var random = new java.util.Random(7);
        String alphabet = "ab,\"\n\r\tü東\uD83C\uDFFA 01.-e";
        var rows = new java.util.ArrayList<String>();
        var header = new StringBuilder("id");
        for (int column = 0; column < 40; column++) {
            header.append(",c").append(column);
        }
        for (int i = 0; i < 3000; i++) {
            var row = new StringBuilder().append(100_000 + i);
            for (int column = 0; column < 40; column++) {
                row.append(',');
                if (random.nextInt(4) > 0) {
                    int length = random.nextInt(6);
                    var field = new StringBuilder();
                    while (field.length() < length) {
                        field.appendCodePoint(alphabet.codePointAt(alphabet.offsetByCodePoints(
                                0, random.nextInt(alphabet.codePointCount(0, alphabet.length())))));
                    }
                    boolean quotes = field.isEmpty() || field.chars().anyMatch(c -> ",\"\n\r".indexOf(c) >= 0);
                    row.append(quotes ? '"' + field.toString().replace("\"", "\"\"") + '"' : field);
                }
            }
            rows.add(row.toString());
        }
        String text = header + "\n" + String.join("\n", rows) + "\n";
        assertThat(importText(text, "--key", "id").exitCode()).isZero();
        assertThat(export()).isEqualTo(text);
        // through the other format, and back
        Path json = folder.resolve("rows.jsonl");
        assertThat(Cli.run("export", map, "--out", json).exitCode()).isZero();
        map = folder.resolve("again");
        Cli.Result again = importFile(json, "--key", "id");
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(export()).isEqualTo(text);
    }

    @Test
    void aStreamMayComeInSmallSteps() {
        var slow = new ByteArrayInputStream("id,v\n1,a\n".getBytes(UTF_8)) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1));
            }
        };
        assertThat(Cli.runWith(slow, "import", "-", "--key", "id", "--into", map)
                        .exitCode())
                .isZero();
        assertThat(Cli.run("scan", map).out()).isEqualTo("1\ta\n");
    }

    @Test
    void usageOfImport() throws IOException {
        Path rows = file("rows.csv", "id\n1\n");
        assertThat(List.of(
                        Cli.run("import", rows, "--into", map).err(),
                        Cli.run("import", folder.resolve("none.csv"), "--key", "id", "--into", map)
                                .err(),
                        Cli.run("import", folder, "--key", "id", "--into", map).err(),
                        Cli.run("import", rows, "--key", "id", "--types", "id=int64", "--into", map)
                                .err(),
                        Cli.run("import", rows, "--key", "id", "--types", "a=number", "--into", map)
                                .err(),
                        Cli.run("import", rows, "--key", "id", "--types", "a=utf8", "--into", map)
                                .err(),
                        Cli.run("import", rows, "--key", "id", "--key-type", "text", "--into", map)
                                .err(),
                        Cli.run("import", rows, "--key", "id", "--limit-errors", "0", "--into", map)
                                .err()))
                .containsExactly(
                        "sherd: --key is needed to make a map: the name of the column that tells rows apart.\n",
                        "sherd: there is no file " + folder.resolve("none.csv") + ".\n",
                        "sherd: " + folder + " is a directory; a file is needed, or - for the standard input.\n",
                        "sherd: --types id=int64: the type of the key is given with --key-type.\n",
                        "sherd: --types a=number: there is no such type; there are bool, int64, float64, utf8 and json.\n",
                        "sherd: --types names column a, and " + rows + " has no such column; it has id.\n",
                        "sherd: --key-type text: there is no such type for keys; there are int64, utf8, uuid.\n",
                        "sherd: --limit-errors is 0; it must be 1 or more.\n");
        assertThat(Files.exists(map)).isFalse();
    }
}
