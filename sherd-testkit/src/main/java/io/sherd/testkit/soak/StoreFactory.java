package io.sherd.testkit.soak;

import java.io.IOException;
import java.nio.file.Path;

/** Opens a store, new or after a crash. An implementation has a public constructor without parameters. */
@FunctionalInterface
public interface StoreFactory {

    /**
     * Opens the store in a directory.
     *
     * @param directory an existing directory, empty the first time
     * @param settings the same each time for one directory
     * @return an open store
     * @throws IOException if it cannot be opened
     */
    StoreUnderTest open(Path directory, StoreSettings settings) throws IOException;
}
