package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Images of maps; Java's serialization of a {@code ConcurrentHashMap} is the peer. */
final class SnapshotSuite implements Suite {
    private static final List<String> IMAGES = List.of("image-write", "image-read", "image-bytes");

    @Override
    public String name() {
        return "snapshots";
    }

    @Override
    public String description() {
        return "Maps written into files and read back.";
    }

    @Override
    public List<String> workloads() {
        return IMAGES;
    }

    @Override
    public List<String> systems() {
        return List.of("Sherd", "ConcurrentHashMap");
    }

    @Override
    public Selection defaults(boolean quick) {
        return new Selection(
                quick,
                workloads(),
                List.of(KeyKind.LONG),
                List.of(10_000_000),
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
            for (int entries : selection.entries()) {
                if (IMAGES.stream().anyMatch(selection::wants)) {
                    plan.add(images(selection, workplace, entries, collector));
                }
            }
        }
        return plan;
    }

    /** One fork a system measures all three. */
    private static List<Fork> images(Selection selection, Workplace workplace, int entries, Collector collector) {
        List<Fork> forks = new ArrayList<>();
        for (String system : selection.systems()) {
            RowKey key = new RowKey(
                    "snapshots",
                    "image-write",
                    "long",
                    entries,
                    Runtime.getRuntime().availableProcessors(),
                    false,
                    collector.label(),
                    system,
                    "ms");
            forks.add(new JavaFork(
                    key,
                    ImageProbe.class,
                    Jvm.flags(collector, selection.heap()),
                    List.of(system, Integer.toString(entries)),
                    false,
                    workplace));
        }
        return forks;
    }
}
