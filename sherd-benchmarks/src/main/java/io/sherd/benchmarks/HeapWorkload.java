package io.sherd.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The workloads of the heap suite that JMH runs, each with the benchmark method that is it. */
enum HeapWorkload implements JmhWorkload {
    INSERT(HeapFill.class, "insert", Counts.FILL),
    GET_HIT(HeapOperations.class, "getHit", Counts.OPERATION),
    GET_HIT_ZIPF(HeapOperations.class, "getHitZipf", Counts.OPERATION),
    GET_HIT_READ(HeapOperations.class, "getHitRead", Counts.OPERATION),
    GET_HIT_APART(HeapOperations.class, "getHit", Counts.OPERATION),
    GET_MISS(HeapOperations.class, "getMiss", Counts.OPERATION),
    UPDATE(HeapOperations.class, "update", Counts.OPERATION),
    MIXED_95_5(HeapOperations.class, "mixed95to5", Counts.OPERATION),
    MIXED_50_50(HeapOperations.class, "mixed50to50", Counts.OPERATION),
    REMOVE_INSERT(HeapOperations.class, "removeInsert", Counts.OPERATION),
    COMPUTE_IF_ABSENT_HIT(HeapOperations.class, "computeIfAbsentHit", Counts.OPERATION),
    MERGE_HOT(HeapOperations.class, "mergeHot", Counts.OPERATION),
    ITERATE(HeapOperations.class, "iterate", Counts.PASS),
    ITERATE_SUM(HeapOperations.class, "iterateSum", Counts.PASS),
    FOR_EACH(HeapOperations.class, "forEach", Counts.PASS),
    SNAPSHOT_LIST(HeapOperations.class, "snapshotList", Counts.PASS);

    /** What one invocation of the method does. */
    private enum Counts {
        /** One operation; JMH gives operations a microsecond. */
        OPERATION,
        /** A walk over all entries; JMH gives walks a microsecond. */
        PASS,
        /** {@link HeapFill#insertions} insertions; JMH gives the microseconds. */
        FILL
    }

    private final String benchmark;
    private final Counts counts;

    HeapWorkload(Class<?> type, String method, Counts counts) {
        this.benchmark = type.getName() + "." + method;
        this.counts = counts;
    }

    /** The name in rows and on the command line. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(HeapWorkload::label).toList();
    }

    @Override
    public String benchmark() {
        return benchmark;
    }

    @Override
    public boolean singleShot() {
        return counts == Counts.FILL;
    }

    /** Keys and values are made one by one while the map is filled, or all before. */
    @Override
    public Map<String, String> parameters() {
        return singleShot() ? Map.of() : Map.of("fresh", Boolean.toString(this != GET_HIT_APART));
    }

    @Override
    public double rate(double score, long entries) {
        return switch (counts) {
            case OPERATION -> score;
            case PASS -> score * entries;
            case FILL -> HeapFill.insertions(entries) / score;
        };
    }
}
