package io.sherd.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Runs commands in this process and catches what they print. */
final class Cli {
    private Cli() {}

    /** What a command did. */
    record Result(int exitCode, String out, String err) {
        /** The answer, line by line in an order of its own: maps have none. */
        List<String> sortedLines() {
            return out.lines().sorted().toList();
        }

        /** The messages without the summary of an import, which has the time in it. */
        List<String> messages() {
            return err.lines().filter(line -> !line.startsWith("imported ")).toList();
        }

        String summary() {
            return err.lines()
                    .filter(line -> line.startsWith("imported "))
                    .map(line -> line.replaceAll(" into .* in \\d+\\.\\d s", ""))
                    .findFirst()
                    .orElse("");
        }
    }

    static Result run(Object... words) {
        return runWith(InputStream.nullInputStream(), words);
    }

    static Result runWith(String input, Object... words) {
        return runWith(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), words);
    }

    static Result runWith(InputStream input, Object... words) {
        var out = new ByteArrayOutputStream();
        return run(input, out, words, out);
    }

    /** Runs with an output of the caller's. */
    static Result runInto(OutputStream out, Object... words) {
        return run(InputStream.nullInputStream(), out, words, new ByteArrayOutputStream());
    }

    private static Result run(InputStream input, OutputStream out, Object[] words, ByteArrayOutputStream caught) {
        var err = new ByteArrayOutputStream();
        String[] args = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            args[i] = words[i].toString();
        }
        int exitCode;
        try (var messages = new PrintStream(err, true, StandardCharsets.UTF_8)) {
            exitCode = Main.run(new Session(input, out, messages, false), Map.of(), args);
        }
        return new Result(exitCode, caught.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
