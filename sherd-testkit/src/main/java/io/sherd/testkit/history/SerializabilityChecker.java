package io.sherd.testkit.history;

import io.sherd.testkit.history.Anomaly.Kind;
import io.sherd.testkit.history.Observed.Event;
import io.sherd.testkit.history.Observed.Outcome;
import io.sherd.testkit.history.Observed.Read;
import io.sherd.testkit.history.Observed.Write;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a history is strictly serializable.
 *
 * <p>Each version names its writer. Who writes a key has read it before, if only as the answer of its write, so each version names the
 * one before it: the order of versions is known, and need not be guessed. That gives all that must hold in any serial
 * order that explains the history:
 *
 * <ul>
 *   <li>who wrote a version comes before who read it (wr) and before who overwrote it (ww),
 *   <li>who read a version comes before who overwrote it (rw),
 *   <li>who ended comes before who began later (rt); so that these are not as many as pairs, ends stand in a chain of their own,
 *       which everybody enters at its end and leaves at its beginning.
 * </ul>
 *
 * <p>If there is no cycle, any topological order is a serial order that explains everything. (Adya's theory; Elle goes the
 * same way.) A write whose version before is not known, by a process that was killed, has fewer edges; then a fault may be missed but
 * none is made up. A transaction with unknown outcome counts as committed if anybody has read what it wrote. One that aborted counts as
 * one that only read: a body must see one state even if it is run in vain.
 */
public final class SerializabilityChecker {
    private static final int MOST = 10;

    private enum Edge {
        WR,
        WW,
        RW,
        RT
    }

    private record Cell(int key, long version) {}

    private record Arc(int to, Edge edge, int key) {}

    private final List<Observed> history;
    private final List<Map<Integer, Long>> reads = new ArrayList<>();
    private final List<Map<Integer, Long>> writes = new ArrayList<>();
    private final boolean[] committed;
    private final Map<Cell, Integer> writers = new HashMap<>();
    private final Map<Cell, Integer> intermediate = new HashMap<>();
    private final Set<Cell> aborted = new HashSet<>();
    private final Map<Cell, List<Integer>> overwriters = new HashMap<>();
    private final List<List<Arc>> arcs = new ArrayList<>();
    private final List<Anomaly> anomalies = new ArrayList<>();

    private SerializabilityChecker(List<Observed> history) {
        this.history = history;
        this.committed = new boolean[history.size()];
    }

    /**
     * Judges a history.
     *
     * @param history all that was done with some keys, in any order
     * @return why it is not strictly serializable, some reasons at most; empty if it is
     * @throws IllegalArgumentException if a version was written by two who may have committed
     */
    public static List<Anomaly> check(List<Observed> history) {
        SerializabilityChecker checker = new SerializabilityChecker(history);
        checker.takeIn();
        checker.examineReads();
        checker.connect();
        checker.findCycles();
        return checker.anomalies;
    }

    private void found(Kind kind, String text) {
        if (anomalies.size() < MOST) {
            anomalies.add(new Anomaly(kind, text));
        }
    }

    private String name(int transaction) {
        return history.get(transaction).name();
    }

    private static String version(long version) {
        return version == Observed.INITIAL ? "its initial version" : "version " + version;
    }

