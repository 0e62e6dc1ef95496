package io.sherd.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The bulk harness for maps in files, in a JVM of its own: every workload over one store, then its files.
 *
 * <p>Arguments: the system; the kind of keys; the number of entries; the number of threads; how many operations a workload
 * does at most; the workloads, with commas between; and an empty folder.
 *
 * <p>First small stores are filled, and all of it runs on two of them, so that the code is compiled; what that measures is thrown away. Then a store is
 * filled, from empty, and used: look-ups, iteration, overwrites, removals, in this order. It is deleted, and a second one
 * filled by one thread, each put timed, for what concerns the files: the worst put, recovery, bytes, reopening.
 *
 * <p>Recovery is that of a map whose process ended without a word, in the bytes of the log a second; the first one of the process is
 * {@code recovery-first}. Reopening is that of a map that was closed. All end with the first look-up, with the files in the page
 * cache; but for the first recovery the code is compiled.
 */
final class DiskWorker<K, V> {
    private static final int TRIAL_ENTRIES = 200_000;

    /** A fill is one pass, in which the rest does not come up, so there are more of them. */
    private static final int TRIAL_FILLS = 8;

    private static final int RECORDS_UNTIL_COMPILED = 4_000_000;

    /** Operations of one kind that a store may gather into a transaction. */
    private static final int BATCH = 1_000;

    private static final int TOGETHER = 16;

    private final DiskPeer peer;
    private final DiskData<K, V> data;
    private final int entries;
    private final int operations;
    private final Set<String> workloads;
    private final Path folder;
    private final boolean trial;
    private final Crew crew;

    private DiskWorker(
            DiskPeer peer,
            DiskData<K, V> data,
            int entries,
            int operations,
            Set<String> workloads,
            Path folder,
            boolean trial,
            Crew crew) {
        this.peer = peer;
        this.data = data;
        this.entries = entries;
        this.operations = Math.min(operations, entries);
        this.workloads = workloads;
        this.folder = folder;
        this.trial = trial;
        this.crew = crew;
    }

