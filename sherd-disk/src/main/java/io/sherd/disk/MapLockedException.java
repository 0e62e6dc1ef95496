package io.sherd.disk;

import java.nio.file.Path;
import java.util.OptionalLong;

/** The directory belongs to a map that is open, in this process or another. Nothing was changed. */
public final class MapLockedException extends DiskMapException {
    private static final long serialVersionUID = 1L;

    /** The directory. */
    private final String path;

    /** The process id of the owner, or -1. */
    private final long pid;

    MapLockedException(Path path, long pid) {
        super("map " + path + " is open already, in "
                + (pid == ProcessHandle.current().pid()
                        ? "this process (pid " + pid + ")"
                        : pid > 0 ? "the process with pid " + pid : "another process")
                + "; close it there, or open another directory");
        this.path = path.toString();
        this.pid = pid;
    }

    /**
     * The directory.
     *
     * @return an absolute path
     */
    public Path path() {
        return Path.of(path);
    }

    /**
     * The process that has the map open.
     *
     * @return its process id, or empty if it is not known
     */
    public OptionalLong pid() {
        return pid > 0 ? OptionalLong.of(pid) : OptionalLong.empty();
    }
}
