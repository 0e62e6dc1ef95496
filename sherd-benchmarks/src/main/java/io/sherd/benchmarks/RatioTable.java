package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rows as a Markdown table: a line for each condition, Sherd's figure, each peer's figure with the ratio of Sherd's to it (or of its first variant's, such as
 * {@code Sherd-transact}, where it was not measured itself),
 * and the target where one is promised, marked {@code ok} or {@code short}. Columns are padded, so that it reads on a
 * terminal as well. A suite has a table of its own.
 */
final class RatioTable {
    private static final String OURS = "Sherd";

    private RatioTable() {}

    static String render(Collection<Row> rows) {
        Map<String, List<Row>> suites = new LinkedHashMap<>();
        for (Row row : rows) {
            suites.computeIfAbsent(row.key().suite(), suite -> new ArrayList<>())
                    .add(row);
        }
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, List<Row>> suite : suites.entrySet()) {
            if (!text.isEmpty()) {
                text.append('\n');
            }
            if (suites.size() > 1) {
                text.append("Suite ").append(suite.getKey()).append(":\n\n");
            }
            text.append(suite(suite.getValue()));
        }
        return text.toString();
    }

    private static String suite(List<Row> rows) {
        Map<RowKey, Map<String, Row>> conditions = new LinkedHashMap<>();
        Set<String> peers =
                new TreeSet<>(Comparator.comparingInt(Peers::rank).thenComparing(Comparator.naturalOrder()));
        for (Row row : rows) {
            conditions
                    .computeIfAbsent(row.key().condition(), condition -> new LinkedHashMap<>())
                    .put(row.key().system(), row);
            if (!row.key().system().equals(OURS)) {
                peers.add(row.key().system());
            }
        }
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("workload", "keys", "entries", "threads", "gc", "unit", OURS));
        for (String peer : peers) {
            head.add(peer);
            head.add("×");
        }
        head.add("target");
        lines.add(head);
        conditions.forEach((condition, systems) -> lines.add(line(condition, systems, peers)));
        return padded(lines);
    }

    private static List<String> line(RowKey condition, Map<String, Row> systems, Set<String> peers) {
        Row ours = ours(systems, peers);
        List<String> cells = new ArrayList<>();
        cells.add(condition.workload());
        cells.add(condition.keys());
        cells.add(count(condition.entries()));
        cells.add(condition.threads() + (condition.virtual() ? " virtual" : ""));
        cells.add(condition.gc());
        cells.add(condition.unit() + (condition.moreIsBetter() ? "" : " ↓"));
        cells.add(figure(systems.get(OURS)));
        for (String peer : peers) {
            Row row = systems.get(peer);
            cells.add(figure(row));
            cells.add(ours == null || row == null || row.equals(ours) ? "" : ratio(ours.value() / row.value()));
        }
        cells.add(ours == null ? "" : targets(condition, ours, systems));
        return cells;
    }

    /** Sherd's row, or, where only variants of it were measured, that of the first. */
    private static @Nullable Row ours(Map<String, Row> systems, Set<String> peers) {
        Row ours = systems.get(OURS);
        for (String peer : peers) {
            if (ours == null && peer.startsWith(OURS + "-")) {
                ours = systems.get(peer);
            }
        }
        return ours;
    }

    private static String targets(RowKey condition, Row ours, Map<String, Row> systems) {
        List<String> texts = new ArrayList<>();
        for (Target target : Target.ALL) {
            if (!target.binds(condition)) {
                continue;
            }
            if (target.alone()) {
                texts.add(target.text() + (target.met(ours.value()) ? " ok" : " short"));
                continue;
            }
            // a peer that was measured in two set-ups must be beaten in both
            boolean compared = false;
            boolean met = true;
            for (Row row : systems.values()) {
                if (target.against(row.key().system())) {
                    compared = true;
                    met &= target.met(ours.value() / row.value());
                }
            }
            if (compared) {
                texts.add(target.text() + (met ? " ok" : " short"));
            }
        }
        return String.join(", ", texts);
    }

    private static String figure(@Nullable Row row) {
        if (row == null) {
            return "";
        }
        return number(row.value()) + " ± " + number(row.error());
    }

    private static String ratio(double ratio) {
        return Double.isFinite(ratio) ? number(ratio) : "";
    }

    /** Three significant digits, without an exponent. */
    private static String number(double value) {
        double size = Math.abs(value);
        if (size == 0 || size >= 99.95) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        int decimals = size >= 9.995 ? 1 : size >= 0.9995 ? 2 : size >= 0.09995 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** A count as the suites write it: 1e6, or in full when it is no power of ten. */
    private static String count(long value) {
        int exponent = 0;
        long rest = value;
        while (rest >= 10 && rest % 10 == 0) {
            rest /= 10;
            exponent++;
        }
        return rest < 10 && exponent >= 3 ? rest + "e" + exponent : Long.toString(value);
    }

    private static String padded(List<List<String>> lines) {
        int columns = lines.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> line : lines) {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], line.get(c).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int l = 0; l < lines.size(); l++) {
            for (int c = 0; c < columns; c++) {
                String cell = lines.get(l).get(c);
                text.append("| ").append(cell).repeat(' ', widths[c] - cell.length() + 1);
            }
            text.append("|\n");
            if (l == 0) {
                for (int width : widths) {
                    text.append('|').repeat('-', width + 2);
                }
                text.append("|\n");
            }
        }
        return text.toString();
    }
}
