package io.sherd.testkit.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A running child and the lines that it says. */
final class ChildProcess implements AutoCloseable {
    /** Follows the last line. */
    static final String END = "\0";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    ChildProcess(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread.ofPlatform().daemon().name("output of child").start(this::collect);
    }

    private void collect() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("output of the child ended: " + e);
        } finally {
            lines.add(END);
        }
    }

    /** The next line, {@link #END} after the last, or null when there is none in time. */
    @Nullable
    String next(long nanos) throws InterruptedException {
        return lines.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    /** Ends the process as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
    }

    int exitStatus() throws InterruptedException {
        return process.waitFor();
    }

    /** Where every thread of the child is. */
    List<String> threadDump() throws InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            Process dump = new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), "Thread.print")
                    .redirectErrorStream(true)
                    .start();
            List<String> text = new ArrayList<>();
            try (BufferedReader output = dump.inputReader()) {
                output.lines().forEach(text::add);
            }
            dump.waitFor();
            return text;
        } catch (IOException | UncheckedIOException e) {
            return List.of("no thread dump: " + e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
