package io.sherd.disk;

import io.sherd.ShardCountException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to make a backup. Immutable: each setting gives new options.
 *
 * {@snippet :
 * map.backup(target, BackupOptions.defaults()
 *         .onProgress(progress -> bar.stepTo(progress.bytes())));
 * }
 */
public final class BackupOptions {
    private static final int MAX_SHARDS = 1 << 18;
    private static final BackupOptions DEFAULTS = new BackupOptions(0, true, null);

    private final int shards;
    private final boolean hardLinks;
    private final @Nullable Consumer<? super BackupProgress> onProgress;

    private BackupOptions(int shards, boolean hardLinks, @Nullable Consumer<? super BackupProgress> onProgress) {
        this.shards = shards;
        this.hardLinks = hardLinks;
        this.onProgress = onProgress;
    }

    /**
     * As many shards as the map has, hard links where possible, no reports.
     *
     * @return the shared instance
     */
    public static BackupOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The number of shards of the copy, rounded up to a power of two. If it is not that of the map, every entry is written anew,
     * without links and without what is dead; the target must not hold an earlier backup then, nor can it take a later one.
     *
     * @param count from 1 to 262,144
     * @return new options
     * @throws ShardCountException if {@code count} is out of range
     */
    public BackupOptions shards(int count) {
        if (count < 1 || count > MAX_SHARDS) {
            throw new ShardCountException(count, MAX_SHARDS);
        }
        return new BackupOptions(count == 1 ? 1 : Integer.highestOneBit(count - 1) << 1, hardLinks, onProgress);
    }

    /**
     * Whether files that do not change any more may be hard links to those of the map, which cost neither time nor room. Such a
     * copy is safe from whatever is done to the map through Sherd and from the loss of the map's directory, not from damage of the medium
     * under it. The default is true; on another file system, or one without hard links, files are copied in any case.
     *
     * @param allowed whether to link
     * @return new options
     */
    public BackupOptions hardLinks(boolean allowed) {
        return new BackupOptions(shards, allowed, onProgress);
    }

    /**
     * Whom to tell how far it is: about each mebibyte, one call after the other, in a thread of the map; the figures never fall. What
     * it throws ends the backup and reaches the caller. It must not close the map.
     *
     * @param listener gets the progress
     * @return new options
     */
    public BackupOptions onProgress(Consumer<? super BackupProgress> listener) {
        return new BackupOptions(shards, hardLinks, Objects.requireNonNull(listener, "listener"));
    }

    /** The number of shards, or 0 for that of the map. */
    int shards() {
        return shards;
    }

    boolean hardLinks() {
        return hardLinks;
    }

    void report(long bytes, long totalBytes) {
        if (onProgress != null) {
            onProgress.accept(new BackupProgress(bytes, Math.max(bytes, totalBytes)));
        }
    }

    @Override
    public String toString() {
        return "BackupOptions[shards=" + (shards == 0 ? "as the map" : shards) + ", hardLinks=" + hardLinks
                + ", onProgress=" + (onProgress == null ? "none" : onProgress) + "]";
    }
}
