package io.sherd.cli;

import java.io.BufferedWriter;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;

/**
 * The standard output: UTF-8, buffered, lines ended as on Unix. Close it to be sure that all was written.
 *
 * <p>Its failures are its own exception, so that a reader that went away ({@code | head}) is told apart from a file that
 * cannot be read.
 */
final class Answer extends FilterWriter {
    private static final int BUFFER = 1 << 16;

    /** The standard output takes no more. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        private Refused(IOException cause) {
            super(cause.getMessage(), cause);
        }

        /** Whether the reader went away. */
        boolean isBrokenPipe() {
            String message = String.valueOf(getMessage());
            return message.contains("Broken pipe") || message.contains("pipe is being closed");
        }
    }

    Answer(OutputStream out) {
        super(new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), BUFFER));
    }

    void line(CharSequence text) throws IOException {
        append(text);
        write('\n');
    }

    @Override
    public void write(int c) throws IOException {
        try {
            out.write(c);
        } catch (IOException failed) {
            throw new Refused(failed);
        }
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
        try {
            out.write(text, offset, length);
        } catch (IOException failed) {
            throw new Refused(failed);
        }
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        try {
            out.write(text, offset, length);
        } catch (IOException failed) {
            throw new Refused(failed);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException failed) {
            throw new Refused(failed);
        }
    }

    /** Writes out what is buffered. The standard output itself stays open. */
    @Override
    public void close() throws IOException {
        flush();
    }
}
