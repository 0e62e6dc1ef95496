package io.sherd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sherd export} and {@code sherd import} of images. */
final class ImageTest {
    private static final String ROWS = "id,name,size\n1,one,1.5\n2,,2\n3,\"three, or so\",3\n";

    @TempDir
    Path directory;

    private Path rows() {
        Path map = directory.resolve("rows");
        assertThat(Cli.runWith(ROWS, "import", "-", "--key", "id", "--into", map)
                        .exitCode())
                .isZero();
        return map;
    }

    private Path image() {
        return directory.resolve("rows.sherd");
    }

    @Test
    void rowsGoRound() {
        Path map = rows();
        Cli.Result exported = Cli.run("export", map, "--out", image());
        assertThat(exported.exitCode()).isZero();
        assertThat(exported.out()).isEmpty();
        assertThat(exported.err()).isEqualTo("exported 3 entries to " + image() + "\n");
        Path other = directory.resolve("other");
        Cli.Result imported = Cli.run("import", image(), "--into", other);
        assertThat(imported.exitCode()).as(imported.err()).isZero();
        assertThat(imported.err()).startsWith("imported 3 entries into " + other);
        assertThat(Cli.run("export", other, "--sorted").out())
                .isEqualTo(Cli.run("export", map, "--sorted").out());
        assertThat(Cli.run("get", other, "3", "--json").out())
                .isEqualTo(Cli.run("get", map, "3", "--json").out());
        assertThat(Cli.run("import", image(), "--into", other, "--quiet").err()).isEmpty();
        assertThat(Cli.run("verify", other).exitCode()).isZero();
    }

    @Test
    void formatMayBeGiven() {
        Path file = directory.resolve("file");
        assertThat(Cli.run("export", rows(), "--format", "image", "--out", file).exitCode())
                .isZero();
        Path other = directory.resolve("other");
        assertThat(Cli.run("import", file, "--format", "image", "--into", other).exitCode())
                .isZero();
        assertThat(Cli.run("stats", other).out()).contains("entries  3\n");
    }

    @Test
    void pairsGoRoundAndToPrograms() throws IOException {
        Path map = directory.resolve("pairs");
        try (DiskMap<String, Long> pairs =
                DiskMap.builder(Codecs.utf8(), Codecs.int64()).open(map)) {
            pairs.put("a", 1L);
            pairs.put("b", 2L);
        }
        assertThat(Cli.run("export", map, "--out", image()).exitCode()).isZero();
        ShardedMap<String, Long> read = ShardedMap.readFrom(image(), Codecs.utf8(), Codecs.int64());
        assertThat(read).hasSize(2).containsEntry("b", 2L);
        read.put("c", 3L);
        read.writeTo(image(), Codecs.utf8(), Codecs.int64());
        assertThat(Cli.run("import", image(), "--into", map).exitCode()).isZero();
        assertThat(Cli.run("export", map, "--sorted").out()).isEqualTo("key,value\na,1\nb,2\nc,3\n");
    }

    @Test
    void aDamagedImageLeavesNothing() throws IOException {
        assertThat(Cli.run("export", rows(), "--out", image()).exitCode()).isZero();
        byte[] bytes = Files.readAllBytes(image());
        bytes[bytes.length - 40] ^= 1;
        Files.write(image(), bytes);
        Path other = directory.resolve("other");
        Cli.Result refused = Cli.run("import", image(), "--into", other);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("offset").contains(image().toString());
        assertThat(other).doesNotExist();
    }

    @Test
    void whatIsNoImageIsRefused() throws IOException {
        Files.writeString(image(), "id,name\n".repeat(20));
        Cli.Result refused = Cli.run("import", image(), "--into", directory.resolve("other"));
        assertThat(refused.exitCode()).isEqualTo(5);
        assertThat(refused.err()).contains("begins with other bytes");
        assertThat(Cli.run("import", directory.resolve("none.sherd"), "--into", directory.resolve("other"))
                        .exitCode())
                .isEqualTo(3);
    }

    @Test
    void otherColumnsAreRefused() {
        assertThat(Cli.run("export", rows(), "--out", image()).exitCode()).isZero();
        Path other = directory.resolve("other");
        assertThat(Cli.runWith("id,town\n1,Bern\n", "import", "-", "--key", "id", "--into", other)
                        .exitCode())
                .isZero();
        Cli.Result refused = Cli.run("import", image(), "--into", other);
        assertThat(refused.exitCode()).isEqualTo(5);
        assertThat(refused.err()).contains("town").contains("name");
        assertThat(Cli.run("export", other).out()).isEqualTo("id,town\n1,Bern\n");
    }

    @Test
    void optionsThatImagesDoNotHaveAreRefused() {
        Path map = rows();
        assertThat(Cli.run("export", map, "--format", "image").err()).contains("--out");
        assertThat(Cli.run("export", map, "--sorted", "--out", image()).exitCode())
                .isEqualTo(2);
        assertThat(Cli.run("export", map, "--out", directory.resolve("x.sherd.gz"))
                        .exitCode())
                .isEqualTo(2);
        assertThat(Cli.run("export", map, "--out", image()).exitCode()).isZero();
        Path other = directory.resolve("other");
        assertThat(Cli.run("import", image(), "--into", other, "--key", "id").exitCode())
                .isEqualTo(2);
        assertThat(Cli.run("import", "-", "--format", "image", "--into", other).exitCode())
                .isEqualTo(2);
        assertThat(other).doesNotExist();
    }
}
