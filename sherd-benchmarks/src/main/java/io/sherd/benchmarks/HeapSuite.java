package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Maps on the heap, under the JVM's default collector and under the throughput collector. */
final class HeapSuite implements Suite {
    private static final String BYTES = "bytes-per-entry";
    private static final String PAUSE = "growth-pause";
    private static final String HASHES = "growth-hashes";

    /** Growth is measured at this size unless --entries says otherwise. */
    private static final int GROWTH_ENTRIES = 10_000_000;

    /** Without a collector the heap holds all that a fill to the largest size allocates. */
    private static final String GROWTH_HEAP = "6g";

    @Override
    public String name() {
        return "heap";
    }

    @Override
    public String description() {
        return "Maps on the heap: single operations, iteration, memory, growth.";
    }

    @Override
    public List<String> workloads() {
        List<String> workloads = new ArrayList<>(HeapWorkload.labels());
        workloads.addAll(List.of(BYTES, PAUSE, HASHES));
        return workloads;
    }

    @Override
    public List<String> systems() {
        return Peers.HEAP.stream().map(HeapPeer::name).toList();
    }

    @Override
    public Selection defaults(boolean quick) {
        if (quick) {
            return new Selection(
                    true,
                    List.of("insert", "get-hit", "get-miss", "update", "mixed-50-50", "iterate", BYTES, PAUSE, HASHES),
                    List.of(KeyKind.LONG),
                    List.of(1_000_000),
                    List.of(ThreadCount.platform(1), ThreadCount.platform(2)),
                    List.of("Sherd", "ConcurrentHashMap"),
                    List.of(Collector.G1),
                    3,
                    "1g");
        }
        return new Selection(
                false,
                workloads(),
                List.of(KeyKind.LONG, KeyKind.STRING24),
                List.of(1_000, 1_000_000),
                List.of(ThreadCount.platform(1), ThreadCount.platform(2)),
                List.of("Sherd", "ConcurrentHashMap", "NonBlockingHashMap", "LockedHashMap"),
                List.of(Collector.G1, Collector.PARALLEL),
                5,
                "2g");
    }

    @Override
    public List<List<Fork>> plan(Selection selection, Workplace workplace) {
        List<List<Fork>> plan = new ArrayList<>();
        for (int entries : selection.entries()) {
            for (KeyKind keys : selection.keys()) {
                probes(plan, selection, workplace, keys, entries);
                for (HeapWorkload workload : HeapWorkload.values()) {
                    if (selection.wants(workload.label())) {
                        operations(plan, selection, workplace, workload, keys, entries);
                    }
                }
            }
        }
        if (selection.wants(PAUSE)) {
            int entries = growthEntries(selection);
            for (KeyKind keys : selection.keys()) {
                plan.add(probe(selection, workplace, "growth", PAUSE, keys, entries, Collector.EPSILON));
            }
        }
        return plan;
    }

    /** The largest size that was asked for by name; the sizes of the other workloads say nothing about growth. */
    private int growthEntries(Selection selection) {
        if (selection.entries().equals(defaults(selection.quick()).entries())) {
            return GROWTH_ENTRIES;
        }
        return selection.entries().stream().max(Integer::compare).orElse(GROWTH_ENTRIES);
    }

    private static void operations(
            List<List<Fork>> plan,
            Selection selection,
            Workplace workplace,
            HeapWorkload workload,
            KeyKind keys,
            int entries) {
        for (ThreadCount threads : selection.threads()) {
            if (threads.virtual()) {
                throw new IllegalArgumentException("threads: the heap suite measures platform threads only");
            }
            for (Collector collector : selection.collectors()) {
                List<Fork> forks = new ArrayList<>();
                for (String system : selection.systems()) {
                    RowKey key = new RowKey(
                            "heap",
                            workload.label(),
                            keys.label(),
                            entries,
                            threads.count(),
                            false,
                            collector.label(),
                            system,
                            "Mops/s");
                    forks.add(new JmhFork(key, workload, selection, collector, workplace));
                }
                plan.add(forks);
            }
        }
    }

    private static void probes(
            List<List<Fork>> plan, Selection selection, Workplace workplace, KeyKind keys, int entries) {
        if (selection.wants(BYTES)) {
            plan.add(probe(selection, workplace, "bytes", BYTES, keys, entries, Collector.G1));
        }
        if (selection.wants(HASHES) && keys == KeyKind.LONG) {
            plan.add(probe(selection, workplace, "hashes", HASHES, keys, entries, Collector.G1));
        }
    }

    private static List<Fork> probe(
            Selection selection,
            Workplace workplace,
            String probe,
            String workload,
            KeyKind keys,
            int entries,
            Collector collector) {
        boolean growth = collector == Collector.EPSILON;
        List<String> flags = new ArrayList<>(Jvm.flags(collector, growth ? GROWTH_HEAP : selection.heap()));
        // what JOL, which knows no JVM this new, has to be told
        flags.add("-Djol.magicFieldOffset=true");
        flags.add("-XX:+EnableDynamicAgentLoading");
        flags.add("-Djdk.attach.allowAttachSelf=true");
        List<Fork> forks = new ArrayList<>();
        for (String system : selection.systems()) {
            RowKey key = new RowKey(
                    "heap", workload, keys.label(), entries, 1, false, collector.label(), system, growth ? "ms" : "");
            List<String> arguments = List.of(probe, system, keys.label(), Integer.toString(entries));
            // bytes and calls are exact; a quick run has no time to grow ten million entries more than once
            boolean once = !growth || selection.quick();
            forks.add(new JavaFork(key, HeapProbe.class, flags, arguments, once, workplace));
        }
        return forks;
    }
}
