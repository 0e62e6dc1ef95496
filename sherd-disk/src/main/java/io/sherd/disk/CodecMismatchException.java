package io.sherd.disk;

import java.nio.file.Path;

/** The map was created with another codec than the one it is opened with. Nothing was changed. */
public final class CodecMismatchException extends DiskMapException {
    private static final long serialVersionUID = 1L;

    /** The identity that the map was created with. */
    private final String expected;

    /** The identity of the codec that was given. */
    private final String found;

    CodecMismatchException(Path path, String role, String expected, String found) {
        super("map " + path + " was created with the " + role + " codec \"" + expected + "\" but is opened with \""
                + found + "\"; open it with the codec it was created with");
        this.expected = expected;
        this.found = found;
    }

    /**
     * The identity that the map was created with.
     *
     * @return a codec identity
     */
    public String expected() {
        return expected;
    }

    /**
     * The identity of the codec that was given.
     *
     * @return a codec identity
     */
    public String found() {
        return found;
    }
}
