package io.sherd.examples;

import io.sherd.AsyncMap;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asynchronous loading: whoever asks for a user while it is loaded shares the one request, and no thread waits. A failure reaches
 * all who asked, and is forgotten: the next one who asks loads again.
 */
public final class AsyncLoading {
    private final AsyncMap<String, String> users =
            ShardedMap.onHeap().<String, String>build().async();
    private final AtomicInteger requests = new AtomicInteger();

    /** What the server answers, when it does. */
    private volatile CompletableFuture<String> answer = new CompletableFuture<>();

    private AsyncLoading() {}

    private CompletableFuture<String> user(String name) {
        return users.computeIfAbsent(name, this::request).thenApply(found -> found == null ? "nobody" : found);
    }

    private CompletableFuture<String> request(String name) {
        requests.incrementAndGet();
        return answer.thenApply(text -> name + " " + text);
    }

    private List<CompletableFuture<String>> many(String name) {
        List<CompletableFuture<String>> asked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            asked.add(user(name));
        }
        return asked;
    }

    private static String outcome(CompletableFuture<String> future) {
        try {
            return future.join();
        } catch (CompletionException failure) {
            return "failed: " + (failure.getCause() == null ? failure : failure.getCause()).getMessage();
        }
    }

    /**
     * Runs the example.
     *
     * @param args none
     */
    public static void main(String[] args) {
        AsyncLoading site = new AsyncLoading();
        List<CompletableFuture<String>> first = site.many("alice");
        System.out.println("100 asked, answered so far: "
                + first.stream().filter(CompletableFuture::isDone).count());
        site.answer.completeExceptionally(new IllegalStateException("the server is down"));
        System.out.println(
                first.stream().map(AsyncLoading::outcome).distinct().toList() + ", requests: " + site.requests);

        site.answer = new CompletableFuture<>();
        List<CompletableFuture<String>> second = site.many("alice");
        site.answer.complete("of Zürich");
        System.out.println(
                second.stream().map(AsyncLoading::outcome).distinct().toList() + ", requests: " + site.requests);
        System.out.println(outcome(site.user("alice")) + ", requests: " + site.requests);
    }
}
