package io.sherd.disk;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A disk map could not do what it was asked, because of its files or the system beneath.
 *
 * <p>The subclasses tell the cases that a program may want to handle. This class itself stands for other failures of input
 * and output; {@link #getCause} has the system's own words.
 */
public class DiskMapException extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was asked, what was found, where, and what to do
     * @param cause what the system said
     */
    public DiskMapException(String message, IOException cause) {
        super(message, cause);
    }

    DiskMapException(String message) {
        this(message, new IOException(message));
    }
}
