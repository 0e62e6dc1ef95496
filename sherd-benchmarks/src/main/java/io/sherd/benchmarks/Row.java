package io.sherd.benchmarks;

import java.util.List;

/**
 * A figure of one system.
 *
 * @param key what it is of
 * @param value the median of the measurements
 * @param error half the distance between the largest and the smallest measurement
 * @param measurements how many there were
 */
record Row(RowKey key, double value, double error, int measurements) {

    static Row of(RowKey key, List<Double> samples) {
        double[] sorted =
                samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no measurement of " + key);
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        double spread = (sorted[sorted.length - 1] - sorted[0]) / 2;
        return new Row(key, significant(median), significant(spread), sorted.length);
    }

    /** Five significant digits: more would claim what no measurement here can know. */
    private static double significant(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return value;
        }
        double scale = Math.pow(10, 4 - Math.floor(Math.log10(Math.abs(value))));
        return Math.round(value * scale) / scale;
    }
}
