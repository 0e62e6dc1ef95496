package io.sherd.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Transactions of heap maps are strictly serializable; {@code ./soak serializable} is the long form. */
final class HeapHistoryTest {
    private static final int RUNS = 40;

    @Test
    void everyHistoryHasASerialOrderAndEveryPlantedFaultIsFound() throws InterruptedException {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        List<String> log = new ArrayList<>(List.of("seed: " + seed + " (-Dsherd.soak.seed)"));
        List<Supplier<Registers>> maps = List.of(
                () -> new Registers(ShardedMap.onHeap().build(), true, () -> {}),
                () -> new Registers(
                        ShardedMap.onHeap().shards(1).hasher(key -> 7).build(), true, () -> {}));

        HistoryReport report = new HistoryRuns(maps, seed, log::add).run(RUNS);

        assertThat(report.isClean())
                .as("%s%n%s", report.summary(), String.join("\n", log))
                .isTrue();
    }
}
