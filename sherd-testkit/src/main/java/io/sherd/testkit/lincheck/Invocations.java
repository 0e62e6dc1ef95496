package io.sherd.testkit.lincheck;

import java.util.concurrent.atomic.AtomicLong;

/** Counts how often a scenario was run. */
final class Invocations {
    private static final AtomicLong COUNT = new AtomicLong();

    private Invocations() {}

    static void count() {
        COUNT.incrementAndGet();
    }

    static long counted() {
        return COUNT.get();
    }
}
