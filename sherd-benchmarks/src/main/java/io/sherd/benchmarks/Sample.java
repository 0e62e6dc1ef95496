package io.sherd.benchmarks;

/**
 * One measurement.
 *
 * @param key what was measured
 * @param value the figure
 */
record Sample(RowKey key, double value) {}