    /** What each read from others and wrote at last. */
    private void takeIn() {
        for (int i = 0; i < history.size(); i++) {
            Map<Integer, Long> read = new LinkedHashMap<>();
            Map<Integer, Long> written = new LinkedHashMap<>();
            for (Event event : history.get(i).events()) {
                int key = event.key();
                switch (event) {
                    case Read found -> {
                        long version = found.version();
                        Long own = written.get(key);
                        Long before = read.get(key);
                        if (own != null && own != version) {
                            found(
                                    Kind.INTERNAL,
                                    name(i) + " wrote " + version(own) + " of key " + key + " and then found "
                                            + version(version));
                        } else if (own == null && before != null && before != version) {
                            found(
                                    Kind.UNREPEATABLE_READ,
                                    name(i) + " found " + version(before) + " of key " + key + " and then "
                                            + version(version));
                        } else if (own == null) {
                            read.put(key, version);
                        }
                    }
                    case Write wrote -> {
                        Long before = written.put(key, wrote.version());
                        if (before != null) {
                            intermediate.put(new Cell(key, before), i);
                        }
                    }
                }
            }
            reads.add(read);
            writes.add(written);
            arcs.add(new ArrayList<>());
        }
        Set<Cell> seen = new HashSet<>();
        reads.forEach(read -> read.forEach((key, version) -> seen.add(new Cell(key, version))));
        for (int i = 0; i < history.size(); i++) {
            Outcome outcome = history.get(i).outcome();
            committed[i] = outcome == Outcome.COMMITTED
                    || (outcome == Outcome.UNKNOWN
                            && writes.get(i).entrySet().stream()
                                    .anyMatch(write -> seen.contains(new Cell(write.getKey(), write.getValue()))));
            for (Map.Entry<Integer, Long> write : writes.get(i).entrySet()) {
                Cell cell = new Cell(write.getKey(), write.getValue());
                if (!committed[i]) {
                    aborted.add(cell);
                    continue;
                }
                Integer other = writers.putIfAbsent(cell, i);
                if (other != null) {
                    throw new IllegalArgumentException(version(cell.version) + " of key " + cell.key
                            + " was written by " + name(other) + " and by " + name(i) + "; each must be written once");
                }
            }
        }
    }

    private void examineReads() {
        for (int i = 0; i < history.size(); i++) {
            for (Map.Entry<Integer, Long> read : reads.get(i).entrySet()) {
                Cell cell = new Cell(read.getKey(), read.getValue());
                if (cell.version == Observed.INITIAL || writers.containsKey(cell)) {
                    continue;
                }
                String text = name(i) + " found " + version(cell.version) + " of key " + cell.key;
                if (intermediate.containsKey(cell)) {
                    found(
                            Kind.INTERMEDIATE_READ,
                            text + ", which " + name(intermediate.get(cell)) + " overwrote itself");
                } else if (aborted.contains(cell)) {
                    found(Kind.ABORTED_READ, text + ", whose writer did not commit");
                } else {
                    found(Kind.READ_FROM_NOWHERE, text + ", which nobody wrote");
                }
            }
        }
    }

    private void connect() {
        for (int i = 0; i < history.size(); i++) {
            if (committed[i]) {
                for (int key : writes.get(i).keySet()) {
                    Long before = reads.get(i).get(key);
                    if (before != null) {
                        overwriters
                                .computeIfAbsent(new Cell(key, before), cell -> new ArrayList<>())
                                .add(i);
                    }
                }
            }
        }
        for (int i = 0; i < history.size(); i++) {
            for (Map.Entry<Integer, Long> read : reads.get(i).entrySet()) {
                Cell cell = new Cell(read.getKey(), read.getValue());
                Integer writer = writers.get(cell);
                boolean overwrites = committed[i] && writes.get(i).containsKey(cell.key);
                if (writer != null && writer != i) {
                    arcs.get(writer).add(new Arc(i, overwrites ? Edge.WW : Edge.WR, cell.key));
                }
                for (int next : overwriters.getOrDefault(cell, List.of())) {
                    if (next != i) {
                        arcs.get(i).add(new Arc(next, Edge.RW, cell.key));
                    }
                }
            }
        }
    }

    private void findCycles() {
        cycles(arcs, null);
        if (anomalies.isEmpty()) {
            List<List<Arc>> inTime = new ArrayList<>();
            arcs.forEach(from -> inTime.add(new ArrayList<>(from)));
            int n = history.size();
            Integer[] byEnd = new Integer[n];
            Arrays.setAll(byEnd, i -> i);
            Arrays.sort(byEnd, Comparator.comparingLong(i -> history.get(i).ended()));
            long[] ends = new long[n];
            for (int at = 0; at < n; at++) {
                ends[at] = history.get(byEnd[at]).ended();
                inTime.get(byEnd[at]).add(new Arc(n + at, Edge.RT, -1));
                inTime.add(new ArrayList<>());
                if (at > 0) {
                    inTime.get(n + at - 1).add(new Arc(n + at, Edge.RT, -1));
                }
            }
            for (int i = 0; i < n; i++) {
                int before = endsBefore(ends, history.get(i).began());
                if (before > 0) {
                    inTime.get(n + before - 1).add(new Arc(i, Edge.RT, -1));
                }
            }
            cycles(inTime, Kind.REAL_TIME);
        }
    }