    /** Measures and reports. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        DiskPeer peer = Peers.disk(arguments[0]);
        DiskData<?, ?> data = DiskData.of(KeyKind.of(arguments[1]));
        int entries = Integer.parseInt(arguments[2]);
        ThreadCount threads = ThreadCount.of(arguments[3]);
        int operations = Integer.parseInt(arguments[4]);
        Set<String> workloads = Set.copyOf(Arrays.asList(arguments[5].split(",", -1)));
        Path folder = Path.of(arguments[6]);
        try (Crew crew = new Crew(threads)) {
            int small = Math.min(entries, TRIAL_ENTRIES);
            for (int i = 0; i < TRIAL_FILLS; i++) {
                new DiskWorker<>(peer, data, small, small, Set.of("insert"), folder, true, crew).measure();
            }
            for (int i = 0; i < 2; i++) {
                new DiskWorker<>(peer, data, small, small, workloads, folder, true, crew).measure();
            }
            new DiskWorker<>(peer, data, entries, operations, workloads, folder, false, crew).measure();
        }
    }

    private void measure() throws IOException, InterruptedException {
        Object[] keys = data.kind().keys(0, entries);
        if (workloads.stream().anyMatch(DiskSuite.OPERATIONS::contains)) {
            Path place = Files.createDirectory(folder.resolve("operations"));
            try (DiskStore<K, V> store = peer.open(data, place, entries, false)) {
                operations(store, keys);
            }
            Workplace.delete(place);
        }
        if (workloads.stream().anyMatch(DiskSuite.FILES::contains)) {
            files(keys);
        }
    }

    private void operations(DiskStore<K, V> store, Object[] keys) throws InterruptedException {
        rate("insert", entries, entries, put(store, keys, 0));
        Object[] probes = data.kind().probes(entries, operations);
        if (workloads.contains("get-hit")) {
            rate("get-hit", operations, operations, get(store, probes));
        }
        if (workloads.contains("get-all-16")) {
            getAll(store, probes);
        }
        if (workloads.contains("get-miss")) {
            Object[] misses = data.kind().keys(KeyKind.ABSENT, operations);
            rate("get-miss", operations, 0, get(store, misses));
        }
        if (workloads.contains("iterate")) {
            iterate(store, keys);
        }
        if (workloads.contains("overwrite")) {
            rate("overwrite", operations, operations, put(store, probes, entries));
        }
        if (workloads.contains("mixed-90-10")) {
            mixed(store, probes);
        }
        if (workloads.contains("remove")) {
            Crew.Outcome outcome = crew.work(member -> {
                int done = 0;
                try (DiskStore.Session<K, V> session = store.session(BATCH)) {
                    for (int i = from(operations, member); i < from(operations, member + 1); i++) {
                        session.remove(data.key(probes[i]));
                        done++;
                    }
                }
                return done;
            });
            rate("remove", operations, operations, outcome);
            Object[] gone = Arrays.copyOf(probes, Math.min(operations, 10_000));
            expect("look-ups of removed keys", 0, get(store, gone).sum());
        }
    }

    private Crew.Outcome put(DiskStore<K, V> store, Object[] keys, long firstValue) throws InterruptedException {
        return crew.work(member -> {
            int done = 0;
            try (DiskStore.Session<K, V> session = store.session(BATCH)) {
                for (int i = from(keys.length, member); i < from(keys.length, member + 1); i++) {
                    session.put(data.key(keys[i]), data.value(firstValue + i));
                    done++;
                }
            }
            return done;
        });
    }

    /** Counts the keys that are present, after their values have been read. */
    private Crew.Outcome get(DiskStore<K, V> store, Object[] probes) throws InterruptedException {
        return crew.work(member -> {
            int present = 0;
            long sum = 0;
            try (DiskStore.Session<K, V> session = store.session(BATCH)) {
                for (int i = from(probes.length, member); i < from(probes.length, member + 1); i++) {
                    K key = data.key(probes[i]);
                    V value = session.get(key);
                    if (value != null) {
                        present++;
                        sum += data.sum(key, value);
                    }
                }
            }
            Sink.take(sum);
            return present;
        });
    }

    private void getAll(DiskStore<K, V> store, Object[] probes) throws InterruptedException {
        List<List<K>> together = new ArrayList<>();
        for (int i = 0; i + TOGETHER <= probes.length; i += TOGETHER) {
            List<K> group = new ArrayList<>(TOGETHER);
            for (int j = i; j < i + TOGETHER; j++) {
                group.add(data.key(probes[j]));
            }
            together.add(group);
        }
        int count = together.size() * TOGETHER;
        Crew.Outcome outcome = crew.work(member -> {
            long present = 0;
            try (DiskStore.Session<K, V> session = store.session(BATCH)) {
                for (int i = from(together.size(), member); i < from(together.size(), member + 1); i++) {
                    present += session.getAll(together.get(i));
                }
            }
            return present;
        });
        rate("get-all-16", count, count, outcome);
    }

    private void mixed(DiskStore<K, V> store, Object[] probes) throws InterruptedException {
        Crew.Outcome outcome = crew.work(member -> {
            int done = 0;
            long sum = 0;
            try (DiskStore.Session<K, V> session = store.session(1)) {
                for (int i = from(operations, member); i < from(operations, member + 1); i++) {
                    K key = data.key(probes[i]);
                    if (Long.remainderUnsigned(KeyKind.mix(i), 10) == 0) {
                        session.put(key, data.value(i));
                        done++;
                    } else {
                        V value = session.get(key);
                        if (value != null) {
                            sum += data.sum(key, value);
                            done++;
                        }
                    }
                }
            }
            Sink.take(sum);
            return done;
        });
        rate("mixed-90-10", operations, operations, outcome);
    }

    private void iterate(DiskStore<K, V> store, Object[] keys) throws InterruptedException {
        long wanted = 0;
        for (int i = 0; i < keys.length; i++) {
            wanted += data.sum(data.key(keys[i]), data.value(i));
        }
        Crew.Outcome outcome = crew.work(member -> store.iterate());
        rate("iterate", (long) entries * crew.size(), wanted * crew.size(), outcome);
    }

