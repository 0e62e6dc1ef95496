package io.sherd.testkit.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short form of {@code ./soak images}. */
final class ImageHarnessTest {
    private static final long SEED = 20_261_124;

    @Test
    void damagedImagesAreRefused(@TempDir Path directory) throws IOException {
        List<String> findings = new ArrayList<>();
        ImageReport report = new ImageHarness(600, SEED, directory, findings::add).run();
        assertThat(findings).as("seed %d", SEED).isEmpty();
        assertThat(report.isClean()).as(report.summary()).isTrue();
        assertThat(report.refused()).isPositive();
        assertThat(report.hostileRefused()).isPositive().isLessThan(report.hostile());
    }
}
