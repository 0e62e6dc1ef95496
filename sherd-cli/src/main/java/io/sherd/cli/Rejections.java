package io.sherd.cli;

/** Reports rejected rows as they come and decides whether the import goes on. */
final class Rejections {
    private final Session session;
    private final String input;
    private final boolean skip;
    private final long limit;
    private long count;
    private boolean stopped;

    /**
     * Creates the report.
     *
     * @param input what the messages call the input
     * @param skip whether rows that are rejected are skipped; otherwise the first one stops the import
     * @param limit the number of rejected rows that stops the import even so
     */
    Rejections(Session session, String input, boolean skip, long limit) {
        this.session = session;
        this.input = input;
        this.skip = skip;
        this.limit = limit;
    }

    /** Reports one row. Two threads meet here: the reader of rows, and the writer that finds keys twice. */
    synchronized void report(long line, String problem) {
        count++;
        session.message((session.terminal() ? "\r\u001B[K" : "") + input + ":" + line + ": " + problem);
        stopped |= !skip || count >= limit;
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    synchronized long count() {
        return count;
    }

    /** What to do about a stop. */
    synchronized String advice() {
        return skip
                ? "stopped at " + count + " rejected rows, the number given with --limit-errors"
                : "stopped at the first row that does not fit; --on-error skip goes on with the others";
    }
}
