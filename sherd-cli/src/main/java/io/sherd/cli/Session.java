package io.sherd.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * What one run of the command talks to.
 *
 * @param in the standard input
 * @param out the standard output, for the answer and nothing else
 * @param err for messages
 * @param terminal whether {@code err} is a terminal, where a progress bar makes sense
 */
record Session(InputStream in, OutputStream out, PrintStream err, boolean terminal) {

    void message(String text) {
        err.println(text);
    }
}
