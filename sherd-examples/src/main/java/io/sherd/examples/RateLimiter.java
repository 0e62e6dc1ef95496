package io.sherd.examples;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * A token bucket for each client: it holds up to {@code burst} tokens, gains one each {@code nanosPerToken}, and a request
 * costs one. A key that is held makes reading the bucket, deciding, and writing it one step; a client that was never seen
 * needs no entry before.
 */
public final class RateLimiter {
    private final ShardedMap<String, Bucket> buckets = ShardedMap.onHeap().build();
    private final long burst;
    private final long nanosPerToken;
    private final LongSupplier clock;

    /** What a client may still use, in nanoseconds of waiting that it has done: whole numbers add up exactly. */
    private record Bucket(long credit, long at) {}

    private RateLimiter(long burst, long nanosPerToken, LongSupplier clock) {
        this.burst = burst;
        this.nanosPerToken = nanosPerToken;
        this.clock = clock;
    }

    private boolean allows(String client) {
        try (LockedEntry<String, Bucket> entry = buckets.lock(client)) {
            long now = clock.getAsLong();
            Bucket bucket = entry.setValueIfAbsent(() -> new Bucket(burst * nanosPerToken, now));
            long credit = Math.min(burst * nanosPerToken, bucket.credit + now - bucket.at);
            boolean allowed = credit >= nanosPerToken;
            entry.setValue(new Bucket(allowed ? credit - nanosPerToken : credit, now));
            return allowed;
        }
    }

    /**
     * Runs the example.
     *
     * @param args none
     */
    public static void main(String[] args) {
        long[] now = {0};
        RateLimiter limiter = new RateLimiter(3, 1_000_000_000, () -> now[0]);
        List<String> answers = new ArrayList<>();
        for (int tenths = 0; tenths < 60; tenths += 4) {
            now[0] = tenths * 100_000_000L;
            answers.add(limiter.allows("alice") ? "yes" : "no");
        }
        System.out.println("alice, every 0.4 s: " + String.join(" ", answers));
        System.out.println("bob, meanwhile: " + (limiter.allows("bob") ? "yes" : "no"));
    }
}
