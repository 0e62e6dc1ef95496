package io.sherd.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Maps in files that the operating system writes when it likes. */
final class DiskSuite implements Suite {
    /** What is measured on one store by all threads. */
    static final List<String> OPERATIONS =
            List.of("insert", "get-hit", "get-all-16", "get-miss", "overwrite", "remove", "mixed-90-10", "iterate");

    /** What is measured on another by one thread. */
    static final List<String> FILES = List.of("bytes-per-entry", "reopen", "recovery", "growth-pause");

    private static final int OPERATIONS_AT_MOST = 2_000_000;
    private static final int QUICK_OPERATIONS_AT_MOST = 500_000;

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public String description() {
        return "Maps in files, not synchronous: single operations, iteration, bytes, reopening, recovery.";
    }

    @Override
    public List<String> workloads() {
        List<String> workloads = new ArrayList<>(OPERATIONS);
        workloads.addAll(FILES);
        return workloads;
    }

    @Override
    public List<String> systems() {
        return Peers.DISK.stream()
                .map(DiskPeer::name)
                .filter(name -> !name.equals("raw-append"))
                .toList();
    }

    @Override
    public Selection defaults(boolean quick) {
        return new Selection(
                quick,
                workloads(),
                List.of(KeyKind.LONG, KeyKind.STRING24),
                quick ? List.of(1_000_000) : List.of(1_000_000, 10_000_000),
                quick ? List.of(ThreadCount.platform(1)) : List.of(ThreadCount.platform(1), ThreadCount.platform(2)),
                List.of("Sherd", "ChronicleMap", "ChronicleMap-bytes", "LMDB"),
                List.of(Collector.G1),
                quick ? 3 : 5,
                quick ? "2g" : "4g");
    }

    @Override
    public List<List<Fork>> plan(Selection selection, Workplace workplace) throws IOException {
        List<List<Fork>> plan = new ArrayList<>();
        for (int entries : selection.entries()) {
            for (KeyKind keys : selection.keys()) {
                workplace.demand(spaceFor(entries, keys));
                for (ThreadCount threads : selection.threads()) {
                    List<String> workloads = workloads(selection, threads);
                    if (workloads.isEmpty()) {
                        continue;
                    }
                    for (Collector collector : selection.collectors()) {
                        plan.add(condition(selection, workplace, workloads, entries, keys, threads, collector));
                    }
                }
            }
        }
        return plan;
    }

    /** What concerns the files is measured by one thread, so beside the first number of threads only. */
    private static List<String> workloads(Selection selection, ThreadCount threads) {
        return selection.threads().getFirst().equals(threads)
                ? selection.workloads()
                : selection.workloads().stream().filter(OPERATIONS::contains).toList();
    }

    private static List<Fork> condition(
            Selection selection,
            Workplace workplace,
            List<String> workloads,
            int entries,
            KeyKind keys,
            ThreadCount threads,
            Collector collector) {
        int operations = selection.quick() ? QUICK_OPERATIONS_AT_MOST : OPERATIONS_AT_MOST;
        List<Fork> forks = new ArrayList<>();
        for (String system : selection.systems()) {
            if (!Peers.disk(system).suits(keys)) {
                continue;
            }
            RowKey key = new RowKey(
                    "disk",
                    "all",
                    keys.label(),
                    entries,
                    threads.count(),
                    threads.virtual(),
                    collector.label(),
                    system,
                    "");
            List<String> arguments = List.of(
                    system,
                    keys.label(),
                    Integer.toString(entries),
                    threads.text(),
                    Integer.toString(operations),
                    String.join(",", workloads));
            List<String> flags = Jvm.flags(collector, selection.heap());
            forks.add(new JavaFork(key, DiskWorker.class, flags, arguments, false, workplace));
        }
        return forks;
    }

    /** A store, its copy, and slack: B-trees and logs take several times what the entries do. */
    private static long spaceFor(long entries, KeyKind keys) {
        return (2L << 30) + entries * (64 + DiskData.of(keys).entryBytes()) * 5;
    }
}
