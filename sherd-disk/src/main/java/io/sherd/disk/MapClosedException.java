package io.sherd.disk;

import java.nio.file.Path;

/** The map was closed before or during the operation. An operation that changes the map did nothing. */
public final class MapClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    MapClosedException(Path path) {
        super("map " + path + " is closed; open it again to use it");
    }
}
