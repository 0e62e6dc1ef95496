package io.sherd.disk;

/**
 * A directory cannot take the backup that was asked for: it holds something else, or a copy that was written to or went another way
 * since. Nothing in it was changed.
 */
public final class BackupTargetException extends DiskMapException {
    private static final long serialVersionUID = 1L;

    BackupTargetException(String message) {
        super(message);
    }
}
