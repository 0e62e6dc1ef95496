package io.sherd.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowsTest {
    @TempDir
    Path folder;

    static RowKey key(String workload, String system, String unit) {
        return new RowKey("heap", workload, "long", 1_000_000, 1, false, "G1", system, unit);
    }

    @Test
    void takesTheMedianAndHalfTheSpread() {
        Row row = Row.of(key("get-hit", "Sherd", "Mops/s"), List.of(5.0, 1.0, 2.0, 4.0, 3.0));

        assertThat(row.value()).isEqualTo(3.0);
        assertThat(row.error()).isEqualTo(2.0);
        assertThat(row.measurements()).isEqualTo(5);
        assertThat(Row.of(row.key(), List.of(1.0, 2.0)).value()).isEqualTo(1.5);
    }

    @Test
    void writesTheFieldsThatMeasurementsShare() throws IOException {
        Path file = folder.resolve("deeper").resolve("rows.json");
        RowFile.write(file, List.of(Row.of(key("get-hit", "Sherd", "Mops/s"), List.of(4.25))));

        assertThat(Files.readString(file)).isEqualTo("""
                [
                {"suite":"heap","workload":"get-hit","keys":"long","entries":1000000,"threads":1,"system":"Sherd",\
                "unit":"Mops/s","value":4.25,"error":0.0,"gc":"G1","measurements":1}
                ]
                """);
    }

    @Test
    void readsWhatItWrote() throws IOException {
        Path file = folder.resolve("rows.json");
        List<Row> rows = List.of(
                Row.of(key("get-hit", "Sherd", "Mops/s"), List.of(4.0, 5.0, 6.0)),
                Row.of(
                        new RowKey("durable", "durable-put", "long", 10, 64, true, "Parallel", "LMDB", "Mops/s"),
                        List.of(0.0071234567)));
        RowFile.write(file, rows);

        assertThat(RowFile.read(file)).isEqualTo(rows);
        RowFile.write(file, List.of());
        assertThat(RowFile.read(file)).isEmpty();
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        Path file = folder.resolve("rows.json");
        Files.writeString(file, "{}");
        assertThatThrownBy(() -> RowFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no array");
        Files.writeString(file, "[{\"suite\": \"heap\"}]");
        assertThatThrownBy(() -> RowFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("row 0 has no field workload");
        Files.writeString(file, "nonsense");
        assertThatThrownBy(() -> RowFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not JSON");
    }

    @Test
    void readsWhatAForkReportsAmongWhatElseItSays() {
        RowKey key = key("all", "LMDB", "");

        assertThat(Report.read(key, List.of("hello", "sample\tinsert\tMops/s\t1.5", "sample of nothing")))
                .containsExactly(new Sample(key.of("insert", "Mops/s"), 1.5));
    }
}
