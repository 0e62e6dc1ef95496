package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.codec.Codecs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A full file system, and flushes that are slow or fail. */
@Timeout(60)
final class StorageFaultTest {
    @TempDir
    Path directory;

    private final FaultyStorage storage = new FaultyStorage();

    private LogMap<Long, byte[]> open(Durability durability) {
        return new DiskMapBuilder<>(Codecs.int64(), Codecs.bytes())
                .fileShift(20)
                .shards(4)
                .storage(storage)
                .durability(durability)
                .openLog(directory);
    }

    @Test
    void aFullDiskRefusesTheWriteAndNothingElse() {
        LogMap<Long, byte[]> map = open(Durability.NONE);
        storage.room.set(8 << 20);
        byte[] value = new byte[1000];
        long written = 0;
        try {
            while (true) {
                map.put(written, value);
                written++;
            }
        } catch (StorageFullException full) {
            assertThat(full).hasMessageContaining("no space left").hasMessageContaining(directory.toString());
        }
        assertThat(map.mappingCount()).isEqualTo(written);
        long missing = written;
        assertThat(map.get(missing)).isNull();
        for (long i = 0; i < written; i++) {
            assertThat(map.get(i)).hasSize(1000);
        }
        assertThatExceptionOfType(StorageFullException.class).isThrownBy(() -> {
            for (long i = 0; i < 100_000; i++) {
                map.put(0L, new byte[2000]);
            }
        });
        storage.room.set(Long.MAX_VALUE);
        map.put(missing, value);
        map.remove(0L);
        assertThat(map.mappingCount()).isEqualTo(written);
        map.crash();
        LogMap<Long, byte[]> recovered = open(Durability.NONE);
        assertThat(recovered.mappingCount()).isEqualTo(written);
        assertThat(recovered.get(missing)).hasSize(1000);
        assertThat(recovered.verify().isSound()).isTrue();
        recovered.close();
    }

    @Test
    void aFullDiskRefusesALargeValueAndLeavesNoFile() {
        LogMap<Long, byte[]> map = open(Durability.NONE);
        map.put(1L, new byte[500_000]);
        int files = map.diskStats().files();
        storage.room.set(100_000);
        assertThatExceptionOfType(StorageFullException.class).isThrownBy(() -> map.put(1L, new byte[600_000]));
        assertThat(map.get(1L)).hasSize(500_000);
        assertThat(map.diskStats().files()).isEqualTo(files);
        storage.room.set(Long.MAX_VALUE);
        map.put(1L, new byte[600_000]);
        assertThat(map.get(1L)).hasSize(600_000);
        map.close();
    }

    @Test
    void aFullDiskAtCloseLosesNothing() {
        LogMap<Long, byte[]> map = open(Durability.NONE);
        map.put(1L, new byte[10]);
        storage.room.set(0);
        assertThatExceptionOfType(StorageFullException.class).isThrownBy(map::close);
        storage.room.set(Long.MAX_VALUE);
        LogMap<Long, byte[]> recovered = open(Durability.NONE);
        assertThat(recovered.get(1L)).hasSize(10);
        recovered.close();
    }

    @Test
    void aFailedFlushIsNeverAcknowledgedAndEndsWriting() {
        LogMap<Long, byte[]> map = open(Durability.SYNC);
        map.put(1L, new byte[1]);
        storage.failForce = true;
        assertThatExceptionOfType(DiskMapException.class)
                .isThrownBy(() -> map.put(2L, new byte[2]))
                .withMessageContaining("flush");
        storage.failForce = false;
        assertThatExceptionOfType(DiskMapException.class)
                .isThrownBy(() -> map.put(3L, new byte[3]))
                .withMessageContaining("read-only");
        assertThatExceptionOfType(DiskMapException.class).isThrownBy(() -> map.remove(1L));
        assertThatExceptionOfType(DiskMapException.class).isThrownBy(map::force);
        assertThat(map.get(1L)).hasSize(1);
        assertThat(map.get(3L)).isNull();
        map.close();
        LogMap<Long, byte[]> recovered = open(Durability.SYNC);
        assertThat(recovered.recovery().clean())
                .as("no checkpoint was written after the failure")
                .isFalse();
        recovered.put(3L, new byte[3]);
        assertThat(recovered.get(1L)).hasSize(1);
        recovered.close();
    }

    @Test
    void aFailedForceUnderNoneEndsWritingToo() {
        LogMap<Long, byte[]> map = open(Durability.NONE);
        map.put(1L, new byte[1]);
        storage.failForce = true;
        assertThatExceptionOfType(DiskMapException.class).isThrownBy(map::force);
        storage.failForce = false;
        assertThatExceptionOfType(DiskMapException.class).isThrownBy(() -> map.put(2L, new byte[1]));
        map.close();
    }

    @Test
    void aWriteThatComesDuringARoundWaitsForTheNext() throws Exception {
        LogMap<Long, byte[]> map = open(Durability.SYNC);
        map.put(0L, new byte[1]);
        CountDownLatch inRound = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        int before = storage.forces.get();
        storage.beforeForce = () -> {
            inRound.countDown();
            awaitLatch(goOn);
        };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<byte[]> first = CompletableFuture.supplyAsync(() -> map.put(1L, new byte[1]), threads);
            awaitLatch(inRound);
            List<CompletableFuture<byte[]>> later = new ArrayList<>();
            for (long i = 2; i < 50; i++) {
                long key = i;
                later.add(CompletableFuture.supplyAsync(() -> map.put(key, new byte[1]), threads));
            }
            while (map.mappingCount() < 50) {
                Thread.onSpinWait();
            }
            assertThat(first).isNotDone();
            assertThat(later).allSatisfy(put -> assertThat(put).isNotDone());
            goOn.countDown();
            first.get(30, TimeUnit.SECONDS);
            for (CompletableFuture<byte[]> put : later) {
                put.get(30, TimeUnit.SECONDS);
            }
        }
        assertThat(storage.forces.get() - before)
                .as("one round for the first, few for the rest")
                .isBetween(2, 10);
        map.close();
    }

    @Test
    void allWhoWaitForAFailedRoundLearnOfIt() {
        LogMap<Long, byte[]> map = open(Durability.SYNC);
        map.put(0L, new byte[1]);
        CountDownLatch allIn = new CountDownLatch(1);
        storage.beforeForce = () -> awaitLatch(allIn);
        storage.failForce = true;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<byte[]>> puts = new ArrayList<>();
            for (long i = 1; i < 20; i++) {
                long key = i;
                puts.add(CompletableFuture.supplyAsync(() -> map.put(key, new byte[1]), threads));
            }
            while (map.mappingCount() < 20) {
                Thread.onSpinWait();
            }
            allIn.countDown();
            for (CompletableFuture<byte[]> put : puts) {
                assertThatExceptionOfType(CompletionException.class)
                        .isThrownBy(put::join)
                        .withCauseInstanceOf(DiskMapException.class);
            }
        }
        map.close();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
