package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.codec.Codecs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A function holds its key and nothing else. */
@Timeout(60)
final class HoldsTest {
    @TempDir
    Path directory;

    private LogMap<String, Long> map;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void open() {
        map = new DiskMapBuilder<>(Codecs.utf8(), Codecs.int64()).shards(1).openLog(directory);
    }

    @AfterEach
    void close() {
        threads.close();
        map.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes a little while, so that others come in between. */
    private static void spin() {
        for (int i = 0; i < 1000; i++) {
            Thread.onSpinWait();
        }
    }

    @Test
    void otherKeysOfTheShardGoOnAndTheHeldOneIsReadable() {
        map.put("held", 1L);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Long> computing = CompletableFuture.supplyAsync(
                () -> map.compute("held", (k, v) -> {
                    inside.countDown();
                    await(goOn);
                    return v + 1;
                }),
                threads);
        await(inside);
        map.put("other", 5L);
        map.merge("other", 1L, Long::sum);
        map.remove("none");
        assertThat(map.get("other")).isEqualTo(6);
        assertThat(map.get("held")).isEqualTo(1);
        CompletableFuture<Long> writer = CompletableFuture.supplyAsync(() -> map.put("held", 100L), threads);
        CompletableFuture<Integer> batch =
                CompletableFuture.supplyAsync(() -> map.removeAll(List.of("other", "held")), threads);
        while (map.containsKey("other")) {
            Thread.onSpinWait();
        }
        assertThat(writer).isNotDone();
        assertThat(batch).isNotDone();
        map.put("third", 3L);
        goOn.countDown();
        assertThat(computing.join()).isEqualTo(2);
        writer.join();
        batch.join();
        assertThat(map.get("third")).isEqualTo(3);
    }

    @Test
    void functionsMayUseOtherKeysToAnyDepth() {
        assertThat(nested(30)).isEqualTo(30);
        assertThat(map).hasSize(31);
    }

    private long nested(int depth) {
        return map.computeIfAbsent("depth " + depth, k -> depth == 0 ? 0L : nested(depth - 1) + 1);
    }

    @Test
    void writingTheHeldKeyInItsFunctionIsRefusedByName() {
        map.put("mine", 1L);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> map.compute("mine", (k, v) -> map.put("mine", 2L)))
                .withMessageContaining("mine");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> map.computeIfAbsent("absent", k -> map.computeIfAbsent("absent", x -> 1L)))
                .withMessageContaining("absent");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> map.merge("mine", 1L, (a, b) -> {
                    map.clear();
                    return a;
                }));
        map.put("mine", 7L);
        assertThat(map.get("mine")).isEqualTo(7);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(
                        () -> map.compute("mine", (k, v) -> (long) map.drain().size()));
        assertThat(map.get("mine")).isEqualTo(7);
        assertThat(map.compute("mine", (k, v) -> map.get("mine") + v)).isEqualTo(14);
    }

    @Test
    void drainPutsBackWhatItTookWhenAKeyIsHeldByItself() {
        for (long i = 0; i < 100; i++) {
            map.put("key " + i, i);
        }
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(
                        () -> map.compute("key 50", (k, v) -> (long) map.drain().size()));
        assertThat(map).hasSize(100);
        assertThat(map.drain()).hasSize(100);
        assertThat(map).isEmpty();
    }

    @Test
    void aFunctionThatThrowsLeavesTheEntry() {
        map.put("key", 1L);
        assertThatThrownBy(() -> map.compute("key", (k, v) -> {
                    throw new ArithmeticException();
                }))
                .isInstanceOf(ArithmeticException.class);
        assertThat(map.get("key")).isEqualTo(1);
        assertThatThrownBy(() -> map.computeIfAbsent("new", k -> {
                    throw new ArithmeticException();
                }))
                .isInstanceOf(ArithmeticException.class);
        assertThat(map.containsKey("new")).isFalse();
        assertThat(map.put("key", 2L)).isEqualTo(1);
        assertThat(map.put("new", 3L)).isNull();
    }

    @Test
    void oneOfManyRunsTheFunctionForAnAbsentKey() {
        AtomicInteger runs = new AtomicInteger();
        List<CompletableFuture<Long>> all = java.util.stream.IntStream.range(0, 200)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> map.computeIfAbsent("key", k -> {
                            spin();
                            return (long) runs.incrementAndGet();
                        }),
                        threads))
                .toList();
        all.forEach(each -> assertThat(each.join()).isEqualTo(1));
        assertThat(runs).hasValue(1);
    }

    @Test
    void noIncrementIsLostOnAHotKey() {
        int writers = 50;
        int times = 400;
        List<CompletableFuture<Void>> all = java.util.stream.IntStream.range(0, writers)
                .mapToObj(i -> CompletableFuture.runAsync(
                        () -> {
                            for (int j = 0; j < times; j++) {
                                map.merge("hot", 1L, Long::sum);
                                if (j % 16 == 0) {
                                    map.compute("hot", (k, v) -> {
                                        spin();
                                        return v + 1;
                                    });
                                }
                            }
                        },
                        threads))
                .toList();
        all.forEach(CompletableFuture::join);
        assertThat(map.get("hot")).isEqualTo((long) writers * (times + times / 16));
        assertThat(map.shards().loads().getFirst().entries()).isEqualTo(1);
    }

    @Test
    void clearWaitsForHeldKeysAlone() {
        map.putAll(Map.of("a", 1L, "b", 2L, "held", 3L));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Long> computing = CompletableFuture.supplyAsync(
                () -> map.compute("held", (k, v) -> {
                    inside.countDown();
                    await(goOn);
                    return 4L;
                }),
                threads);
        await(inside);
        CompletableFuture<Void> clearing = CompletableFuture.runAsync(map::clear, threads);
        map.put("new", 9L);
        assertThat(clearing).isNotDone();
        goOn.countDown();
        computing.join();
        clearing.join();
        assertThat(map).doesNotContainKey("held").doesNotContainKey("a").doesNotContainKey("b");
    }

    @Test
    void closeDuringAFunctionRefusesItsResult() {
        map.put("key", 1L);
        assertThatExceptionOfType(MapClosedException.class)
                .isThrownBy(() -> map.compute("key", (k, v) -> {
                    map.close();
                    return 2L;
                }));
        open();
        assertThat(map.get("key")).isEqualTo(1);
    }
}
