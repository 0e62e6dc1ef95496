package io.sherd.benchmarks;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The kinds of keys, and the keys themselves: the same ones for every system and every run.
 *
 * <p>Key number {@code i} is a bijective mix of {@code i} and a fixed seed, so keys are uniform, distinct, and in no order.
 * Keys numbered from {@link #ABSENT} up are never stored. Asking twice for a key gives two objects that are equal: a
 * service looks up with keys that it has just read from somewhere, not with those inside the map.
 */
enum KeyKind {
    /** Boxed longs. */
    LONG {
        @Override
        Object key(long index) {
            return mix(index);
        }
    },

    /** Strings of 24 hexadecimal digits, their hash codes cached as those of strings in use are. */
    STRING24 {
        @Override
        Object key(long index) {
            HexFormat format = HexFormat.of();
            String key = format.toHexDigits(mix(index)) + format.toHexDigits((int) mix(~index));
            // asked for its effect: it caches the hash code inside the string
            return key.hashCode() == 0 ? key.intern() : key;
        }
    };

    /** The number of the first key that no system ever stores. */
    static final long ABSENT = 1L << 40;

    private static final long SEED = 0x5EED_5EED_5EED_5EEDL;

    /** The name in rows and on the command line. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static KeyKind of(String label) {
        return switch (label) {
            case "long" -> LONG;
            case "string", "string24" -> STRING24;
            default ->
                throw new IllegalArgumentException("keys: " + label + " given, but one of "
                        + Arrays.stream(values()).map(KeyKind::label).toList() + " is wanted");
        };
    }

    /** Key number {@code index}, a new object with each call. */
    abstract Object key(long index);

    /** Keys number {@code from} up to {@code from + count}, in this order in memory. */
    Object[] keys(long from, int count) {
        Object[] keys = new Object[count];
        for (int i = 0; i < count; i++) {
            keys[i] = key(from + i);
        }
        return keys;
    }

    /**
     * Equal copies of {@code count} of the keys 0 to {@code entries}, drawn without repetition, in a seeded random order.
     * The copies lie in memory in the order in which they are used, so what a look-up waits for is the map's memory.
     */
    Object[] probes(int entries, int count) {
        int[] order = new int[entries];
        for (int i = 0; i < entries; i++) {
            order[i] = i;
        }
        SplittableRandom random = new SplittableRandom(SEED);
        Object[] probes = new Object[count];
        for (int i = 0; i < count; i++) {
            int other = i + random.nextInt(entries - i);
            int chosen = order[other];
            order[other] = order[i];
            order[i] = chosen;
            probes[i] = key(chosen);
        }
        return probes;
    }

    /** A bijection of the longs that leaves no visible order (the finalizer of SplitMix64). */
    static long mix(long index) {
        long x = (index + SEED) * 0x9E37_79B9_7F4A_7C15L;
        x = (x ^ (x >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return x ^ (x >>> 31);
    }
}
