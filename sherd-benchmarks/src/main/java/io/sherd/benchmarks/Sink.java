package io.sherd.benchmarks;

import java.util.concurrent.atomic.LongAdder;

/** Takes results so that the compiler must compute them. */
final class Sink {
    private static final LongAdder TAKEN = new LongAdder();

    private Sink() {}

    static void take(long result) {
        TAKEN.add(result);
    }
}
