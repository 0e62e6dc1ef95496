package io.sherd.testkit.lincheck;

import org.jspecify.annotations.Nullable;

/** What {@link TransactionOperations} answer when called one after the other. Lincheck finds it by reflection. */
public class SequentialTransactions extends SequentialLocks {

    /** Creates an empty map. */
    public SequentialTransactions() {}

    private int orZero(int key) {
        Integer value = get(key);
        return value == null ? 0 : value;
    }

    private void write(int key, @Nullable Integer value) {
        if (value == null) {
            var _ = lockAndRemove(key);
        } else {
            var _ = put(key, value);
        }
    }

    /**
     * Compares and swaps.
     *
     * @param key the key
     * @param expected the value before, or 0
     * @param update the value after, or 0
     * @return the witness
     */
    public @Nullable Integer compareAndExchange(int key, int expected, int update) {
        Integer witness = get(key);
        if (orZero(key) == expected) {
            write(key, update == 0 ? null : update);
        }
        return witness;
    }

    /**
     * Reads both.
     *
     * @return the values
     */
    public String readBoth() {
        return get(1) + " " + get(2);
    }

    /**
     * Writes one.
     *
     * @param key which one
     * @return the sum before
     */
    public Integer writeOne(int key) {
        int sum = orZero(1) + orZero(2);
        write(key, sum + 1);
        return sum;
    }

    /**
     * Writes or removes both.
     *
     * @param value what to write
     * @return the sum before
     */
    public Integer writeBoth(int value) {
        int sum = orZero(1) + orZero(2);
        write(1, sum % 2 == 0 ? null : value);
        write(2, sum % 2 == 0 ? null : value + sum);
        return sum;
    }

    /**
     * Writes both if the first is present.
     *
     * @param value what to write
     * @return the first value before
     */
    public @Nullable Integer writeOrAbort(int value) {
        Integer first = get(1);
        if (first != null) {
            write(1, value);
            write(2, value);
        }
        return first;
    }
}
