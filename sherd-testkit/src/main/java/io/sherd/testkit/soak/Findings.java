package io.sherd.testkit.soak;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Hands on what is wrong with a store, one line each, up to a number that nobody would read. */
final class Findings {
    /** What can be wrong. */
    enum Kind {
        /** A write that returned is not there. */
        LOST,
        /** The store holds, or says, something that nobody wrote. */
        WRONG
    }

    private static final int LIMIT = 1_000;

    private final Consumer<String> lines;
    private final AtomicInteger count = new AtomicInteger();

    Findings(Consumer<String> lines) {
        this.lines = lines;
    }

    void add(Kind kind, String text) {
        if (count.getAndIncrement() < LIMIT) {
            lines.accept(kind + " " + text);
        }
    }

    int count() {
        return count.get();
    }
}
