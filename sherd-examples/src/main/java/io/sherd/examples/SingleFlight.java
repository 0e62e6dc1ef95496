package io.sherd.examples;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Single flight: however many ask for a page at once, it is fetched once. The others wait for it, and nobody waits who
 * wants another page, not even while a page fetches the parts that it is made of.
 */
public final class SingleFlight {
    private final ShardedMap<String, String> pages = ShardedMap.onHeap().build();
    private final AtomicInteger fetches = new AtomicInteger();

    private SingleFlight() {}

    /**
     * Runs the example.
     *
     * @param args none
     */
    public static void main(String[] args) throws ExecutionException, InterruptedException {
        SingleFlight site = new SingleFlight();
        List<Future<String>> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                readers.add(threads.submit(() -> site.page("/index")));
            }
        }
        for (Future<String> reader : readers) {
            if (!reader.get().equals("/index made of [/header] [/footer]")) {
                throw new AssertionError("not the page: " + reader.get());
            }
        }
        System.out.println("100 readers, " + site.fetches + " fetches: "
                + site.pages.keySet().stream().sorted().toList());
    }

    private String page(String path) {
        return Objects.requireNonNull(pages.computeIfAbsent(path, this::fetch));
    }

    /** Slow, and for some pages recursive: it uses the map that it is called from. */
    private String fetch(String path) {
        fetches.incrementAndGet();
        return path.equals("/index") ? path + " made of " + page("/header") + " " + page("/footer") : "[" + path + "]";
    }
}
