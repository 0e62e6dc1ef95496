package io.sherd.cli;

/** What the command tells its caller; {@code docs/cli.md} documents them. */
final class ExitCode {
    static final int OK = 0;
    /** The answer is no: a key is absent, rows were rejected, a map is damaged. */
    static final int NEGATIVE = 1;

    static final int USAGE = 2;
    /** A file or a directory could not be read or written. */
    static final int IO = 3;
    /** Another process or thread has the map open. */
    static final int LOCKED = 4;
    /** The files are of another format or codec than this command reads. */
    static final int UNSUPPORTED = 5;
    /** A fault in this program. */
    static final int FAULT = 70;
    /** Interrupted, as a shell reports it. */
    static final int INTERRUPTED = 130;
    /** The reader of the output went away, as a shell reports it. */
    static final int BROKEN_PIPE = 141;

    private ExitCode() {}
}
