package io.sherd.disk;

/**
 * The path does not hold a map that this version can read: it holds something else, or a map of a newer version. Nothing was
 * changed.
 */
public final class UnsupportedFormatException extends DiskMapException {
    private static final long serialVersionUID = 1L;

    UnsupportedFormatException(String message) {
        super(message);
    }
}
