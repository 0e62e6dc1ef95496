package io.sherd.examples;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * A token bucket for each client: it holds up to {@code burst} tokens, gains {@code perSecond} tokens a second, and a request
 * costs one. A key that is held makes reading the bucket, deciding, and writing it one step; a client that was never seen
 * needs no entry before.
 */
public final class RateLimiter {
    private static final double NANOS = 1e9;

    private final ShardedMap<String, Bucket> buckets = ShardedMap.onHeap().build();
    private final double burst;
    private final double perSecond;
    private final LongSupplier clock;

    private record Bucket(double tokens, long at) {}

    private RateLimiter(double burst, double perSecond, LongSupplier clock) {
        this.burst = burst;
        this.perSecond = perSecond;
        this.clock = clock;
    }

    private boolean allows(String client) {
        try (LockedEntry<String, Bucket> entry = buckets.lock(client)) {
            long now = clock.getAsLong();
            Bucket bucket = entry.setValueIfAbsent(() -> new Bucket(burst, now));
            double tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / NANOS * perSecond);
            boolean allowed = tokens >= 1;
            entry.setValue(new Bucket(allowed ? tokens - 1 : tokens, now));
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
        RateLimiter limiter = new RateLimiter(3, 1, () -> now[0]);
        List<String> answers = new ArrayList<>();
        for (int tenths = 0; tenths < 60; tenths += 4) {
            now[0] = tenths * 100_000_000L;
            answers.add(limiter.allows("alice") ? "yes" : "no");
        }
        System.out.println("alice, every 0.4 s: " + String.join(" ", answers));
        System.out.println("bob, meanwhile: " + (limiter.allows("bob") ? "yes" : "no"));
    }
}
