package io.sherd.testkit.soak;

/** The keys of the harness: a number from 0 up, as a {@code long} or as text, and back. */
public final class Keys {
    /** How many numbers the harness uses at most. */
    static final int LIMIT = 1 << 16;

    private static final long SPREAD = 0x9e3779b97f4a7c15L;
    private static final long SPREAD_INVERSE = inverse(SPREAD);
    private static final int LONGEST_PADDING = 3_000;

    private Keys() {}

    /**
     * The key of eight bytes.
     *
     * @param key the number
     * @return a long that differs for each number
     */
    public static long fixed(int key) {
        return key * SPREAD;
    }

    /**
     * The number of a key of eight bytes.
     *
     * @param fixed the key
     * @return its number, or -1 if it is no key of the harness
     */
    public static int ofFixed(long fixed) {
        long key = fixed * SPREAD_INVERSE;
        return key >= 0 && key < LIMIT ? (int) key : -1;
    }

    /**
     * The key as text of up to some thousand characters, not all of them ASCII.
     *
     * @param key the number
     * @return a text that differs for each number
     */
    public static String text(int key) {
        int padding = Math.floorMod(key * 31, 97) == 0 ? Math.floorMod(key * 131, LONGEST_PADDING) : key % 40;
        return key + "/" + (key % 3 == 0 ? "é" : "x").repeat(padding);
    }

    /**
     * The number of a text key.
     *
     * @param text the key
     * @return its number, or -1 if it is no key of the harness
     */
    public static int ofText(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash > 5) {
            return -1;
        }
        int key = 0;
        for (int i = 0; i < slash; i++) {
            int digit = Character.digit(text.charAt(i), 10);
            if (digit < 0) {
                return -1;
            }
            key = key * 10 + digit;
        }
        return key < LIMIT && text(key).equals(text) ? key : -1;
    }

    /** The inverse of an odd number modulo 2^64, by Newton's iteration: each step doubles the right bits. */
    static long inverse(long odd) {
        long inverse = odd;
        for (int bits = 3; bits < 64; bits *= 2) {
            inverse *= 2 - odd * inverse;
        }
        return inverse;
    }
}
