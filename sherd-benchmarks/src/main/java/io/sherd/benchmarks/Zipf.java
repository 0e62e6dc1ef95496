package io.sherd.benchmarks;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws ranks from 0 to n-1 so that rank r comes up with a probability in proportion to 1 / (r + 1)^0.99. */
final class Zipf {
    private static final double EXPONENT = 0.99;

    private final double[] cumulative;
    private final SplittableRandom random;

    Zipf(int n, long seed) {
        cumulative = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += 1 / Math.pow(i + 1.0, EXPONENT);
            cumulative[i] = sum;
        }
        random = new SplittableRandom(seed);
    }

    int next() {
        double at = random.nextDouble(cumulative[cumulative.length - 1]);
        int found = Arrays.binarySearch(cumulative, at);
        return found < 0 ? -found - 1 : found;
    }
}
