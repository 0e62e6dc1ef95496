package io.sherd.cli;

import io.sherd.disk.CorruptMapException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd diff}. */
@Command(
        name = "diff",
        header = "Print what is not the same in two maps.",
        description = {
            "",
            "A line begins with - for an entry that only A has, + for one that only B has, and where values differ with < for"
                    + " that of A and, on the next line, > for that of B. The order is the maps' own. The counts are printed"
                    + " to the standard error.",
            "",
            "The exit code is 0 if both are the same, 1 if they differ, and 2 or more for trouble, also where a map is"
                    + " damaged. Memory does not grow with the maps."
        },
        footer = {
            "",
            "Examples:",
            "  sherd diff /backup/monday /backup/tuesday",
            "  sherd diff cities /backup/cities --limit 20",
            "  sherd diff cities /backup/cities --json | jq .before",
            "  sherd diff cities /backup/cities --quiet || sherd backup cities /backup/cities"
        })
final class DiffCommand implements Callable<Integer> {
    private static final int STEP = 1 << 12;

    private final Session session;

    @Parameters(index = "0", paramLabel = "A", description = "The directory of a map, or of a backup.")
    private Path first = Path.of("");

    @Parameters(index = "1", paramLabel = "B", description = "That of another.")
    private Path second = Path.of("");

    @Option(names = "--limit", paramLabel = "N", description = "Print at most N entries; all are counted.")
    private long limit = Long.MAX_VALUE;

    @Option(
            names = "--json",
            description =
                    "Print a JSON object on one line for each entry: {\"change\":\"added\",\"entry\":{…}}, the same with removed,"
                            + " or {\"change\":\"changed\",\"before\":{…},\"after\":{…}}.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing, and stop at the first difference: the exit code is the answer.")
    private boolean quiet;

    private long added;
    private long changed;
    private long removed;
    private long looked;
    private long total;

    DiffCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        if (limit < 0) {
            throw new CommandFailure(ExitCode.USAGE, "--limit is " + limit + "; it must be 0 or more.");
        }
        if (Files.exists(first) && Files.exists(second) && Files.isSameFile(first, second)) {
            throw new CommandFailure(
                    ExitCode.USAGE, first + " and " + second + " are the same directory; give two maps.");
        }
        try (OpenMap<?, ?> a = OpenMap.open(first);
                OpenMap<?, ?> b = OpenMap.open(second);
                var answer = new Answer(session.out())) {
            return compare(a, b, answer);
        } catch (CorruptMapException damaged) {
            throw new CommandFailure(ExitCode.IO, String.valueOf(damaged.getMessage()), damaged);
        } catch (CommandFailure failure) {
            // 1 is the answer that they differ
            throw failure.exitCode() == ExitCode.NEGATIVE
                    ? new CommandFailure(ExitCode.IO, String.valueOf(failure.getMessage()), failure)
                    : failure;
        }
    }

    @SuppressWarnings("unchecked") // the types of keys and values have the same names in both, and so the same codecs
    private <K, V> int compare(OpenMap<K, V> a, OpenMap<?, ?> other, Answer answer) throws IOException {
        String types = types(a);
        String others = types(other);
        if (!types.equals(others)) {
            throw new CommandFailure(
                    ExitCode.UNSUPPORTED,
                    "there is nothing to compare: " + first + " has " + types + ", " + second + " has " + others + ".");
        }
        OpenMap<K, V> b = (OpenMap<K, V>) other;
        total = a.map().mappingCount() + b.map().mappingCount();
        try (Progress progress = Progress.ofEntries(session, "comparing", !quiet)) {
            compareFirst(a, b, answer, progress);
            if (!quiet || isSame()) {
                compareSecond(a, b, answer, progress);
            }
        }
        if (!quiet) {
            answer.flush();
            session.message(String.format(Locale.ROOT, "%,d added, %,d changed, %,d removed", added, changed, removed));
        }
        return isSame() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private boolean isSame() {
        return added + changed + removed == 0;
    }

    private static String types(OpenMap<?, ?> map) {
        return "keys of type " + map.layout().keyType().label()
                + (map.layout() instanceof PairLayout<?, ?> pairs
                        ? " and values of type " + pairs.valueType().label()
                        : " and rows");
    }

    private <K, V> void compareFirst(OpenMap<K, V> a, OpenMap<K, V> b, Answer answer, Progress progress)
            throws IOException {
        for (Map.Entry<K, V> entry : a.map().entrySet()) {
            K key = entry.getKey();
            V before = entry.getValue();
            V after = b.get(key);
            step(progress);
            if (after == null) {
                removed++;
                one(a.layout(), "removed", "- ", key, before, answer);
            } else if (differ(a.layout(), b.layout(), key, before, after)) {
                changed++;
                if (wanted()) {
                    if (json) {
                        var line = new StringBuilder("{\"change\":\"changed\",\"before\":");
                        a.layout().appendJson(key, before, line);
                        b.layout().appendJson(key, after, line.append(",\"after\":"));
                        answer.line(line.append('}'));
                    } else {
                        answer.line("< " + a.layout().line(key, before));
                        answer.line("> " + b.layout().line(key, after));
                    }
                }
            }
            if (quiet && !isSame()) {
                return;
            }
        }
    }

    private <K, V> void compareSecond(OpenMap<K, V> a, OpenMap<K, V> b, Answer answer, Progress progress)
            throws IOException {
        for (Map.Entry<K, V> entry : b.map().entrySet()) {
            step(progress);
            if (!a.map().containsKey(entry.getKey())) {
                added++;
                one(b.layout(), "added", "+ ", entry.getKey(), entry.getValue(), answer);
                if (quiet) {
                    return;
                }
            }
        }
    }

    private void step(Progress progress) {
        if (++looked % STEP == 0) {
            progress.update(looked, total);
        }
    }

    private boolean wanted() {
        return !quiet && added + changed + removed <= limit;
    }

    private <K, V> void one(Layout<K, V> layout, String change, String sign, K key, V value, Answer answer)
            throws IOException {
        if (!wanted()) {
            return;
        }
        if (json) {
            var line = new StringBuilder("{\"change\":\"" + change + "\",\"entry\":");
            layout.appendJson(key, value, line);
            answer.line(line.append('}'));
        } else {
            answer.line(sign + layout.line(key, value));
        }
    }

    /** Rows of maps with other columns differ if they look different. */
    private static <K, V> boolean differ(Layout<K, V> a, Layout<K, V> b, K key, V before, V after) {
        if (a instanceof PairLayout) {
            return !Objects.deepEquals(before, after);
        }
        if (a.columns().equals(b.columns()) && before.equals(after)) {
            return false;
        }
        var one = new StringBuilder();
        var other = new StringBuilder();
        a.appendJson(key, before, one);
        b.appendJson(key, after, other);
        return !one.toString().contentEquals(other);
    }
}
