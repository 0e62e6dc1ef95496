package io.sherd.testkit.history;

import java.nio.LongBuffer;

/**
 * The versions of absence. While a key is present, its number is that of the next absence, and while it is absent, of this one.
 */
final class Absences {
    private final LongBuffer numbers;
    private final int keys;

    /** @param numbers one word for each key, and one more; all zero at first */
    Absences(LongBuffer numbers, int keys) {
        this.numbers = numbers;
        this.keys = keys;
    }

    static Absences inMemory(int keys) {
        return new Absences(LongBuffer.allocate(keys + 1), keys);
    }

    long of(int key) {
        return numbers.get(key);
    }

    /** A key is present, and may be removed once. */
    void renew(int key) {
        long number = numbers.get(keys) - 1;
        numbers.put(keys, number);
        numbers.put(key, number);
    }
}
