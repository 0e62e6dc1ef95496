package io.sherd.benchmarks;

import java.util.List;

/**
 * What part of a suite to run, and how long.
 *
 * @param quick whether the whole must end within five minutes
 * @param workloads the workloads
 * @param keys the kinds of keys
 * @param entries the sizes
 * @param threads the numbers of threads
 * @param systems whom to measure
 * @param collectors the garbage collectors to run under
 * @param rounds how often each fork is run
 * @param heap the size of every fork's heap, as {@code -Xmx} takes it
 */
record Selection(
        boolean quick,
        List<String> workloads,
        List<KeyKind> keys,
        List<Integer> entries,
        List<ThreadCount> threads,
        List<String> systems,
        List<Collector> collectors,
        int rounds,
        String heap) {

    boolean wants(String workload) {
        return workloads.contains(workload);
    }
}
