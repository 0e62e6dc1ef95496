package io.sherd.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.zip.ZipException;

/**
 * Decodes text strictly: where the bytes are not what they should be it hands out all that comes before, and then throws
 * {@link CommandFailure} with the line. It leaves out a byte order mark at the beginning.
 */
final class TextReader extends Reader {
    private static final int BYTES = 1 << 16;
    private static final int NONE = -1;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final String name;
    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES).flip();
    private boolean first = true;
    private boolean ended;
    private boolean broken;
    private long consumed;
    private long line = 1;
    private int secondHalf = NONE;

    /**
     * Creates the reader.
     *
     * @param name what messages call the input
     */
    TextReader(String name, InputStream in, Charset charset) {
        this.name = name;
        this.in = in;
        this.decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (secondHalf >= 0) {
            target[offset] = (char) secondHalf;
            secondHalf = NONE;
            return 1;
        }
        CharBuffer chars = CharBuffer.wrap(target, offset, length);
        while (true) {
            int start = bytes.position();
            CoderResult result = broken ? CoderResult.UNDERFLOW : decoder.decode(bytes, chars, ended);
            consumed += bytes.position() - start;
            int count = chars.position() - offset;
            if (first && count > 0) {
                first = false;
                if (target[offset] == BYTE_ORDER_MARK) {
                    System.arraycopy(target, offset + 1, target, offset, count - 1);
                    chars.position(offset + --count);
                }
            }
            broken |= result.isError();
            if (count > 0) {
                countLines(target, offset, count);
                return count;
            }
            if (broken) {
                throw undecodable();
            }
            if (ended) {
                return -1;
            }
            if (result.isUnderflow()) {
                fill();
            } else {
                return readHalf(target, offset);
            }
        }
    }

    /** A character of two halves does not fit into a target of one: the other half is for the next call. */
    private int readHalf(char[] target, int offset) {
        CharBuffer pair = CharBuffer.allocate(2);
        int start = bytes.position();
        decoder.decode(bytes, pair, ended);
        consumed += bytes.position() - start;
        target[offset] = pair.get(0);
        secondHalf = pair.get(1);
        return 1;
    }

    private CommandFailure undecodable() {
        return new CommandFailure(
                ExitCode.NEGATIVE,
                name + ":" + line + ": byte " + consumed + " of the text does not fit the encoding "
                        + decoder.charset().name()
                        + "; give the file's own with --encoding, as in --encoding windows-1252.");
    }

    private void fill() throws IOException {
        bytes.compact();
        int read;
        try {
            read = in.read(bytes.array(), bytes.position(), bytes.remaining());
        } catch (EOFException | ZipException cut) {
            throw new CommandFailure(
                    ExitCode.NEGATIVE, name + ":" + line + ": the compressed data is damaged or cut short.", cut);
        }
        if (read < 0) {
            ended = true;
        } else {
            bytes.position(bytes.position() + read);
        }
        bytes.flip();
    }

    private void countLines(char[] chars, int offset, int count) {
        for (int i = offset; i < offset + count; i++) {
            if (chars[i] == '\n') {
                line++;
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
