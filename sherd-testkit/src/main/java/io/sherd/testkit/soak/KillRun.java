package io.sherd.testkit.soak;

import io.sherd.testkit.soak.KillPlan.Moment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts one child, listens to it and kills it at the planned moment. */
final class KillRun {
    /** A killed process ends with 128 plus the number of the signal. */
    private static final int KILLED = 128 + 9;

    private static final int SHOWN = 20;

    private final KillPlan plan;
    private final Duration patience;
    private final List<String> text = new ArrayList<>();
    private int lost;
    private int wrong;
    private boolean failed;
    private long killAt = Long.MAX_VALUE;
    private long deadline;

    private KillRun(KillPlan plan, Duration patience) {
        this.plan = plan;
        this.patience = patience;
        this.deadline = patience.toNanos();
    }

    static RunResult run(
            KillOptions options,
            Duration patience,
            Path directory,
            StoreSettings settings,
            KillPlan plan,
            Fault fault,
            long seed)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx512m", "-XX:+UseSerialGC", "-Xshare:auto"));
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options.jvmOptions());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(
                KillChild.class.getName(),
                directory.toString(),
                options.factory().getName(),
                settings.format(),
                plan.format(),
                fault.name(),
                Long.toString(seed)));
        try (ChildProcess child = new ChildProcess(command)) {
            return new KillRun(plan, patience).follow(child);
        }
    }

    private RunResult follow(ChildProcess child) throws InterruptedException {
        long start = System.nanoTime();
        boolean hung = false;
        boolean killed = false;
        while (true) {
            long now = System.nanoTime() - start;
            String line = child.next(Math.min(killAt, deadline) - now);
            if (line == null) {
                if (System.nanoTime() - start >= killAt) {
                    killed = true;
                } else {
                    hung = true;
                    text.addAll(child.threadDump());
                }
                child.kill();
                drain(child);
                break;
            }
            if (line.equals(ChildProcess.END)) {
                break;
            }
            take(line, System.nanoTime() - start);
        }
        int status = child.exitStatus();
        boolean expected = status == 0 || (status == KILLED && (killed || hung));
        if (!expected && lost + wrong == 0) {
            failed = true;
            text.add("the child ended by itself with status " + status);
        }
        return new RunResult(killed && status == KILLED, lost, wrong, hung, failed, text);
    }

    private void drain(ChildProcess child) throws InterruptedException {
        for (String line = child.next(patience.toNanos());
                line != null && !line.equals(ChildProcess.END);
                line = child.next(patience.toNanos())) {
            take(line, 0);
        }
    }

    private void take(String line, long now) {
        int space = line.indexOf(' ');
        String word = space < 0 ? line : line.substring(0, space);
        String rest = space < 0 ? "" : line.substring(space + 1);
        switch (word) {
            case "PHASE" -> {
                deadline = now + patience.toNanos();
                if (moment(rest) == plan.moment()) {
                    killAt = now + plan.delayMicros() * 1_000L;
                }
            }
            case "VERIFIED" -> deadline = now + patience.toNanos();
            case "LOST" -> show(line, ++lost);
            case "WRONG" -> show(line, ++wrong);
            case "ERROR" -> {
                failed = true;
                text.add(line.replace('\t', '\n'));
            }
            default -> text.add(line);
        }
    }

    private void show(String line, int count) {
        if (count <= SHOWN) {
            text.add(line);
        }
    }

    private static @Nullable Moment moment(String phase) {
        for (Moment moment : Moment.values()) {
            if (moment.name().equals(phase)) {
                return moment;
            }
        }
        return null;
    }
}
