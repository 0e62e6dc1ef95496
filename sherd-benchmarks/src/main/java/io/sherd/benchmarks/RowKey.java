package io.sherd.benchmarks;

/**
 * What a figure is of.
 *
 * @param suite the suite's name
 * @param workload the workload's name
 * @param keys the kind of keys, {@code long} or {@code string24}
 * @param entries the number of entries that the map holds, or grows to
 * @param threads the number of threads
 * @param virtual whether the threads are virtual
 * @param gc the garbage collector
 * @param system whose figure it is
 * @param unit the unit, which also tells whether more is better
 */
record RowKey(
        String suite,
        String workload,
        String keys,
        long entries,
        int threads,
        boolean virtual,
        String gc,
        String system,
        String unit) {

    /** Whether a larger figure is a better one. */
    boolean moreIsBetter() {
        return switch (unit) {
            case "Mops/s", "GB/s", "%" -> true;
            default -> false;
        };
    }

    /** The same condition, whoever was measured: rows that agree in this are compared. */
    RowKey condition() {
        return new RowKey(suite, workload, keys, entries, threads, virtual, gc, "", unit);
    }

    /** The same measurement of another workload. */
    RowKey of(String otherWorkload, String otherUnit) {
        return new RowKey(suite, otherWorkload, keys, entries, threads, virtual, gc, system, otherUnit);
    }
}
