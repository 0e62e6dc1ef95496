package io.sherd.benchmarks;

import java.util.List;

/** A set of measurements that are started together, by the name that {@code ./bench} is given. */
interface Suite {
    /** The name on the command line and in rows. */
    String name();

    /** One sentence for the help. */
    String description();

    /** Every workload's name, in the order of the table. */
    List<String> workloads();

    /** Every system's name, Sherd first. */
    List<String> systems();

    /** What runs when the command line does not say more. */
    Selection defaults(boolean quick);

    /**
     * The forks to run: each inner list is one condition, a fork for each system, to be run in turns.
     *
     * @throws java.io.IOException if there is no room for the suite's files
     */
    List<List<Fork>> plan(Selection selection, Workplace workplace) throws java.io.IOException;
}
