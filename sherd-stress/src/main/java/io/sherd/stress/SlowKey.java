package io.sherd.stress;

/**
 * A key whose comparison takes a while when it succeeds, and whose hash is that of all others. A reader finds a slot's key,
 * compares, then reads the value: the longer the comparison, the more happens to the slot in between.
 */
final class SlowKey implements Comparable<SlowKey> {
    private static final int SPINS = 20;

    private final int number;

    SlowKey(int number) {
        this.number = number;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof SlowKey key) || key.number != number) {
            return false;
        }
        for (int spin = 0; spin < SPINS; spin++) {
            Thread.onSpinWait();
        }
        return true;
    }

    @Override
    public int hashCode() {
        return 7;
    }

    @Override
    public int compareTo(SlowKey other) {
        return Integer.compare(number, other.number);
    }
}
