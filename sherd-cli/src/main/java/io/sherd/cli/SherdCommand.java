package io.sherd.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sherd} itself: the list of commands. */
@Command(
        name = "sherd",
        versionProvider = SherdCommand.Version.class,
        header = "Keep data by key in a crash-safe map on disk.",
        description = {"", "A map is a directory. One process at a time has it open."},
        footer = {
            "",
            "Exit codes:",
            "  0  done",
            "  1  a key is not in the map, rows were rejected, maps differ, or something is damaged",
            "  2  the command was not given as it must be",
            "  3  a file or directory cannot be read or written",
            "  4  another process has the map open",
            "  5  the map is of a format or of types that this version does not read",
            "",
            "Examples:",
            "  sherd import cities.csv.gz --key code --into cities",
            "  sherd get cities CH-2657896",
            "  sherd get --help"
        })
final class SherdCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--stacktrace",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Print where in the program a failure arose.")
    private boolean stacktrace;

    boolean wantsStacktrace() {
        return stacktrace;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed, such as import or get.");
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"sherd " + (version == null ? "(not from a jar, so of no known version)" : version)};
        }
    }
}
