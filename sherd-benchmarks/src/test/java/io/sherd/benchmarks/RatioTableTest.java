package io.sherd.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RatioTableTest {
    private static Row row(String workload, String system, String unit, double value) {
        return Row.of(RowsTest.key(workload, system, unit), List.of(value));
    }

    @Test
    void dividesOursByEachPeersAndJudgesByTheTarget() {
        String table = RatioTable.render(List.of(
                row("get-hit", "NonBlockingHashMap", "Mops/s", 4),
                row("get-hit", "Sherd", "Mops/s", 6),
                row("get-hit", "ConcurrentHashMap", "Mops/s", 4),
                row("get-miss", "Sherd", "Mops/s", 15),
                row("get-miss", "ConcurrentHashMap", "Mops/s", 10),
                row("bytes-per-entry", "Sherd", "B/entry", 12),
                row("bytes-per-entry", "ConcurrentHashMap", "B/entry", 40),
                row("merge-hot", "ConcurrentHashMap", "Mops/s", 250)));

        assertThat(table.lines().map(RatioTableTest::unpadded).toList())
                .containsExactly(
                        "|workload|keys|entries|threads|gc|unit|Sherd|ConcurrentHashMap|×|NonBlockingHashMap|×|target|",
                        "|-|-|-|-|-|-|-|-|-|-|-|-|",
                        "|get-hit|long|1e6|1|G1|Mops/s|6.00 ± 0|4.00 ± 0|1.50|4.00 ± 0|1.50|≥ 1.4× ConcurrentHashMap ok|",
                        "|get-miss|long|1e6|1|G1|Mops/s|15.0 ± 0|10.0 ± 0|1.50|||≥ 2× ConcurrentHashMap short|",
                        "|bytes-per-entry|long|1e6|1|G1|B/entry ↓|12.0 ± 0|40.0 ± 0|0.300|||≤ 0.45× ConcurrentHashMap ok|",
                        "|merge-hot|long|1e6|1|G1|Mops/s||250 ± 0|||||");
    }

    @Test
    void aPeerInTwoSetUpsMustBeBeatenInBoth() {
        String table = RatioTable.render(List.of(
                disk("Sherd", 3.0), disk("ChronicleMap", 1.0), disk("ChronicleMap-bytes", 2.0), disk("LMDB", 0.5)));

        assertThat(table).contains("≥ 1.8× ChronicleMap short, ≥ 4× LMDB ok");
    }

    private static Row disk(String system, double value) {
        RowKey key = new RowKey("disk", "insert", "string24", 1_000_000, 1, false, "G1", system, "Mops/s");
        return Row.of(key, List.of(value));
    }

    @Test
    void aBoundOnTheValueAloneNeedsNoPeer() {
        RowKey key = new RowKey("disk", "reopen", "long", 10_000_000, 1, false, "G1", "Sherd", "ms");

        assertThat(RatioTable.render(List.of(Row.of(key, List.of(12.0)))))
                .contains("1e7")
                .contains("≤ 50 ok");
        assertThat(RatioTable.render(List.of(Row.of(key, List.of(51.0))))).contains("≤ 50 short");
    }

    @Test
    void whereOnlyVariantsOfSherdWereMeasuredTheFirstIsCompared() {
        String table = RatioTable.render(List.of(locks("Sherd-puts", 10), locks("Sherd-transact", 4)));

        assertThat(table.lines().map(RatioTableTest::unpadded).toList())
                .containsExactly(
                        "|workload|keys|entries|threads|gc|unit|Sherd|Sherd-transact|×|Sherd-puts|×|target|",
                        "|-|-|-|-|-|-|-|-|-|-|-|-|",
                        "|transact-2|long|1e6|1|G1|Mops/s||4.00 ± 0||10.0 ± 0|0.400|≥ 0.35× Sherd-puts ok|");
    }

    private static Row locks(String system, double value) {
        RowKey key = new RowKey("locks", "transact-2", "long", 1_000_000, 1, false, "G1", system, "Mops/s");
        return Row.of(key, List.of(value));
    }

    private static String unpadded(String line) {
        return line.replaceAll(" *\\| *", "|").replaceAll("-+", "-");
    }
}
