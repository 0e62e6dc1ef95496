package io.sherd.testkit.soak;

import java.util.Random;

/**
 * The settings of a store under test, drawn from the seed.
 *
 * @param shape what keys and values look like
 * @param sync whether a write is durable when it returns
 * @param keys how many different keys are written, counters aside
 * @param shards the number of shards to begin with
 * @param initialCapacity how many entries to make room for
 */
public record StoreSettings(Shape shape, boolean sync, int keys, int shards, long initialCapacity) {

    /** What keys and values look like. */
    public enum Shape {
        /** Keys and values of eight bytes. */
        FIXED,
        /** Text keys of many lengths, values of many lengths. */
        TEXT
    }

    static StoreSettings draw(Random random) {
        Shape shape = random.nextBoolean() ? Shape.FIXED : Shape.TEXT;
        boolean sync = random.nextInt(3) == 0;
        int keys = (shape == Shape.FIXED ? 4_000 : 1_000) << random.nextInt(3);
        int shards = 1 << random.nextInt(5);
        long initialCapacity = random.nextInt(4) == 0 ? keys : 0;
        return new StoreSettings(shape, sync, keys, shards, initialCapacity);
    }

    /** The same for a store that is not slowed down by flushes. */
    StoreSettings withoutSync() {
        return new StoreSettings(shape, false, keys, shards, initialCapacity);
    }

    /**
     * One line that {@link #parse} reads back.
     *
     * @return the settings separated by commas
     */
    String format() {
        return shape + "," + sync + "," + keys + "," + shards + "," + initialCapacity;
    }

    static StoreSettings parse(String text) {
        String[] fields = text.split(",", -1);
        return new StoreSettings(
                Shape.valueOf(fields[0]),
                Boolean.parseBoolean(fields[1]),
                Integer.parseInt(fields[2]),
                Integer.parseInt(fields[3]),
                Long.parseLong(fields[4]));
    }
}
