package io.sherd.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * A fork that JMH runs: one benchmark, one set of parameters, one JVM. Rounds and systems are ours, so that systems take
 * turns; JMH by itself would run all forks of a system before the next.
 *
 * @param key what it measures
 * @param workload the benchmark
 * @param selection sizes and times
 * @param collector the collector
 * @param workplace where JMH's own output goes until the fork has ended well
 */
record JmhFork(RowKey key, JmhWorkload workload, Selection selection, Collector collector, Workplace workplace)
        implements Fork {

    @Override
    public String label() {
        return key.workload() + " " + key.keys() + " " + key.entries() + " ×" + key.threads()
                + (key.virtual() ? "v " : " ") + key.gc();
    }

    @Override
    public String system() {
        return key.system();
    }

    @Override
    public List<Sample> run(Duration limit) throws IOException {
        Path said = Files.createTempFile(workplace.folder(), "jmh-", ".log");
        int iterations = workload.singleShot() ? 3 : 2;
        TimeValue time = TimeValue.milliseconds(selection.quick() ? 300 : 500);
        OptionsBuilder options = new OptionsBuilder();
        options.include("^" + workload.benchmark().replace(".", "\\.") + "$")
                .param("system", key.system())
                .param("keys", key.keys())
                .param("entries", Long.toString(key.entries()))
                .threads(key.threads())
                .forks(1)
                .jvm(Jvm.java().toString())
                .jvmArgs(Jvm.flags(collector, selection.heap()).toArray(String[]::new))
                .warmupIterations(selection.quick() && workload.singleShot() ? 2 : iterations)
                .warmupTime(time)
                .measurementIterations(selection.quick() && workload.singleShot() ? 2 : iterations)
                .measurementTime(time)
                .timeout(TimeValue.milliseconds(Math.max(1, limit.toMillis())))
                .shouldFailOnError(true)
                .output(said.toString());
        workload.parameters().forEach(options::param);
        if (key.virtual()) {
            options.jvmArgsAppend("-Djmh.executor=VIRTUAL");
        }
        try {
            RunResult result = new Runner(options.build()).runSingle();
            double score = result.getPrimaryResult().getScore();
            return List.of(new Sample(key, workload.rate(score, key.entries())));
        } catch (RunnerException e) {
            String text = Files.readString(said, StandardCharsets.UTF_8);
            throw new IOException(
                    e.getMessage() + "; JMH said:\n" + text.substring(Math.max(0, text.length() - 4_000)), e);
        } finally {
            Files.deleteIfExists(said);
        }
    }
}