    private void files(Object[] keys) throws IOException, InterruptedException {
        Path place = Files.createDirectory(folder.resolve("files"));
        try (DiskStore<K, V> store = peer.open(data, place, entries, false);
                DiskStore.Session<K, V> session = store.session(BATCH)) {
            long worst = 0;
            long last = System.nanoTime();
            for (int i = 0; i < keys.length; i++) {
                session.put(data.key(keys[i]), data.value(i));
                long now = System.nanoTime();
                worst = Math.max(worst, now - last);
                last = now;
            }
            report("growth-pause", "ms", worst / 1e6);
        }
        if (workloads.contains("bytes-per-entry")) {
            report("bytes-per-entry", "B/entry", (double) diskBytes(place) / entries);
        }
        if (workloads.contains("reopen")) {
            report("reopen", "ms", openNanos(place, keys) / 1e6);
        }
        Workplace.delete(place);
        if (workloads.contains("recovery") && peer.replaysLog() && !trial) {
            recovery(keys);
        }
    }

    private void recovery(Object[] keys) throws IOException, InterruptedException {
        Path killed = Files.createDirectory(folder.resolve("killed"));
        long logBytes = DiskVictim.fill(peer.name(), data.kind(), entries, killed);
        // a recovery is one pass over the log, so it takes several of a small one until its code is compiled; on copies
        Path copy = folder.resolve("copy");
        int trials = Math.ceilDiv(RECORDS_UNTIL_COMPILED, entries);
        for (int i = 0; i < trials; i++) {
            copy(killed, copy);
            double nanos = openNanos(copy, keys);
            Workplace.delete(copy);
            if (i == 0) {
                Report.write("recovery-first", "GB/s", logBytes / nanos);
            }
        }
        report("recovery", "GB/s", logBytes / openNanos(killed, keys));
        Workplace.delete(killed);
    }

    /** From the call of open to the first value. */
    private double openNanos(Path place, Object[] keys) throws IOException {
        K key = data.key(keys[keys.length / 2]);
        long began = System.nanoTime();
        try (DiskStore<K, V> store = peer.open(data, place, entries, false);
                DiskStore.Session<K, V> session = store.session(1)) {
            V value = session.get(key);
            long ended = System.nanoTime();
            if (value == null) {
                throw new IllegalStateException(peer.name() + " lost a key when it was opened again");
            }
            int present = 0;
            for (int i = 0; i < keys.length; i += 7) {
                present += session.get(data.key(keys[i])) == null ? 0 : 1;
            }
            expect("keys after opening again", Math.ceilDiv(keys.length, 7), present);
            return ended - began;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path each : walk.toList()) {
                Files.copy(each, to.resolve(from.relativize(each)));
            }
        }
    }

    /** What the files take on the disk: a sparse file's holes take nothing. */
    private static long diskBytes(Path place) throws IOException {
        Process process = new ProcessBuilder("du", "-sk", place.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var output = process.inputReader()) {
            String line = output.readLine();
            if (line == null) {
                throw new IOException("du said nothing about " + place);
            }
            return Long.parseLong(line.split("\\s", 2)[0]) << 10;
        }
    }

    /** The first of {@code count} things that a member of the crew does. */
    private int from(int count, int member) {
        return (int) ((long) count * member / crew.size());
    }

    private void rate(String workload, long count, long wanted, Crew.Outcome outcome) {
        expect(workload, wanted, outcome.sum());
        report(workload, "Mops/s", count * 1e3 / outcome.nanos());
    }

    private void expect(String what, long wanted, long found) {
        if (wanted != found) {
            throw new IllegalStateException(
                    peer.name() + ", " + what + ": " + found + " where " + wanted + " is right");
        }
    }

    private void report(String workload, String unit, double value) {
        if (!trial && workloads.contains(workload)) {
            Report.write(workload, unit, value);
        }
    }
}
