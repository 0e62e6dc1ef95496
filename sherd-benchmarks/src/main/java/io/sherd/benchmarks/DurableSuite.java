package io.sherd.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Puts that return when a loss of power cannot undo them. */
final class DurableSuite implements Suite {
    private static final String PUT = "durable-put";

    @Override
    public String name() {
        return "durable";
    }

    @Override
    public String description() {
        return "Maps in files, synchronous puts by few and many threads.";
    }

    @Override
    public List<String> workloads() {
        return List.of(PUT);
    }

    @Override
    public List<String> systems() {
        return List.of("Sherd", "LMDB", "MVStore", "raw-append");
    }

    @Override
    public Selection defaults(boolean quick) {
        return new Selection(
                quick,
                workloads(),
                List.of(KeyKind.LONG),
                List.of(1_000_000),
                List.of(
                        ThreadCount.platform(1),
                        ThreadCount.platform(8),
                        ThreadCount.platform(64),
                        ThreadCount.virtual(64),
                        ThreadCount.virtual(512)),
                List.of("Sherd", "LMDB", "raw-append"),
                List.of(Collector.G1),
                quick ? 3 : 5,
                "1g");
    }

    @Override
    public List<List<Fork>> plan(Selection selection, Workplace workplace) throws IOException {
        workplace.demand(8L << 30);
        List<List<Fork>> plan = new ArrayList<>();
        for (KeyKind keys : selection.keys()) {
            for (int entries : selection.entries()) {
                for (ThreadCount threads : selection.threads()) {
                    for (Collector collector : selection.collectors()) {
                        plan.add(condition(selection, workplace, keys, entries, threads, collector));
                    }
                }
            }
        }
        return plan;
    }

    private static List<Fork> condition(
            Selection selection,
            Workplace workplace,
            KeyKind keys,
            int entries,
            ThreadCount threads,
            Collector collector) {
        List<Fork> forks = new ArrayList<>();
        for (String system : selection.systems()) {
            RowKey key = new RowKey(
                    "durable",
                    PUT,
                    keys.label(),
                    entries,
                    threads.count(),
                    threads.virtual(),
                    collector.label(),
                    system,
                    "Mops/s");
            List<String> arguments = List.of(
                    system,
                    keys.label(),
                    Integer.toString(entries),
                    threads.text(),
                    selection.quick() ? "1500" : "3000");
            List<String> flags = Jvm.flags(collector, selection.heap());
            forks.add(new JavaFork(key, DurableWorker.class, flags, arguments, false, workplace));
        }
        return forks;
    }
}
