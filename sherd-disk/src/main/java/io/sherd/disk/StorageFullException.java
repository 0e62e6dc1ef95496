package io.sherd.disk;

import java.io.IOException;

/**
 * The file system has no room for a write. The write did not happen; the map stays readable and consistent, and writes go on
 * when there is room again.
 */
public final class StorageFullException extends DiskMapException {
    private static final long serialVersionUID = 1L;

    StorageFullException(String message, IOException cause) {
        super(message, cause);
    }
}
