package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.codec.Codecs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several threads at once. */
@Timeout(120)
final class ConcurrencyTest {
    private static final int THREADS = 4;

    @TempDir
    Path directory;

    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

    @ParameterizedTest
    @CsvSource({"NONE, 1, ''", "NONE, 16, ''", "SYNC, 4, ''", "NONE, 1, thread-", "NONE, 16, thread-"})
    void whatFourThreadsWroteIsThereAfterACrash(Durability durability, int shards, String prefix) {
        int steps = durability == Durability.SYNC ? 500 : 40_000;
        LogMap<String, String> map = new DiskMapBuilder<>(Codecs.utf8(), Codecs.utf8())
                .shards(shards)
                .fileShift(20)
                .checkpointEvery(1 << 20)
                .durability(durability)
                .openLog(directory);
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> reader = CompletableFuture.runAsync(
                () -> {
                    while (!done.get()) {
                        map.forEach((k, v) -> assertThat(v).startsWith(k + "="));
                    }
                },
                threads);
        List<CompletableFuture<Map<String, String>>> writers = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            writers.add(CompletableFuture.supplyAsync(() -> write(map, prefix, thread, steps), threads));
        }
        Map<String, String> expected = new HashMap<>();
        writers.forEach(writer -> expected.putAll(writer.join()));
        done.set(true);
        reader.join();
        assertThat(map).hasSize(expected.size());
        map.crash();
        LogMap<String, String> recovered = new DiskMapBuilder<>(Codecs.utf8(), Codecs.utf8()).openLog(directory);
        assertThat(new HashMap<>(recovered)).isEqualTo(expected);
        assertThat(recovered).hasSize(expected.size());
        assertThat(recovered.verify().isSound()).isTrue();
        recovered.close();
    }

    /** Whoever sees one key after a commit sees the other so, too, whichever way look-ups take. */
    @ParameterizedTest
    @CsvSource({"1, a, b", "1, some text a, some text b", "16, some text a, some text b"})
    void readersSeeACommitAsOneInstant(int shards, String first, String second) {
        int commits = 30_000;
        try (DiskMap<String, Integer> map =
                DiskMap.builder(Codecs.utf8(), Codecs.int32()).shards(shards).open(directory.resolve("pairs"))) {
            map.put(first, 0);
            map.put(second, 0);
            CompletableFuture<Void> writer = CompletableFuture.runAsync(
                    () -> {
                        for (int i = 1; i <= commits; i++) {
                            int value = i;
                            map.transact(tx -> {
                                tx.put(first, value);
                                return tx.put(second, value);
                            });
                        }
                    },
                    threads);
            while (!writer.isDone()) {
                assertThat(Objects.requireNonNull(map.get(first)))
                        .isLessThanOrEqualTo(Objects.requireNonNull(map.get(second)));
                assertThat(Objects.requireNonNull(map.get(second)))
                        .isLessThanOrEqualTo(Objects.requireNonNull(map.get(first)));
            }
            writer.join();
            assertThat(map).containsEntry(first, commits).containsEntry(second, commits);
        }
    }

    private static Map<String, String> write(LogMap<String, String> map, String prefix, int thread, int steps) {
        Random random = new Random(thread);
        Map<String, String> mine = new HashMap<>();
        for (int i = 0; i < steps; i++) {
            String key = prefix + thread + ":" + random.nextInt(2000);
            String value = key + "=" + i;
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> assertThat(map.put(key, value)).isEqualTo(mine.put(key, value));
                case 3 -> assertThat(map.remove(key)).isEqualTo(mine.remove(key));
                case 4 -> assertThat(map.get(key)).isEqualTo(mine.get(key));
                default -> {
                    String other = prefix + (thread + 1) % THREADS + ":" + random.nextInt(2000);
                    String seen = map.get(other);
                    assertThat(seen == null || seen.startsWith(other + "=")).isTrue();
                }
            }
        }
        return mine;
    }

    @Test
    void iterationSeesWhatIsPresentAllTheTimeOnceWhileTheMapGrows() {
        LogMap<Long, Long> map =
                new DiskMapBuilder<>(Codecs.int64(), Codecs.int64()).shards(2).openLog(directory);
        for (long i = 0; i < 1000; i++) {
            map.put(i, i);
        }
        CompletableFuture<Void> writer = CompletableFuture.runAsync(
                () -> {
                    for (long i = 1000; i < 200_000; i++) {
                        map.put(i, i);
                        map.remove(i - 500 < 1000 ? i : i - 500);
                    }
                },
                threads);
        while (!writer.isDone()) {
            Set<Long> seen = new HashSet<>();
            for (Long key : map.keySet()) {
                assertThat(seen.add(key) || key >= 1000).as("key %s", key).isTrue();
            }
            for (long i = 0; i < 1000; i++) {
                assertThat(seen).contains(i);
            }
        }
        writer.join();
        map.close();
    }

    @Test
    void aMutexLetsOneInAndForgetsNobody() {
        Mutex mutex = new Mutex();
        long[] count = {0};
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Runnable body = () -> {
                for (int i = 0; i < 20_000; i++) {
                    mutex.lock();
                    try {
                        count[0]++;
                    } finally {
                        mutex.unlock();
                    }
                }
            };
            threads.add(
                    t % 2 == 0
                            ? Thread.ofPlatform().start(body)
                            : Thread.ofVirtual().start(body));
        }
        threads.getFirst().interrupt();
        threads.forEach(ConcurrencyTest::join);
        assertThat(count[0]).isEqualTo(8 * 20_000);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