    /** How many ended before a time. */
    private static int endsBefore(long[] ends, long time) {
        int low = 0;
        int high = ends.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void cycles(List<List<Arc>> graph, @Nullable Kind kind) {
        int[] component = components(graph);
        Set<Integer> told = new HashSet<>();
        for (int i = 0; i < history.size() && anomalies.size() < MOST; i++) {
            if (told.contains(component[i])) {
                continue;
            }
            List<Arc> cycle = shortest(graph, component, i);
            if (!cycle.isEmpty()) {
                told.add(component[i]);
                found(kind != null ? kind : kind(cycle), describe(i, cycle));
            }
        }
    }

    private static Kind kind(List<Arc> cycle) {
        long against = cycle.stream().filter(arc -> arc.edge == Edge.RW).count();
        if (against == 0) {
            return Kind.CIRCULAR_FLOW;
        }
        boolean oneKey = cycle.stream().allMatch(arc -> arc.key == cycle.getFirst().key);
        if (oneKey && cycle.size() == 2 && cycle.stream().noneMatch(arc -> arc.edge == Edge.WR)) {
            return Kind.LOST_UPDATE;
        }
        return against == 1 ? Kind.READ_SKEW : Kind.WRITE_SKEW;
    }

    private String describe(int start, List<Arc> cycle) {
        StringBuilder text = new StringBuilder(name(start));
        for (Arc arc : cycle) {
            if (arc.edge == Edge.RT) {
                if (arc.to < history.size()) {
                    text.append(" ended before, in time, ").append(name(arc.to)).append(';');
                }
                continue;
            }
            text.append(
                            switch (arc.edge) {
                                case WR -> " wrote what was read by ";
                                case WW -> " wrote what was overwritten by ";
                                default -> " read what was overwritten by ";
                            })
                    .append(name(arc.to))
                    .append(" (key ")
                    .append(arc.key)
                    .append(");");
        }
        return text.toString();
    }

    /** The shortest way from a transaction back to itself, or none. */
    private static List<Arc> shortest(List<List<Arc>> graph, int[] component, int start) {
        Map<Integer, Integer> from = new HashMap<>();
        Map<Integer, Arc> by = new HashMap<>();
        Deque<Integer> next = new ArrayDeque<>(List.of(start));
        while (!next.isEmpty()) {
            int at = next.poll();
            for (Arc arc : graph.get(at)) {
                if (component[arc.to] != component[start] || by.containsKey(arc.to)) {
                    continue;
                }
                by.put(arc.to, arc);
                from.put(arc.to, at);
                if (arc.to == start) {
                    List<Arc> way = new ArrayList<>();
                    int back = start;
                    do {
                        way.add(Objects.requireNonNull(by.get(back)));
                        back = Objects.requireNonNull(from.get(back));
                    } while (back != start);
                    return way.reversed();
                }
                next.add(arc.to);
            }
        }
        return List.of();
    }

    /** The strongly connected components, by Tarjan's algorithm without recursion. */
    private static int[] components(List<List<Arc>> graph) {
        int n = graph.size();
        int[] index = new int[n];
        int[] low = new int[n];
        int[] position = new int[n];
        int[] component = new int[n];
        Arrays.fill(component, -1);
        Deque<Integer> path = new ArrayDeque<>();
        Deque<Integer> open = new ArrayDeque<>();
        int count = 0;
        for (int root = 0; root < n; root++) {
            if (index[root] != 0) {
                continue;
            }
            path.push(root);
            while (!path.isEmpty()) {
                int at = path.peek();
                if (index[at] == 0) {
                    index[at] = low[at] = ++count;
                    open.push(at);
                }
                if (position[at] < graph.get(at).size()) {
                    int to = graph.get(at).get(position[at]++).to;
                    if (index[to] == 0) {
                        path.push(to);
                    } else if (component[to] < 0) {
                        low[at] = Math.min(low[at], index[to]);
                    }
                    continue;
                }
                path.pop();
                if (low[at] == index[at]) {
                    int last;
                    do {
                        last = open.pop();
                        component[last] = at;
                    } while (last != at);
                }
                if (!path.isEmpty()) {
                    low[path.peek()] = Math.min(low[path.peek()], low[at]);
                }
            }
        }
        return component;
    }
}
