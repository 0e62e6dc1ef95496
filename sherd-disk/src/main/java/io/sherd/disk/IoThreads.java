package io.sherd.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which a map does input and output. A caller's thread may be interrupted at any moment, which would close the
 * channel that it is using for everyone; a virtual thread would pin its carrier. So both hand the work over and wait.
 */
final class IoThreads {
    private static final long IDLE_SECONDS = 5;

    private final ExecutorService threads;
    private final Path directory;

    IoThreads(Path directory) {
        this.directory = directory;
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "sherd-io " + directory.getFileName());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Starts a task. */
    <T> CompletableFuture<T> start(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                result.complete(task.call());
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    /** Runs a task and waits for it, without regard to interrupts. */
    <T> T call(String purpose, Callable<T> task) {
        return await(purpose, start(task));
    }

    /** Waits for a task, without regard to interrupts, and throws what it threw. */
    <T> T await(String purpose, CompletableFuture<T> task) {
        try {
            return task.join();
        } catch (CompletionException e) {
            throw failure(purpose, e.getCause() == null ? e : e.getCause());
        }
    }

    /** What to throw for a failure of input or output. */
    RuntimeException failure(String purpose, Throwable cause) {
        return switch (cause) {
            case StorageFullException e ->
                new StorageFullException(String.valueOf(e.getMessage()), Objects.requireNonNull(e.getCause()));
            case DiskMapException e -> e;
            case IOException e -> failure(directory, purpose, e);
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(purpose, cause);
        };
    }

    static DiskMapException failure(Path directory, String purpose, IOException cause) {
        if (isFull(cause)) {
            return new StorageFullException(
                    "map " + directory + ": no space left on the file system to " + purpose
                            + "; free some, and writes will go on",
                    cause);
        }
        return new DiskMapException("map " + directory + ": could not " + purpose + ": " + cause.getMessage(), cause);
    }

    static boolean isFull(IOException cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left")
                || message.contains("quota exceeded")
                || message.contains("not enough space")
                || message.contains("disk is full");
    }

    void shutdown() {
        threads.shutdown();
    }
}
