package io.sherd.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures Sherd beside other maps and prints the ratios.",
        synopsisSubcommandLabel = "SUITE")
public final class Bench {
    private static final List<Suite> SUITES =
            List.of(new HeapSuite(), new LockSuite(), new SnapshotSuite(), new DiskSuite(), new DurableSuite());

    private Bench() {}

    /**
     * Runs a suite, or renders the rows of one.
     *
     * @param arguments the suite's name and its options
     */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine bench = new CommandLine(new Bench());
        for (Suite suite : SUITES) {
            CommandLine command = new CommandLine(new SuiteCommand(suite));
            command.getCommandSpec()
                    .usageMessage()
                    .description(
                            suite.description(),
                            "Workloads: " + String.join(", ", suite.workloads()) + ".",
                            "Systems: " + String.join(", ", suite.systems()) + ".");
            bench.addSubcommand(suite.name(), command);
        }
        bench.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        bench.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        bench.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof IOException || failure instanceof IllegalArgumentException) {
                command.getErr().println("error: " + failure.getMessage());
                return 1;
            }
            throw failure;
        });
        return bench;
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** {@code bench table}: the ratios of rows that were written before. */
    @Command(
            name = "table",
            mixinStandardHelpOptions = true,
            description = "Renders rows as a Markdown table of ratios. Rows of several files are put together.")
    int table(@Parameters(arity = "1..*", paramLabel = "FILE", description = "What bench wrote.") List<Path> files)
            throws IOException {
        List<Row> rows = new ArrayList<>();
        for (Path file : files) {
            rows.addAll(RowFile.read(file));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(RatioTable.render(rows));
        out.flush();
        return 0;
    }
}
