package io.sherd.benchmarks;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A figure that Sherd has promised: a bound on the ratio of its value to a peer's, or on its value alone.
 *
 * @param suite the suite of the rows that it binds
 * @param workloads the workloads that it binds
 * @param keys the kind of keys, or empty for any
 * @param entries the number of entries, or 0 for any
 * @param threads the number of threads, or 0 for any
 * @param virtual whether it binds only rows of virtual threads
 * @param peer whose value ours is divided by (systems whose name starts so), or empty for none
 * @param least whether the bound is the least that is allowed, or else the most
 * @param bound the bound
 */
record Target(
        String suite,
        Set<String> workloads,
        String keys,
        long entries,
        int threads,
        boolean virtual,
        String peer,
        boolean least,
        double bound) {

    private static final String CHM = "ConcurrentHashMap";
    private static final String CHRONICLE = "ChronicleMap";

    /** The promises, suite by suite. A later suite adds its own here. */
    static final List<Target> ALL = List.of(
            heap(1.4, "long", 1_000_000, "get-hit"),
            heap(2.0, "long", 1_000_000, "get-miss"),
            heap(1.3, "long", 1_000_000, "update", "mixed-50-50"),
            heap(1.1, "long", 1_000_000, "insert"),
            heap(4.0, "long", 1_000_000, "iterate"),
            new Target("heap", Set.of("bytes-per-entry"), "long", 1_000_000, 0, false, CHM, false, 0.45),
            new Target("heap", Set.of("growth-total"), "long", 10_000_000, 0, false, CHM, false, 1.0),
            new Target("heap", Set.of("growth-pause"), "", 10_000_000, 0, false, "", false, 2.0),
            new Target("heap", Set.of("growth-hashes"), "", 0, 0, false, "", false, 1.0),
            heap(
                    0.9,
                    "",
                    1_000,
                    "insert",
                    "get-hit",
                    "get-hit-zipf",
                    "get-miss",
                    "update",
                    "mixed-95-5",
                    "mixed-50-50",
                    "remove-insert",
                    "compute-if-absent-hit",
                    "merge-hot",
                    "iterate",
                    "snapshot-list"),
            heap(1.2, "string24", 1_000_000, "get-hit"),
            heap(1.3, "string24", 1_000_000, "get-miss"),
            locks(1.2, "lock-uniform", CHM),
            locks(1.2, "lock-uniform", "SynchronizedHolders"),
            locks(1.2, "lock-uniform", "Striped"),
            locks(1.0, "lock-hot", CHM),
            new Target("locks", Set.of("merge-hot"), "", 0, 2, false, CHM, true, 1.5),
            locks(1.3, "compute-if-absent-hit", CHM),
            locks(0.35, "transact-2", "Sherd-puts"),
            new Target("snapshots", Set.of("step-aside"), "", 0, 0, false, "", false, 0.5),
            new Target("snapshots", Set.of("write-while-alive"), "", 0, 0, false, "", true, 85),
            new Target("snapshots", Set.of("rebalance-worst"), "", 0, 0, false, "", false, 2),
            new Target("snapshots", Set.of("rebalance-throughput"), "", 0, 0, false, "", true, 70),
            new Target("snapshots", Set.of("snapshot-list"), "", 1_000_000, 0, false, CHM, false, 1.0 / 3),
            new Target("snapshots", Set.of("image-write", "image-read"), "", 10_000_000, 0, false, CHM, false, 0.2),
            new Target("snapshots", Set.of("image-bytes"), "", 10_000_000, 0, false, CHM, false, 0.5),
            disk(1.8, "", CHRONICLE, "insert"),
            disk(1.05, "long", CHRONICLE, "get-hit"),
            disk(1.2, "string24", CHRONICLE, "get-hit"),
            disk(1.4, "", CHRONICLE, "get-miss"),
            disk(2.0, "", "LMDB", "get-hit"),
            disk(4.0, "", "LMDB", "insert"),
            new Target("disk", Set.of("reopen"), "", 10_000_000, 0, false, "", false, 50),
            new Target("disk", Set.of("recovery"), "", 0, 0, false, "", true, 0.4),
            new Target("durable", Set.of("durable-put"), "", 0, 64, true, "LMDB", true, 10));

    private static Target heap(double least, String keys, long entries, String... workloads) {
        return new Target("heap", Set.of(workloads), keys, entries, 0, false, CHM, true, least);
    }

    private static Target locks(double least, String workload, String peer) {
        return new Target("locks", Set.of(workload), "", 0, 0, false, peer, true, least);
    }

    private static Target disk(double least, String keys, String peer, String... workloads) {
        return new Target("disk", Set.of(workloads), keys, 0, 0, false, peer, true, least);
    }

    boolean binds(RowKey row) {
        return suite.equals(row.suite())
                && workloads.contains(row.workload())
                && (keys.isEmpty() || keys.equals(row.keys()))
                && (entries == 0 || entries == row.entries())
                && (threads == 0 || threads == row.threads())
                && (!virtual || row.virtual());
    }

    /** Whether the bound is on the value alone. */
    boolean alone() {
        return peer.isEmpty();
    }

    boolean against(String system) {
        return !alone() && system.startsWith(peer);
    }

    boolean met(double figure) {
        return least ? figure >= bound : figure <= bound;
    }

    /** As in the table: {@code ≥ 1.4× ConcurrentHashMap} or {@code ≤ 50}. */
    String text() {
        String number = String.format(Locale.ROOT, "%s %s", least ? "≥" : "≤", trimmed(bound));
        return alone() ? number : number + "× " + peer;
    }

    private static String trimmed(double value) {
        return new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
    }
}
