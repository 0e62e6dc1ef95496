package io.sherd.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleTest {
    @TempDir
    Path folder;

    private final List<String> ran = new ArrayList<>();
    private final StringWriter progress = new StringWriter();

    private final class Fake implements Fork {
        private final String workload;
        private final String system;
        private final int most;

        Fake(String workload, String system, int most) {
            this.workload = workload;
            this.system = system;
            this.most = most;
        }

        @Override
        public String label() {
            return workload;
        }

        @Override
        public String system() {
            return system;
        }

        @Override
        public int rounds(int rounds) {
            return Math.min(most, rounds);
        }

        @Override
        public List<Sample> run(Duration limit) throws IOException {
            ran.add(workload + system);
            if (system.equals("broken")) {
                throw new IOException("it fell over");
            }
            return List.of(new Sample(RowsTest.key(workload, system, "ms"), ran.size()));
        }
    }

    private Schedule schedule(List<List<Fork>> plan, Duration limit) {
        return new Schedule(plan, 3, limit, folder.resolve("rows.json"), new PrintWriter(progress));
    }

    @Test
    void systemsTakeTurnsAndRoundsRepeatAll() throws Exception {
        List<List<Fork>> plan =
                List.of(List.of(new Fake("x", "A", 9), new Fake("x", "B", 9)), List.of(new Fake("y", "A", 1)));
        Schedule schedule = schedule(plan, null);
        schedule.run();

        assertThat(ran).containsExactly("xA", "xB", "yA", "xB", "xA", "xA", "xB");
        assertThat(schedule.rows()).extracting(Row::value).containsExactly(5.0, 4.0, 3.0);
        assertThat(schedule.rows()).extracting(Row::measurements).containsExactly(3, 3, 1);
        assertThat(RowFile.read(folder.resolve("rows.json"))).containsExactlyElementsOf(schedule.rows());
    }

    @Test
    void aForkThatFailsIsNamedAndTheOthersGoOn() throws Exception {
        Schedule schedule = schedule(List.of(List.of(new Fake("x", "broken", 1), new Fake("x", "B", 1))), null);
        schedule.run();

        assertThat(schedule.failures()).containsExactly("1/3 x broken");
        assertThat(progress.toString()).contains("it fell over");
        assertThat(schedule.rows()).hasSize(1);
    }

    @Test
    void nothingStartsWhenTheTimeIsUp() throws Exception {
        Schedule schedule = schedule(List.of(List.of(new Fake("x", "A", 9))), Duration.ZERO);
        schedule.run();

        assertThat(ran).isEmpty();
        assertThat(progress.toString()).contains("the time is up");
        assertThat(RowFile.read(folder.resolve("rows.json"))).isEmpty();
    }
}
