package io.sherd.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own. */
final class ProcessTest {
    @TempDir
    Path folder;

    private Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    @Test
    void importAndGet() throws Exception {
        Path map = folder.resolve("map");
        Process imported = start("import", "-", "--key", "id", "--into", map.toString());
        try (OutputStream in = imported.getOutputStream()) {
            in.write("id,v\n1,a\n".getBytes(UTF_8));
        }
        assertThat(imported.waitFor()).as(err()).isZero();
        assertThat(err()).startsWith("imported 1 row into " + map + " in ");
        Process got = start("get", map.toString(), "1");
        assertThat(new String(got.getInputStream().readAllBytes(), UTF_8)).isEqualTo("id  1\nv   a\n");
        assertThat(got.waitFor()).isZero();
        Process missed = start("get", map.toString(), "2");
        assertThat(missed.getInputStream().readAllBytes()).isEmpty();
        assertThat(missed.waitFor()).isEqualTo(1);
    }

    @Test
    void aReaderThatGoesAwayEndsAScanQuietly() throws Exception {
        Path map = folder.resolve("map");
        var rows = new StringBuilder("id,v\n");
        for (int i = 0; i < 50_000; i++) {
            rows.append(i).append(",some text that fills the pipe\n");
        }
        assertThat(Cli.runWith(rows.toString(), "import", "-", "--key", "id", "--into", map)
                        .exitCode())
                .isZero();
        Process scan = start("scan", map.toString());
        assertThat(scan.getInputStream().read()).isPositive();
        scan.getInputStream().close();
        assertThat(scan.waitFor()).isEqualTo(141);
        assertThat(err()).isEmpty();
    }

    @Test
    void anInterruptedImportKeepsWhatItReadAndClosesTheMap() throws Exception {
        Path map = folder.resolve("map");
        Process imported = start("import", "-", "--key", "id", "--into", map.toString());
        long sent = 0;
        try (OutputStream in = imported.getOutputStream()) {
            in.write("id,v\n".getBytes(UTF_8));
            // rows go on until the process has ended: it must come to rest by itself
            while (imported.isAlive()) {
                var rows = new StringBuilder();
                for (int i = 0; i < 10_000; i++) {
                    rows.append(sent + i).append(",v").append(sent + i).append('\n');
                }
                in.write(rows.toString().getBytes(UTF_8));
                sent += 10_000;
                if (sent == 1_000_000) {
                    imported.destroy();
                }
            }
        } catch (IOException brokenPipe) {
            assertThat(sent).isGreaterThanOrEqualTo(1_000_000);
        }
        assertThat(imported.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(imported.exitValue()).as(err()).isNotZero();
        assertThat(err()).contains("interrupted: imported ");
        long entries = Cli.run("scan", map, "--keys-only").out().lines().count();
        assertThat(entries).isBetween(100_000L, sent);
        String last = Long.toString(entries - 1);
        assertThat(Cli.run("get", map, "0", last, "--json").out())
                .isEqualTo("{\"id\":0,\"v\":\"v0\"}\n{\"id\":" + last + ",\"v\":\"v" + last + "\"}\n");
        assertThat(Cli.run("verify", map).exitCode()).isZero();
    }

    @Test
    void aMapThatAnotherProcessHasOpenIsNamedWithItsHolder() throws Exception {
        Path map = folder.resolve("map");
        Process holder = start("import", "-", "--key", "id", "--key-type", "utf8", "--into", map.toString());
        OutputStream in = holder.getOutputStream();
        in.write("id,v\n1,a\n".getBytes(UTF_8));
        in.flush();
        // the schema is written by the process that has the map
        while (!Files.exists(map.resolve(SchemaFile.NAME)) && holder.isAlive()) {
            Thread.onSpinWait();
        }
        Cli.Result result = Cli.run("get", map, "1");
        assertThat(result.exitCode()).isEqualTo(4);
        assertThat(result.err())
                .startsWith("sherd: map " + map + " is open already")
                .contains("pid " + holder.pid());
        in.close();
        assertThat(holder.waitFor()).isZero();
        assertThat(Cli.run("get", map, "1").exitCode()).isZero();
    }

    @Test
    void aKilledImportLeavesAMapOfWholeRows() throws Exception {
        Path map = folder.resolve("map");
        Process killed = start("import", "-", "--key", "id", "--key-type", "int64", "--into", map.toString());
        int sent = 0;
        try (OutputStream in = killed.getOutputStream()) {
            in.write("id,v\n".getBytes(UTF_8));
            while (sent < 300_000) {
                var rows = new StringBuilder();
                for (int i = sent; i < sent + 10_000; i++) {
                    rows.append(i).append(",v").append(i).append('\n');
                }
                in.write(rows.toString().getBytes(UTF_8));
                sent += 10_000;
            }
            killed.destroyForcibly().waitFor();
        } catch (IOException brokenPipe) {
            assertThat(killed.isAlive()).isFalse();
        }
        Cli.Result rows = Cli.run("scan", map);
        assertThat(rows.exitCode()).as(rows.err()).isZero();
        assertThat(rows.out().lines()).isNotEmpty().allMatch(line -> line.matches("(\\d+)\tv\\1"));
        assertThat(Cli.run("verify", map).exitCode()).isZero();
        var again = new StringBuilder("id,v\n");
        for (int i = 0; i < sent; i++) {
            again.append(i).append(",v").append(i).append('\n');
        }
        assertThat(Cli.runWith(again.toString(), "import", "-", "--into", map).exitCode())
                .isZero();
        assertThat(Cli.run("stats", map, "--json").out()).contains("\"entries\":" + sent + ",");
    }
}
