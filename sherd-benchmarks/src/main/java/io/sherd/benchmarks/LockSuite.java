package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Changes under the lock of a key, transactions, and what a slow loader does to strangers. */
final class LockSuite implements Suite {
    private static final String STRANGER = "stranger-p999";
    private static final String MAPS = "Sherd,ConcurrentHashMap";
    private static final String PAIRS = "Sherd-transact,Sherd-puts";
    private static final List<String> LOADERS = List.of("Sherd", "ConcurrentHashMap", "Caffeine");

    /** The workloads that JMH runs, with the systems that have them. */
    private enum Workload implements JmhWorkload {
        LOCK_UNIFORM("LockOperations.lockUniform", ""),
        LOCK_HOT("LockOperations.lockHot", ""),
        LOCK_ABSENT("LockOperations.lockAbsent", ""),
        TRANSACT_2("LockOperations.transact2", PAIRS),
        TRANSACT_2_HOT("LockOperations.transact2Hot", PAIRS),
        MERGE_HOT("HeapOperations.mergeHot", MAPS),
        COMPUTE_IF_ABSENT_HIT("HeapOperations.computeIfAbsentHit", MAPS);

        private final String method;
        /** Who has it, with commas; empty for all locks. */
        private final String systems;

        Workload(String method, String systems) {
            this.method = method;
            this.systems = systems;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        boolean has(String system) {
            return systems.isEmpty()
                    ? !(PAIRS + ",Caffeine").contains(system) || system.equals("Sherd")
                    : List.of(systems.split(",")).contains(system);
        }

        @Override
        public String benchmark() {
            return LockSuite.class.getPackageName() + "." + method;
        }

        @Override
        public boolean singleShot() {
            return false;
        }

        @Override
        public Map<String, String> parameters() {
            return Map.of();
        }

        @Override
        public double rate(double score, long entries) {
            return score;
        }
    }

    @Override
    public String name() {
        return "locks";
    }

    @Override
    public String description() {
        return "Keys held across statements, transactions, functions that are slow.";
    }

    @Override
    public List<String> workloads() {
        List<String> workloads = new ArrayList<>(
                Arrays.stream(Workload.values()).map(Workload::label).toList());
        workloads.add(STRANGER);
        return workloads;
    }

    @Override
    public List<String> systems() {
        List<String> systems = new ArrayList<>(LockPeer.NAMES);
        systems.add("Caffeine");
        return systems;
    }

    @Override
    public Selection defaults(boolean quick) {
        return new Selection(
                quick,
                workloads(),
                List.of(KeyKind.LONG),
                List.of(1_000_000),
                quick
                        ? List.of(ThreadCount.platform(1), ThreadCount.platform(2))
                        : List.of(
                                ThreadCount.platform(1),
                                ThreadCount.platform(2),
                                ThreadCount.platform(8),
                                ThreadCount.virtual(8)),
                systems(),
                quick ? List.of(Collector.G1) : List.of(Collector.G1, Collector.PARALLEL),
                quick ? 2 : 5,
                "1g");
    }

    @Override
    public List<List<Fork>> plan(Selection selection, Workplace workplace) {
        List<List<Fork>> plan = new ArrayList<>();
        for (Collector collector : selection.collectors()) {
            for (int entries : selection.entries()) {
                for (KeyKind keys : selection.keys()) {
                    for (Workload workload : Workload.values()) {
                        if (selection.wants(workload.label())) {
                            operations(plan, selection, workplace, workload, keys, entries, collector);
                        }
                    }
                }
            }
            if (selection.wants(STRANGER)) {
                plan.add(strangers(selection, workplace, collector));
            }
        }
        return plan;
    }

    private static void operations(
            List<List<Fork>> plan,
            Selection selection,
            Workplace workplace,
            Workload workload,
            KeyKind keys,
            int entries,
            Collector collector) {
        for (ThreadCount threads : selection.threads()) {
            List<Fork> forks = new ArrayList<>();
            for (String system : selection.systems()) {
                if (workload.has(system)) {
                    RowKey key = new RowKey(
                            "locks",
                            workload.label(),
                            keys.label(),
                            entries,
                            threads.count(),
                            threads.virtual(),
                            collector.label(),
                            system,
                            "Mops/s");
                    forks.add(new JmhFork(key, workload, selection, collector, workplace));
                }
            }
            if (!forks.isEmpty()) {
                plan.add(forks);
            }
        }
    }

    private static List<Fork> strangers(Selection selection, Workplace workplace, Collector collector) {
        List<Fork> forks = new ArrayList<>();
        for (String system : selection.systems()) {
            if (LOADERS.contains(system)) {
                RowKey key = new RowKey(
                        "locks", STRANGER, "long", StrangerProbe.KEYS, 1, false, collector.label(), system, "ns/op");
                forks.add(new JavaFork(
                        key,
                        StrangerProbe.class,
                        Jvm.flags(collector, selection.heap()),
                        List.of(system),
                        false,
                        workplace));
            }
        }
        return forks;
    }
}
