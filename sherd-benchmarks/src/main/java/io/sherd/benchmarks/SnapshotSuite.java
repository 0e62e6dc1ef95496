package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * What snapshots cost, and images. The peer of both is {@code ConcurrentHashMap}: copied into a {@code HashMap}, listed, or written by
 * Java's serialization.
 */
final class SnapshotSuite implements Suite {
    private static final String SHERD = "Sherd";
    private static final List<String> BOTH = List.of(SHERD, "ConcurrentHashMap");
    private static final int SMALL = 50_000;
    private static final int MIDDLE = 100_000;
    private static final int LARGE = 1_000_000;
    private static final int LARGEST = 10_000_000;

    /** What a fork measures; some report more than the workload that they are called after. */
    private enum Workload {
        STEP_ASIDE("step-aside", SnapshotProbe.class, List.of(SHERD), MIDDLE, LARGEST),
        WRITE_WHILE_ALIVE("write-while-alive", SnapshotProbe.class, List.of(SHERD), LARGEST),
        HEAVY_CLONE("snapshot-heavy-clone", SnapshotProbe.class, BOTH, SMALL),
        HEAVY_CACHED("snapshot-heavy-cached", SnapshotProbe.class, BOTH, SMALL),
        HEAVY_COW("snapshot-heavy-cow", SnapshotProbe.class, BOTH, SMALL),
        LIST("snapshot-list", SnapshotProbe.class, BOTH, LARGE),
        DIFF("diff", SnapshotProbe.class, List.of(SHERD), LARGE),
        /** Reports {@code image-read} and {@code image-bytes} too. */
        IMAGE("image-write", ImageProbe.class, BOTH, LARGEST);

        private final String label;
        private final Class<?> probe;
        private final List<String> systems;
        private final List<Integer> sizes;

        Workload(String label, Class<?> probe, List<String> systems, Integer... sizes) {
            this.label = label;
            this.probe = probe;
            this.systems = systems;
            this.sizes = List.of(sizes);
        }

        boolean isWanted(Selection selection) {
            return selection.wants(label)
                    || (this == IMAGE && (selection.wants("image-read") || selection.wants("image-bytes")));
        }

        /** Its own sizes among those that are wanted; if there is none among them, all that are. */
        List<Integer> sizes(Selection selection) {
            List<Integer> own =
                    sizes.stream().filter(selection.entries()::contains).toList();
            return own.isEmpty() ? selection.entries() : own;
        }

        List<String> arguments(String system, int entries) {
            String size = Integer.toString(entries);
            return this == IMAGE ? List.of(system, size) : List.of(label, system, size);
        }

        int threads() {
            return switch (this) {
                case STEP_ASIDE, WRITE_WHILE_ALIVE -> 2;
                case IMAGE -> Runtime.getRuntime().availableProcessors();
                default -> 1;
            };
        }

        String unit() {
            return switch (this) {
                case WRITE_WHILE_ALIVE -> "%";
                case HEAVY_CLONE, HEAVY_CACHED, HEAVY_COW -> "ns/op";
                default -> "ms";
            };
        }
    }

    @Override
    public String name() {
        return "snapshots";
    }

    @Override
    public String description() {
        return "Snapshots taken, read and compared; maps written into files and read back.";
    }

    @Override
    public List<String> workloads() {
        List<String> names = new ArrayList<>();
        for (Workload workload : Workload.values()) {
            names.add(workload.label);
        }
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
            for (Workload workload : Workload.values()) {
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
                        workload.threads(),
                        false,
                        collector.label(),
                        system,
                        workload.unit());
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
