package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.codec.Codecs;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The future of a write completes when the write is as durable as the map promises. */
@Timeout(60)
final class AsyncFlushTest {
    private final FaultyStorage storage = new FaultyStorage();

    @TempDir
    Path directory;

    @Test
    void aFutureOfASyncMapIsNotDoneBeforeItsFlush() throws Exception {
        try (LogMap<Long, Long> map = new DiskMapBuilder<>(Codecs.int64(), Codecs.int64())
                .shards(1)
                .durability(Durability.SYNC)
                .storage(storage)
                .openLog(directory)) {
            map.put(0L, 0L);
            CountDownLatch flushes = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            int before = storage.forces.get();
            storage.beforeForce = () -> {
                flushes.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            };
            CompletableFuture<Long> write = map.async().put(1L, 1L);
            assertThat(flushes.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(write).isNotDone();
            goOn.countDown();
            assertThat(write.get(30, TimeUnit.SECONDS)).isNull();
            assertThat(storage.forces.get()).isGreaterThan(before);
        }
    }
}
