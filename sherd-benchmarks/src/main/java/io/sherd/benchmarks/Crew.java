package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that do a task together and are timed from the first to start to the last to end. */
final class Crew implements AutoCloseable {
    private final int size;
    private final ExecutorService threads;

    Crew(ThreadCount threads) {
        this.size = threads.count();
        this.threads =
                threads.virtual() ? Executors.newVirtualThreadPerTaskExecutor() : Executors.newFixedThreadPool(size);
    }

    int size() {
        return size;
    }

    /** What each member does; a check sum or a count comes back. */
    interface Task {
        long run(int member) throws Exception;
    }

    /**
     * What a task took.
     *
     * @param nanos from the start signal to the end of the last member
     * @param sum the sum of the members' results
     */
    record Outcome(long nanos, long sum) {}

    /** Lets all members do a task. */
    Outcome work(Task task) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(size);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Long>> results = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int member = i;
            results.add(threads.submit(() -> {
                ready.countDown();
                start.await();
                return task.run(member);
            }));
        }
        ready.await();
        long began = System.nanoTime();
        start.countDown();
        long sum = 0;
        try {
            for (Future<Long> result : results) {
                sum += result.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread of the benchmark failed: " + e.getCause(), e.getCause());
        }
        return new Outcome(System.nanoTime() - began, sum);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
