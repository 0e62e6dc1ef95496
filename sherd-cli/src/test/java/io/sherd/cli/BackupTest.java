package io.sherd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sherd backup} and {@code sherd diff}. */
final class BackupTest {
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

    private Path target() {
        return directory.resolve("copy");
    }

    @Test
    void aBackupIsAMapAndIsBroughtUpToDate() {
        Path map = rows();
        Cli.Result first = Cli.run("backup", map, target());
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.out()).isEmpty();
        assertThat(first.err())
                .startsWith("copied 3 entries to " + target() + ": ")
                .contains(" copied, 0 kept; ");
        assertThat(Cli.run("export", target(), "--sorted").out()).isEqualTo(ROWS);
        assertThat(Cli.run("verify", target()).exitCode()).isZero();
        Cli.Result same = Cli.run("diff", map, target());
        assertThat(same.exitCode()).isZero();
        assertThat(same.out()).isEmpty();
        assertThat(same.err()).isEqualTo("0 added, 0 changed, 0 removed\n");
        assertThat(Cli.runWith(
                                "id,name,size\n4,four,x\n",
                                "import",
                                "-",
                                "--into",
                                map,
                                "--key",
                                "id",
                                "--types",
                                "size=utf8")
                        .exitCode())
                .isZero();
        assertThat(Cli.run("backup", map, target(), "--quiet").err()).isEmpty();
        assertThat(Cli.run("export", target(), "--sorted").out()).isEqualTo(ROWS + "4,four,x\n");
        assertThat(Cli.run("diff", map, target()).exitCode()).isZero();
    }

    @Test
    void shardsAndLinks() {
        Path map = rows();
        assertThat(Cli.run("backup", map, target(), "--shards", "5", "--no-links")
                        .exitCode())
                .isZero();
        assertThat(Cli.run("stats", target()).out()).contains("shards   8 of");
        assertThat(Cli.run("diff", map, target()).exitCode()).isZero();
        Cli.Result again = Cli.run("backup", map, target());
        assertThat(again.exitCode()).isEqualTo(3);
        assertThat(again.err()).contains("another map");
        assertThat(Cli.run("backup", map, directory.resolve("more"), "--shards", "0")
                        .exitCode())
                .isEqualTo(2);
        assertThat(directory.resolve("more")).doesNotExist();
    }

    @Test
    void refusals() throws IOException {
        Path map = rows();
        assertThat(Cli.run("backup", map, map).exitCode()).isEqualTo(3);
        assertThat(Cli.run("backup", map, map).err()).contains("the map itself");
        assertThat(Cli.run("backup", directory.resolve("none"), target()).exitCode())
                .isEqualTo(3);
        assertThat(target()).doesNotExist();
        assertThat(Cli.run("backup", map).exitCode()).isEqualTo(2);
        Files.createDirectories(target());
        Files.writeString(target().resolve("notes"), "text");
        assertThat(Cli.run("backup", map, target()).err()).contains("notes").contains("give a directory");
        Cli.Result help = Cli.run("backup", "--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("--shards").contains("--no-links").contains("hard links");
    }

    @Test
    void differencesAsText() {
        Path map = rows();
        assertThat(Cli.run("backup", map, target()).exitCode()).isZero();
        assertThat(Cli.run("remove", target(), "1").exitCode()).isZero();
        assertThat(Cli.run("put", target(), "2", "--set", "name=two").exitCode())
                .isZero();
        assertThat(Cli.run("put", target(), "9", "{\"id\":9,\"name\":\"nine\"}").exitCode())
                .isZero();
        Cli.Result diff = Cli.run("diff", map, target());
        assertThat(diff.exitCode()).isEqualTo(1);
        assertThat(diff.sortedLines()).containsExactly("+ 9\tnine\t", "- 1\tone\t1.5", "< 2\t\t2", "> 2\ttwo\t2");
        assertThat(diff.out()).contains("< 2\t\t2\n> 2\ttwo\t2\n");
        assertThat(diff.err()).isEqualTo("1 added, 1 changed, 1 removed\n");
        assertThat(Cli.run("diff", map, target(), "--json").sortedLines())
                .containsExactly(
                        "{\"change\":\"added\",\"entry\":{\"id\":9,\"name\":\"nine\"}}",
                        "{\"change\":\"changed\",\"before\":{\"id\":2,\"name\":null,\"size\":2},"
                                + "\"after\":{\"id\":2,\"name\":\"two\",\"size\":2}}",
                        "{\"change\":\"removed\",\"entry\":{\"id\":1,\"name\":\"one\",\"size\":1.5}}");
        Cli.Result limited = Cli.run("diff", map, target(), "--limit", "1");
        assertThat(limited.out().lines().count()).isBetween(1L, 2L);
        assertThat(limited.err()).isEqualTo(diff.err());
        Cli.Result quiet = Cli.run("diff", map, target(), "-q");
        assertThat(quiet.exitCode()).isEqualTo(1);
        assertThat(quiet.out() + quiet.err()).isEmpty();
        Cli.Result refused = Cli.run("backup", map, target());
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains("written to");
    }

    @Test
    void pairsAndTrouble() throws IOException {
        Path pairs = directory.resolve("pairs");
        try (DiskMap<String, byte[]> map =
                DiskMap.builder(Codecs.utf8(), Codecs.bytes()).open(pairs)) {
            map.put("a", new byte[] {1});
            map.put("b", new byte[] {2});
        }
        assertThat(Cli.run("backup", pairs, target()).exitCode()).isZero();
        assertThat(Cli.run("diff", pairs, target()).exitCode()).isZero();
        try (DiskMap<String, byte[]> map =
                DiskMap.builder(Codecs.utf8(), Codecs.bytes()).open(pairs)) {
            map.put("b", new byte[] {3});
        }
        Cli.Result diff = Cli.run("diff", pairs, target());
        assertThat(diff.exitCode()).isEqualTo(1);
        assertThat(diff.out()).isEqualTo("< b\t03\n> b\t02\n");
        assertThat(Cli.run("diff", pairs, rows()).exitCode()).isEqualTo(5);
        assertThat(Cli.run("diff", pairs, rows()).err()).contains("nothing to compare");
        assertThat(Cli.run("diff", pairs, pairs).exitCode()).isEqualTo(2);
        assertThat(Cli.run("diff", pairs, directory.resolve("none")).exitCode()).isEqualTo(3);
        assertThat(Cli.run("diff", pairs, target(), "--limit", "-1").exitCode()).isEqualTo(2);
        assertThat(Cli.run("diff", "--help").out()).contains("--limit").contains("exit code is 0");
        try (DiskMap<String, byte[]> map =
                DiskMap.builder(Codecs.utf8(), Codecs.bytes()).open(pairs)) {
            assertThat(Cli.run("diff", pairs, target()).exitCode()).isEqualTo(4);
            assertThat(map).hasSize(2);
        }
        Files.write(target().resolve("META"), new byte[100]);
        assertThat(Cli.run("diff", pairs, target()).exitCode()).isGreaterThan(1);
    }
}
