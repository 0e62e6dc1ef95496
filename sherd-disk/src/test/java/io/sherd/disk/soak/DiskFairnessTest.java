package io.sherd.disk.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.testkit.storm.Starvation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who waits for a key of a disk map gets its turn, though others take it again and again without a pause. Each hold is longer than the
 * patience of a waiter, so only those who came before it may go first; the bound leaves room for a thread that is not scheduled between
 * counting and asking.
 */
final class DiskFairnessTest {
    private static final int PUSHERS = 3;
    private static final int WAITS = 60;
    private static final int MOST = 50;
    private static final Duration HOLD = Duration.ofMillis(2);

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void nobodyStarves(Starvation.Means means, @TempDir Path directory) throws InterruptedException {
        try (DiskMap<Integer, Long> map =
                DiskMap.builder(Codecs.int32(), Codecs.int64()).open(directory.resolve("map"))) {
            Starvation.Report report = new Starvation(map, PUSHERS, HOLD).run(WAITS, means);
            assertThat(report.mostOvertaken()).as(report.toString()).isLessThanOrEqualTo(MOST);
        }
    }
}
