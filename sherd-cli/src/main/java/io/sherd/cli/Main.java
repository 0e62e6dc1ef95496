package io.sherd.cli;

import io.sherd.CorruptImageException;
import io.sherd.ImageCodecException;
import io.sherd.UnsupportedImageException;
import io.sherd.disk.BackupTargetException;
import io.sherd.disk.CodecMismatchException;
import io.sherd.disk.CorruptMapException;
import io.sherd.disk.MapLockedException;
import io.sherd.disk.UnsupportedFormatException;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The {@code sherd} command.
 *
 * <p>The standard output gets the answer and nothing else, the standard error what a person reads beside it. The exit code
 * is 0 when all is done, 1 when the answer is no (a key is absent, rows were rejected, a map is damaged, two maps differ), 2 for a command
 * that was not given as it must be, 3 for files that cannot be read or written, 4 for a map that is open elsewhere, and 5 for
 * one of a format or of types that this version does not read.
 */
public final class Main {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    /** What the JVM makes of bytes in an argument that the locale does not know. */
    private static final char UNDECODABLE = '\uFFFD';

    private Main() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param args the words of the command line
     */
    public static void main(String[] args) {
        // System.out would swallow the failure that tells of a reader gone away
        var out = new FileOutputStream(FileDescriptor.out);
        Map<String, String> environment = System.getenv();
        var session = new Session(System.in, out, System.err, isTerminal(environment));
        System.exit(run(session, environment, args));
    }

    /**
     * Runs one command.
     *
     * @return the exit code
     */
    static int run(Session session, Map<String, String> environment, String... args) {
        var top = new SherdCommand();
        Ansi ansi = session.terminal() && !environment.containsKey("NO_COLOR") ? Ansi.AUTO : Ansi.OFF;
        var line = new CommandLine(top)
                .addSubcommand(new ImportCommand(session))
                .addSubcommand(new GetCommand(session))
                .addSubcommand(new PutCommand())
                .addSubcommand(new RemoveCommand(session))
                .addSubcommand(new ScanCommand(session))
                .addSubcommand(new StatsCommand(session))
                .addSubcommand(new ExportCommand(session))
                .addSubcommand(new VerifyCommand(session))
                .addSubcommand(new BackupCommand(session))
                .addSubcommand(new DiffCommand(session));
        line.setOut(new PrintWriter(session.out(), false, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(ansi));
        for (CommandLine each : line.getSubcommands().values()) {
            addHelp(each);
        }
        addHelp(line);
        line.getCommandSpec()
                .addOption(CommandLine.Model.OptionSpec.builder("--version", "-V")
                        .versionHelp(true)
                        .description("Print the version.")
                        .build());
        line.setParameterExceptionHandler((wrong, words) -> usage(session, top, wrong));
        line.setExpandAtFiles(false); // a key may begin with @
        line.setExecutionExceptionHandler((failure, command, parsed) -> failed(session, top, failure));
        for (String word : args) {
            if (word.indexOf(UNDECODABLE) >= 0) {
                session.message("sherd: " + Text.excerpt(word) + " is not text in the encoding of the locale, which is "
                        + System.getProperty("sun.jnu.encoding") + "; run the command with LC_ALL=C.UTF-8.");
                return ExitCode.USAGE;
            }
        }
        int exitCode = line.execute(args);
        line.getOut().flush();
        return exitCode;
    }

    private static void addHelp(CommandLine line) {
        line.getCommandSpec()
                .addOption(CommandLine.Model.OptionSpec.builder("--help", "-h")
                        .usageHelp(true)
                        .description("Print this text.")
                        .build());
        line.getCommandSpec().usageMessage().sortOptions(false).width(100);
    }

    private static int usage(Session session, SherdCommand top, ParameterException wrong) {
        String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
        session.message("sherd: " + usageMessage(wrong));
        session.message("Try: " + command + " --help");
        trace(session, top, wrong);
        return ExitCode.USAGE;
    }

    private static String usageMessage(ParameterException wrong) {
        String message = String.valueOf(wrong.getMessage());
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String word = Text.excerpt(unmatched.getUnmatched().getFirst());
            message = unmatched.isUnknownOption()
                    ? "there is no option " + word
                    : wrong.getCommandLine().getParent() == null
                            ? "there is no command " + word
                            : "there is a word too many: " + word;
            List<String> alike = unmatched.getSuggestions();
            if (!alike.isEmpty()) {
                message += "; did you mean " + alike.getFirst() + "?";
            } else if (unmatched.isUnknownOption()) {
                message += "; a key or value that begins with a minus sign goes behind --";
            }
        }
        return message;
    }

    private static int failed(Session session, SherdCommand top, Throwable failure) {
        int exitCode = exitCode(failure);
        if (exitCode != ExitCode.BROKEN_PIPE) {
            session.message("sherd: " + message(failure, exitCode));
        }
        trace(session, top, failure);
        return exitCode;
    }

    private static void trace(Session session, SherdCommand top, Throwable failure) {
        if (top.wantsStacktrace()) {
            failure.printStackTrace(session.err());
        }
    }

    private static int exitCode(Throwable failure) {
        return switch (failure) {
            case CommandFailure told -> told.exitCode();
            case Answer.Refused refused -> refused.isBrokenPipe() ? ExitCode.BROKEN_PIPE : ExitCode.IO;
            case BackupTargetException other -> ExitCode.IO;
            case MapLockedException locked -> ExitCode.LOCKED;
            case CorruptMapException damaged -> ExitCode.NEGATIVE;
            case CorruptImageException damaged -> ExitCode.NEGATIVE;
            case ImageCodecException other -> ExitCode.UNSUPPORTED;
            case UnsupportedImageException other -> ExitCode.UNSUPPORTED;
            case CodecMismatchException other -> ExitCode.UNSUPPORTED;
            case UnsupportedFormatException other -> ExitCode.UNSUPPORTED;
            case IOException io -> ExitCode.IO;
            case UncheckedIOException io -> ExitCode.IO;
            case InvalidPathException noPath -> ExitCode.USAGE;
            default -> ExitCode.FAULT;
        };
    }

    private static String message(Throwable failure, int exitCode) {
        return switch (failure) {
            case Answer.Refused refused -> "the standard output takes no more: " + refused.getMessage();
            case NoSuchFileException absent -> "there is no file " + absent.getMessage();
            case AccessDeniedException denied -> "no permission for " + denied.getMessage();
            default -> {
                String message = String.valueOf(failure.getMessage());
                yield exitCode == ExitCode.FAULT
                        ? "a fault in this program: " + failure.getClass().getSimpleName() + ": " + message
                                + ". Please report it with the output of the same command and --stacktrace."
                        : message;
            }
        };
    }

    /** Whether the standard error is a terminal that can redraw a line. */
    @SuppressWarnings("SystemConsoleNull") // it may be null by its contract, if not in this JDK
    private static boolean isTerminal(Map<String, String> environment) {
        if ("dumb".equals(environment.get("TERM"))) {
            return false;
        }
        if (Files.exists(STANDARD_ERROR)) {
            try {
                String device = Files.readSymbolicLink(STANDARD_ERROR).toString();
                return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
            } catch (IOException unknown) {
                return false;
            }
        }
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
