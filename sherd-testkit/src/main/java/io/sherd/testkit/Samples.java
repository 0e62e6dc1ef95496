package io.sherd.testkit;

import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.ToIntFunction;

/**
 * A sequence of objects that differ from one another, as keys or values of a test: number 0, 1, 2 and so on. Asked twice
 * for the same number it gives equal objects, which need not be the same.
 *
 * <p>Safe for use by any number of threads.
 */
public final class Samples {
    private final IntFunction<Object> sample;
    private final ToIntFunction<Object> number;

    private Samples(IntFunction<Object> sample, ToIntFunction<Object> number) {
        this.sample = sample;
        this.number = number;
    }

    /**
     * A sequence by two functions that undo one another.
     *
     * @param sample from a number to its object
     * @param number from an object back to its number
     * @return the sequence
     */
    public static Samples of(IntFunction<Object> sample, ToIntFunction<Object> number) {
        return new Samples(Objects.requireNonNull(sample), Objects.requireNonNull(number));
    }

    /**
     * The numbers themselves.
     *
     * @return boxed integers
     */
    public static Samples integers() {
        return of(i -> i, sample -> (Integer) sample);
    }

    /**
     * Long numbers of both signs, whose upper halves differ too.
     *
     * @return boxed longs
     */
    public static Samples longs() {
        long unit = -0x1_2345_6789L;
        return of(i -> i % 2 == 0 ? i * unit : -i * unit, sample -> (int) Math.abs((Long) sample / unit));
    }

    /**
     * Keys of several classes: so many integers first, then integers, longs and strings in turn. An integer and the long of
     * the same number, which have the same hash code, are both among them.
     *
     * @param integers how many integers come first
     * @return boxed integers, boxed longs, strings
     */
    public static Samples mixed(int integers) {
        return of(
                i -> {
                    int kind = i < integers ? 0 : i % 3;
                    return kind == 0 ? (Object) i : kind == 1 ? (Object) (i - 1L) : "é" + i;
                },
                sample -> sample instanceof Long number
                        ? (int) (number + 1)
                        : sample instanceof Integer number ? number : Integer.parseInt(((String) sample).substring(1)));
    }

    /**
     * Short strings.
     *
     * @return strings of ASCII characters and a letter outside of it
     */
    public static Samples strings() {
        return of(i -> "é" + i, sample -> Integer.parseInt(((String) sample).substring(1)));
    }

    /**
     * Keys that have an order and the hash codes that are asked for.
     *
     * @param hash from a number to its hash code
     * @return keys that are {@link Comparable}
     */
    public static Samples ordered(IntUnaryOperator hash) {
        return of(i -> new Ordered(i, hash.applyAsInt(i)), sample -> ((Ordered) sample).number());
    }

    /**
     * Keys that have no order and the hash codes that are asked for.
     *
     * @param hash from a number to its hash code
     * @return keys that are not {@link Comparable}
     */
    public static Samples unordered(IntUnaryOperator hash) {
        return of(i -> new Unordered(i, hash.applyAsInt(i)), sample -> ((Unordered) sample).number());
    }

    /**
     * The object with a number.
     *
     * @param number from 0 up
     * @return the object
     */
    public Object at(int number) {
        return sample.apply(number);
    }

    /**
     * The number of an object.
     *
     * @param sample an object of this sequence
     * @return its number
     */
    public int numberOf(Object sample) {
        return number.applyAsInt(sample);
    }

    private record Ordered(int number, int hash) implements Comparable<Ordered> {
        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Ordered that && number == that.number;
        }

        @Override
        public int compareTo(Ordered other) {
            return Integer.compare(number, other.number);
        }
    }

    private record Unordered(int number, int hash) {
        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Unordered that && number == that.number;
        }
    }
}
