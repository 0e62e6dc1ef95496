package io.sherd.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A fork that runs a {@code main} of ours. What it measured it says on standard output, in lines that {@link Report} writes;
 * all else that it says is kept until it is known to have ended well.
 *
 * @param key the condition and the system; workload and unit come with each line
 * @param main the class to run
 * @param flags the flags of the JVM
 * @param arguments the arguments of {@code main}; the fork's own folder follows as the last
 * @param once whether one run is as good as many
 * @param workplace where the fork's folder is made and removed again
 */
record JavaFork(
        RowKey key, Class<?> main, List<String> flags, List<String> arguments, boolean once, Workplace workplace)
        implements Fork {

    private static final int SAID_AT_MOST = 4_000;

    @Override
    public String label() {
        return key.workload() + " " + key.keys() + " " + key.entries() + " ×" + key.threads()
                + (key.virtual() ? " virtual " : " ") + key.gc();
    }

    @Override
    public String system() {
        return key.system();
    }

    @Override
    public int rounds(int rounds) {
        return once ? 1 : rounds;
    }

    @Override
    public List<Sample> run(Duration limit) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(workplace.folder(), "fork-");
        Path said = workplace.place(folder.getFileName() + ".log");
        try {
            List<String> command = new ArrayList<>();
            command.add(Jvm.java().toString());
            command.addAll(flags);
            command.add("-cp");
            command.add(Jvm.classPath());
            command.add(main.getName());
            command.addAll(arguments);
            command.add(folder.toString());
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            boolean ended;
            try {
                ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            if (ended && process.exitValue() != 0) {
                throw new IOException("exit code " + process.exitValue() + "; it said:\n" + end(said));
            }
            List<Sample> samples = Report.read(key, Files.readAllLines(said, StandardCharsets.UTF_8));
            if (samples.isEmpty()) {
                throw new IOException(
                        "it measured nothing" + (ended ? "" : " in " + limit) + "; it said:\n" + end(said));
            }
            return samples;
        } finally {
            Workplace.delete(folder);
            Files.deleteIfExists(said);
        }
    }

    private static String end(Path said) throws IOException {
        String text = Files.readString(said, StandardCharsets.UTF_8);
        return text.substring(Math.max(0, text.length() - SAID_AT_MOST));
    }
}
