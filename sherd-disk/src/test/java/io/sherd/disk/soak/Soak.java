package io.sherd.disk.soak;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code ./soak}: each long proof is a subcommand. */
@Command(
        name = "./soak",
        description =
                "Runs a long proof. It prints the seed first and one summary line last, and exits with 1 if anything"
                        + " was lost, wrong or hanging, or if a planted fault was not found.",
        synopsisSubcommandLabel = "NAME",
        subcommands = {
            Kill.class,
            InstantsProof.class,
            Images.class,
            Deadlock.class,
            Fairness.class,
            Serializable.class,
            LincheckSoak.class
        })
public final class Soak implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    /** Creates the command. */
    public Soak() {}

    /**
     * Runs the command and ends the process.
     *
     * @param args the name of a proof and its options
     */
    public static void main(String[] args) {
        System.exit(command().execute(args));
    }

    static CommandLine command() {
        CommandLine command = new CommandLine(new Soak());
        CommandLine.IParameterExceptionHandler usual = command.getParameterExceptionHandler();
        return command.setParameterExceptionHandler((failure, args) -> {
            if (failure.getCommandLine().equals(command)
                    && failure instanceof UnmatchedArgumentException unmatched
                    && !unmatched.isUnknownOption()) {
                command.getErr()
                        .println("error: there is no proof named '"
                                + unmatched.getUnmatched().getFirst() + "'; the names are "
                                + String.join(", ", command.getSubcommands().keySet()));
                return command.getCommandSpec().exitCodeOnInvalidInput();
            }
            return usual.handleParseException(failure, args);
        });
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Which proof? Give its name; ./soak --help lists them.");
    }
}
