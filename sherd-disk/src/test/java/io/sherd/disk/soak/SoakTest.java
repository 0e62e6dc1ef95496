package io.sherd.disk.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The command line of {@code ./soak}. */
final class SoakTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine command = Soak.command();
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return command.execute(args);
    }

    @Test
    void helpListsTheProofs() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("kill", "at random moments", "images");
    }

    @Test
    void helpOfKillListsItsOptions() {
        assertThat(run("kill", "--help")).isZero();
        assertThat(out.toString()).contains("--runs", "--seed");
    }

    @Test
    void unknownNameIsAnError() {
        assertThat(run("nonsense")).isEqualTo(2);
        assertThat(err.toString()).contains("nonsense").contains("kill");
    }

    @Test
    void missingNameIsAnError() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("--help");
    }

    @Test
    void runsMustBePositive() {
        assertThat(run("kill", "--runs", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--runs").contains("0");
    }

    @Test
    void instantsInShort() {
        assertThat(run("instants", "--runs", "400", "--seed", "1")).isZero();
        assertThat(out.toString()).startsWith("seed: 1").contains("400 snapshots", "0 wrong", "1 of 1 controls caught");
    }

    @Test
    void instantsNeedsSnapshotsToTake() {
        assertThat(run("instants", "--runs", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--runs").contains("0");
    }
}
