package io.sherd.benchmarks;

import java.util.Arrays;
import java.util.List;

/** The garbage collectors that a fork may run under. */
enum Collector {
    G1("G1", "-XX:+UseG1GC"),
    PARALLEL("Parallel", "-XX:+UseParallelGC"),
    Z("Z", "-XX:+UseZGC"),
    SERIAL("Serial", "-XX:+UseSerialGC"),
    /** None: what a fork allocates stays, so no pause is a collector's. */
    EPSILON("Epsilon", "-XX:+UnlockExperimentalVMOptions -XX:+UseEpsilonGC");

    private final String label;
    private final String flags;

    Collector(String label, String flags) {
        this.label = label;
        this.flags = flags;
    }

    /** The name in rows and on the command line. */
    String label() {
        return label;
    }

    List<String> flags() {
        return List.of(flags.split(" ", -1));
    }

    static Collector of(String label) {
        for (Collector collector : values()) {
            if (collector.label.equalsIgnoreCase(label)) {
                return collector;
            }
        }
        throw new IllegalArgumentException("gc: " + label + " given, but one of "
                + Arrays.stream(values()).map(Collector::label).toList() + " is wanted");
    }
}
