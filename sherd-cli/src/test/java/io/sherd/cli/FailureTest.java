package io.sherd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FailureTest {
    @TempDir
    Path folder;

    private Path map;

    @BeforeEach
    void importRows() {
        map = folder.resolve("map");
        Cli.Result result = Cli.runWith("id,v\n1,a\n2,b\n", "import", "-", "--key", "id", "--into", map);
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void noMap() {
        Path none = folder.resolve("none");
        Cli.Result result = Cli.run("get", none, "1");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .isEqualTo("sherd: there is no map at " + none + ", and no such directory. Make one with: sherd import"
                        + " FILE --key COLUMN --into " + none + "\n");
        assertThat(Files.exists(none)).isFalse();
        assertThat(Cli.run("stats", folder).err()).startsWith("sherd: there is no map at " + folder + ". Make one");
    }

    @Test
    void aMapThatIsOpenElsewhere() {
        try (DiskMap<Long, Row> open =
                DiskMap.builder(Codecs.int64(), Row.CODEC).open(map)) {
            Cli.Result result = Cli.run("get", map, "1");
            assertThat(result.exitCode()).isEqualTo(4);
            assertThat(result.err())
                    .startsWith("sherd: ")
                    .contains(
                            open.path().toString(),
                            "pid " + ProcessHandle.current().pid());
            assertThat(Cli.runWith("id,v\n3,c\n", "import", "-", "--into", map).exitCode())
                    .isEqualTo(4);
        }
        assertThat(Cli.run("get", map, "1").exitCode()).isZero();
    }

    @Test
    void aMissingSchema() throws IOException {
        Files.delete(map.resolve(SchemaFile.NAME));
        Cli.Result result = Cli.run("get", map, "1");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo("sherd: " + map.resolve(SchemaFile.NAME) + " is missing, which says what the columns of this"
                        + " map are. Restore it; or, if an import was stopped before its first row, import again.\n");
        assertThat(Cli.runWith("id,v\n3,c\n", "import", "-", "--key", "id", "--into", map)
                        .exitCode())
                .isEqualTo(1);
    }

    @Test
    void anImportThatEndedBeforeItsSchemaCanBeRepeated() {
        Path early = folder.resolve("early");
        DiskMap.builder(Codecs.int64(), Row.CODEC).open(early).close();
        Cli.Result result = Cli.runWith("id,v\n3,c\n", "import", "-", "--key", "id", "--into", early);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(Cli.run("scan", early).out()).isEqualTo("3\tc\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"format\": 1}",
                "{\"format\":1,\"key\":\"x\",\"keyType\":\"int64\",\"columns\":[]}"
            })
    void aDamagedSchema(String text) throws IOException {
        Files.writeString(map.resolve(SchemaFile.NAME), text);
        Cli.Result result = Cli.run("get", map, "1");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("sherd: " + map.resolve(SchemaFile.NAME) + " is damaged: ");
    }

    @Test
    void aSchemaOfALaterVersion() throws IOException {
        Path schema = map.resolve(SchemaFile.NAME);
        Files.writeString(schema, Files.readString(schema).replace("\"format\": 1", "\"format\": 2"));
        Cli.Result result = Cli.run("get", map, "1");
        assertThat(result.exitCode()).isEqualTo(5);
        assertThat(result.err())
                .isEqualTo(
                        "sherd: " + schema + " has format 2, and this version of sherd reads format 1. Use the version"
                                + " of sherd that made the map, or a newer one.\n");
    }

    @Test
    void aRowThatIsNone() {
        try (DiskMap<Long, Row> open =
                DiskMap.builder(Codecs.int64(), Row.CODEC).open(map)) {
            open.put(2L, new Row(new byte[] {2, 0, 0x7F}));
        }
        assertThat(Cli.run("get", map, "1").exitCode()).isZero();
        Cli.Result result = Cli.run("get", map, "2");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("sherd: the row of key \"2\" cannot be read: ");
        Cli.Result verified = Cli.run("verify", map);
        assertThat(verified.exitCode()).isEqualTo(1);
        assertThat(verified.out()).startsWith("key \"2\": a cell of 111 bytes, with 0 left\n");
    }

    @Test
    void aFlippedByteIsFoundWithFileAndOffset() throws IOException {
        Path other = folder.resolve("other");
        assertThat(Cli.runWith("id,v\n1,a\n2,needle\n3,c\n", "import", "-", "--key", "id", "--into", other)
                        .exitCode())
                .isZero();
        Path data = fileWith("needle", other);
        int at = Files.readString(data, StandardCharsets.ISO_8859_1).indexOf("needle");
        try (var file = FileChannel.open(data, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {'N'}), at);
        }
        Cli.Result result = Cli.run("verify", other);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).startsWith("file " + data + ", offset ");
        assertThat(result.err()).isEmpty();
        assertThat(Cli.run("get", other, "3").exitCode()).isZero();
    }

    /** The data file that has a text in it: to which one a key goes differs from map to map. */
    private static Path fileWith(String text, Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory, "data-*")) {
            for (Path file : files) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
                    return file;
                }
            }
        }
        throw new AssertionError(text + " is in no data file of " + directory);
    }

    @Test
    void aDataFileCutShort() throws IOException {
        Path data = map.resolve("data-000000");
        try (var file = FileChannel.open(data, StandardOpenOption.WRITE)) {
            file.truncate(100);
        }
        Cli.Result result = Cli.run("verify", map);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out() + result.err()).contains("file " + data + ", offset ");
        assertThat(result.err()).doesNotContain("Exception", "fault in this program");
    }

    @Test
    void filesThatAreNoMap() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("letter.txt"), "Dear Ada");
        Cli.Result result = Cli.runWith("id\n1\n", "import", "-", "--key", "id", "--into", other);
        assertThat(result.exitCode()).isEqualTo(5);
        assertThat(result.err()).contains("holds no map, but other files, such as letter.txt");
        assertThat(Cli.runWith("id\n1\n", "import", "-", "--key", "id", "--into", other.resolve("letter.txt"))
                        .exitCode())
                .isEqualTo(5);
    }

    @Test
    void aReaderThatGoesAway() {
        Cli.Result result = Cli.runInto(new Refusing("Broken pipe"), "scan", map);
        assertThat(result.exitCode()).isEqualTo(141);
        assertThat(result.err()).isEmpty();
    }

    @Test
    void anOutputThatIsFull() {
        Cli.Result result = Cli.runInto(new Refusing("No space left on device"), "export", map);
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).isEqualTo("sherd: the standard output takes no more: No space left on device\n");
    }

    @Test
    void wrongWords() {
        assertUsage("sherd: a command is needed, such as import or get.\nTry: sherd --help\n");
        assertUsage("sherd: there is no command \"exprt\"; did you mean export?\nTry: sherd --help\n", "exprt");
        assertUsage(
                "sherd: there is no option \"--jsn\"; did you mean --json?\nTry: sherd get --help\n",
                "get",
                map,
                "1",
                "--jsn");
        assertUsage("sherd: there is a word too many: \"2\"\nTry: sherd stats --help\n", "stats", map, "2");
        assertUsage("sherd: Missing required parameter: 'KEY'\nTry: sherd get --help\n", "get", map);
        assertUsage(
                "sherd: Invalid value for option '--on-error': expected one of [stop, skip] (case-sensitive) but was"
                        + " 'go'\nTry: sherd import --help\n",
                "import",
                "-",
                "--into",
                map,
                "--on-error",
                "go");
        assertUsage(
                "sherd: Invalid value for option '--limit': 'x' is not a long\nTry: sherd scan --help\n",
                "scan",
                map,
                "--limit",
                "x");
    }

    @Test
    void keysMayBeginWithAnySign() {
        assertUsage("""
                sherd: there is no option "--17"; a key or value that begins with a minus sign goes behind --
                Try: sherd get --help
                """, "get", map, "1", "--17");
        assertThat(Cli.run("get", map, "-17").err()).isEqualTo("sherd: no key \"-17\" in " + map + "\n");
        Path words = folder.resolve("words");
        assertThat(Cli.runWith("id,v\n@" + words + ",a\n-17,b\n", "import", "-", "--key", "id", "--into", words)
                        .exitCode())
                .isZero();
        assertThat(Cli.run("get", words, "--json", "--", "@" + words, "-17")
                        .out()
                        .lines())
                .hasSize(2);
    }

    @Test
    void wordsThatTheLocaleCannotReadAreNotTaken() {
        Cli.Result result = Cli.run("put", map, "1", "--set", "v=Z\uFFFD\uFFFDrich");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .contains("is not text in the encoding of the locale")
                .contains("LC_ALL=C.UTF-8");
    }

    private static void assertUsage(String message, Object... words) {
        Cli.Result result = Cli.run(words);
        assertThat(result.err()).isEqualTo(message);
        assertThat(result.out()).isEmpty();
        assertThat(result.exitCode()).isEqualTo(2);
    }

    @Test
    void stackTracesOnlyOnRequest() {
        assertThat(Cli.run("get", folder, "1").err()).doesNotContain("\tat ");
        Cli.Result result = Cli.run("get", folder, "1", "--stacktrace");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).contains("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"import", "get", "put", "remove", "scan", "stats", "export", "verify"})
    void everyCommandHasHelpWithExamples(String command) {
        Cli.Result result = Cli.run(command, "--help");
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("Usage: sherd " + command, "Examples:\n  sherd " + command);
        assertThat(result.out().lines()).allMatch(line -> line.length() <= 120);
    }

    @Test
    void helpAndVersion() {
        assertThat(Cli.run("--help").out()).contains("Commands:", "Exit codes:");
        assertThat(Cli.run("--version").out()).startsWith("sherd ");
        assertThat(Cli.run("--version").exitCode()).isZero();
    }

    /** A standard output that nobody reads. */
    private static final class Refusing extends OutputStream {
        private final String reason;

        Refusing(String reason) {
            this.reason = reason;
        }

        @Override
        public void write(int b) throws IOException {
            throw new IOException(reason);
        }
    }
}
