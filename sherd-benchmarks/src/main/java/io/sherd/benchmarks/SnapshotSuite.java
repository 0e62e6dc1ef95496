package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * What snapshots cost, rebalances, and images. The peer of both is {@code ConcurrentHashMap}: copied into a {@code HashMap}, listed, or written by
 * Java's serialization.
 */
final class SnapshotSuite implements Suite {
    private static final String SHERD = "Sherd";
    private static final List<String> BOTH = List.of(SHERD, "ConcurrentHashMap");
    private static final int SMALL = 50_000;
    private static final int MIDDLE = 100_000;
    private static final int LARGE = 1_000_000;
    private static final int LARGEST = 10_000_000;

    private static final String ALIVE = "write-while-alive";
    private static final String IMAGE = "image-write";
    private static final String REBALANCE = "rebalance-worst";

    private static final List<Workload> WORKLOADS = List.of(
            new Workload("step-aside", 2, "ms", SnapshotProbe.class, List.of(SHERD), List.of(MIDDLE, LARGEST)),
            new Workload(ALIVE, 2, "%", SnapshotProbe.class, List.of(SHERD), List.of(LARGEST)),
            new Workload("snapshot-heavy-clone", 1, "ns/op", SnapshotProbe.class, BOTH, List.of(SMALL)),
            new Workload("snapshot-heavy-cached", 1, "ns/op", SnapshotProbe.class, BOTH, List.of(SMALL)),
            new Workload("snapshot-heavy-cow", 1, "ns/op", SnapshotProbe.class, BOTH, List.of(SMALL)),
            new Workload("snapshot-list", 1, "ms", SnapshotProbe.class, BOTH, List.of(LARGE)),
            new Workload("diff", 1, "ms", SnapshotProbe.class, List.of(SHERD), List.of(LARGE)),
            // reports rebalance-throughput too
            new Workload(REBALANCE, 2, "ms", RebalanceProbe.class, List.of(SHERD), List.of(LARGEST)),
            // reports rebalance-deep-throughput too
            new Workload(RebalanceProbe.DEEP, 2, "ms", RebalanceProbe.class, List.of(SHERD), List.of(LARGEST)),
            // reports image-read and image-bytes too
            new Workload(
                    IMAGE, Runtime.getRuntime().availableProcessors(), "ms", ImageProbe.class, BOTH, List.of(LARGEST)));

    /** What a fork measures; some report more than the workload that they are called after. */
    private record Workload(
            String label, int threads, String unit, Class<?> probe, List<String> systems, List<Integer> sizes) {
        boolean isWanted(Selection selection) {
            return selection.wants(label)
                    || (label.equals(REBALANCE) && selection.wants("rebalance-throughput"))
                    || (label.equals(RebalanceProbe.DEEP) && selection.wants("rebalance-deep-throughput"))
                    || (label.equals(IMAGE) && (selection.wants("image-read") || selection.wants("image-bytes")));
        }

        /** Its own sizes among those that are wanted; if there is none among them, all that are. */
        List<Integer> sizes(Selection selection) {
            List<Integer> own =
                    sizes.stream().filter(selection.entries()::contains).toList();
            return own.isEmpty() ? selection.entries() : own;
        }

        List<String> arguments(String system, int entries) {
            String size = Integer.toString(entries);
            return label.equals(IMAGE) ? List.of(system, size) : List.of(label, system, size);
        }
    }

    @Override
    public String name() {
        return "snapshots";
    }

    @Override
    public String description() {
        return "Snapshots taken, read and compared; maps rebalanced; maps written into files and read back.";
    }

    @Override
    public List<String> workloads() {
        List<String> names = new ArrayList<>();
        for (Workload workload : WORKLOADS) {
            names.add(workload.label);
        }
        names.add("rebalance-throughput");
        names.add("rebalance-deep-throughput");
        names.add("image-read");
        names.add("image-bytes");
        return names;
    }

    @Override
    public List<String> systems() {
        return BOTH;
    }

    @Override
    public Selection defaults(boolean quick) {
        return new Selection(
                quick,
                workloads(),
                List.of(KeyKind.LONG),
                List.of(SMALL, MIDDLE, LARGE, LARGEST),
                List.of(ThreadCount.platform(Runtime.getRuntime().availableProcessors())),
                systems(),
                quick ? List.of(Collector.G1) : List.of(Collector.G1, Collector.PARALLEL),
                quick ? 2 : 5,
                "6g");
    }

    @Override
    public List<List<Fork>> plan(Selection selection, Workplace workplace) {
        List<List<Fork>> plan = new ArrayList<>();
        for (Collector collector : selection.collectors()) {
            for (Workload workload : WORKLOADS) {
                if (workload.isWanted(selection)) {
                    for (int entries : workload.sizes(selection)) {
                        plan.add(forks(selection, workplace, workload, entries, collector));
                    }
                }
            }
        }
        return plan;
    }

    private static List<Fork> forks(
            Selection selection, Workplace workplace, Workload workload, int entries, Collector collector) {
        List<Fork> forks = new ArrayList<>();
        for (String system : selection.systems()) {
            if (workload.systems.contains(system)) {
                RowKey key = new RowKey(
                        "snapshots",
                        workload.label,
                        "long",
                        entries,
                        workload.threads,
                        false,
                        collector.label(),
                        system,
                        workload.unit);
                forks.add(new JavaFork(
                        key,
                        workload.probe,
                        Jvm.flags(collector, selection.heap()),
                        workload.arguments(system, entries),
                        false,
                        workplace));
            }
        }
        return forks;
    }
}
