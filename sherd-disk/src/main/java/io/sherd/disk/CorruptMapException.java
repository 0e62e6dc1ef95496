package io.sherd.disk;

import java.nio.file.Path;

/**
 * The bytes of a file are not what the map wrote. The message says which file, where, what was expected and what was found.
 */
public final class CorruptMapException extends DiskMapException {
    private static final long serialVersionUID = 1L;

    /** The path of the file. */
    private final String file;

    /** The offset in the file. */
    private final long offset;

    CorruptMapException(Path file, long offset, String detail) {
        super("file " + file + ", offset " + offset + ": " + detail);
        this.file = file.toString();
        this.offset = offset;
    }

    /** The same again, for another caller. */
    CorruptMapException(CorruptMapException original) {
        super(String.valueOf(original.getMessage()));
        this.file = original.file;
        this.offset = original.offset;
    }

    /**
     * The damaged file.
     *
     * @return an absolute path
     */
    public Path file() {
        return Path.of(file);
    }

    /**
     * Where in the file the damage begins.
     *
     * @return a number of bytes from the file's beginning, at least 0
     */
    public long offset() {
        return offset;
    }
}
