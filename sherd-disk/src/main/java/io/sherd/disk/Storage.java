package io.sherd.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the files of a map are: the seam at which tests put a file system that fails. Only rare operations go through it;
 * records are read and written through mapped memory.
 */
interface Storage {

    /** Opens a file, which is created, and emptied if it exists. */
    BlockFile create(Path file) throws IOException;

    /** Opens a file that exists. */
    BlockFile open(Path file) throws IOException;

    /** Gives a file another name, in one step, in place of a file that may have that name. */
    void rename(Path from, Path to) throws IOException;

    /** Gives a file a second name, which nothing has yet. Throws {@link UnsupportedOperationException} where there is no such thing. */
    void link(Path file, Path name) throws IOException;

    /** Deletes a file, or an empty directory, if it exists. */
    void delete(Path file) throws IOException;

    /** Makes the names in a directory safe from a loss of power. */
    void forceDirectory(Path directory) throws IOException;

    /** The names of the files in a directory. */
    List<String> list(Path directory) throws IOException;
}
