package io.sherd.benchmarks;

import java.util.Map;

/** A workload that JMH runs. */
interface JmhWorkload {
    /** The full name of the JMH benchmark. */
    String benchmark();

    /** Whether an invocation is long, and measured by itself. */
    boolean singleShot();

    /** Parameters of the benchmark beside the system, the keys and the number of entries. */
    Map<String, String> parameters();

    /** Million operations, or entries walked over, a second. */
    double rate(double score, long entries);
}
