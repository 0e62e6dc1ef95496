package io.sherd.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directory that a backup goes into, locked for as long as that takes. It is one of these:
 *
 * <ul>
 *   <li>nothing, or an empty directory, or one in which a first backup did not come to its end, which {@code UNFINISHED} shows: that
 *       file is made before any other, is deleted when all is in place, and a directory that has it is not opened as a map;
 *   <li>an earlier backup of the same map, to which nobody wrote since, which {@code BACKUP} shows, see {@link Manifest}.
 * </ul>
 */
final class BackupTarget implements AutoCloseable {
    static final String UNFINISHED = "UNFINISHED";

    private static final String ADVICE =
            "; give a directory that does not exist yet, is empty, or holds an earlier backup of this map";

    final Path directory;
    private final Storage storage;
    private final long salt;
    private final boolean made;
    private Ownership ownership;

    /** What is there; null if this is a first backup. */
    final @Nullable Manifest earlier;

    private BackupTarget(Path directory, MapFiles map, boolean made, Ownership ownership, @Nullable Manifest earlier) {
        this.directory = directory;
        this.storage = map.log.storage;
        this.salt = map.log.salt;
        this.made = made;
        this.ownership = ownership;
        this.earlier = earlier;
    }

    /** Takes a directory, or throws and leaves it as it is. */
    static BackupTarget take(Path target, MapFiles map) throws IOException {
        Path directory = target.toAbsolutePath().normalize();
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new BackupTargetException("backup: " + directory + " is a file" + ADVICE);
        }
        Path real = nearestReal(directory);
        Path own = map.directory.toRealPath();
        if (real.startsWith(own)) {
            throw new BackupTargetException("backup: " + directory
                    + (real.equals(own) ? " is the directory of the map itself" : " is inside the map") + ADVICE);
        }
        boolean made = !Files.exists(directory);
        if (!made) {
            classify(directory, map);
        }
        Files.createDirectories(directory);
        Ownership ownership = Ownership.take(directory);
        try {
            Manifest earlier = classify(directory, map);
            return new BackupTarget(directory, map, made, ownership, earlier);
        } catch (IOException | RuntimeException e) {
            ownership.release();
            throw e;
        }
    }

    /** The path without links, as far as it exists. */
    private static Path nearestReal(Path directory) throws IOException {
        for (Path existing = directory; existing != null; existing = existing.getParent()) {
            if (Files.exists(existing)) {
                return existing.toRealPath()
                        .resolve(existing.relativize(directory))
                        .normalize();
            }
        }
        return directory;
    }

    private static @Nullable Manifest classify(Path directory, MapFiles map) throws IOException {
        Storage storage = map.log.storage;
        List<String> names = storage.list(directory);
        if (names.contains(UNFINISHED) && names.stream().allMatch(BackupTarget::isOurs)) {
            return null;
        }
        if (!names.contains(Meta.NAME)) {
            for (String name : names) {
                if (!name.equals(Ownership.NAME)) {
                    throw new BackupTargetException("backup: directory " + directory
                            + " holds no backup, but other files, such as " + name + ADVICE);
                }
            }
            return null;
        }
        Meta meta = Meta.read(storage, directory);
        if (!meta.equals(map.meta)) {
            throw new BackupTargetException("backup: directory " + directory + " holds another map" + ADVICE);
        }
        if (!names.contains(Manifest.NAME)) {
            throw new BackupTargetException("backup: directory " + directory
                    + " holds a copy of this map that was opened and written to since, or that no backup made"
                    + ADVICE);
        }
        return Manifest.read(storage, directory, meta.salt());
    }

    /** Gets rid of what an interrupted backup left, and marks a first one as unfinished. */
    void begin() throws IOException {
        Manifest before = earlier;
        if (before != null) {
            before.deleteOthers(storage, directory);
            return;
        }
        try (BlockFile file = storage.create(directory.resolve(UNFINISHED))) {
            file.write(
                    ByteBuffer.wrap(
                            "a backup is being made here, or was not finished\n".getBytes(StandardCharsets.US_ASCII)),
                    0);
            file.force();
        }
        storage.forceDirectory(directory);
        clear();
    }

    private void clear() throws IOException {
        for (String name : storage.list(directory)) {
            if (isOurs(name) && !name.equals(Ownership.NAME) && !name.equals(UNFINISHED)) {
                storage.delete(directory.resolve(name));
            }
        }
    }

    /** Whether a first backup makes files of such a name. */
    private static boolean isOurs(String name) {
        return Manifest.isDataOrImage(name) || name.matches("LOCK|UNFINISHED|(META|BACKUP)(\\.tmp)?|index-\\w+\\.tmp");
    }

    /** Lets somebody else in this process open the directory, which is marked as unfinished. */
    void releaseLock() throws IOException {
        ownership.release();
    }

    /** Takes the directory back. */
    void takeLock() throws IOException {
        ownership = Ownership.take(directory);
    }

    /** Links a file in place of one that may be there; answers false where that cannot be. */
    boolean link(Path source, String name) throws IOException {
        Path temporary = directory.resolve(name + ".tmp");
        storage.delete(temporary);
        try {
            storage.link(source, temporary);
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (UnsupportedOperationException | FileSystemException otherFileSystem) {
            return false;
        }
        storage.rename(temporary, directory.resolve(name));
        return true;
    }

    /** Writes a file under another name. */
    BlockFile create(String name) throws IOException {
        return storage.create(directory.resolve(name + ".tmp"));
    }

    /** Gives a file that is complete and safe its name. */
    void finish(String name) throws IOException {
        storage.rename(directory.resolve(name + ".tmp"), directory.resolve(name));
    }

    /** The copy counts from here on. */
    void commit(Meta meta, Manifest manifest) throws IOException {
        if (earlier == null) {
            meta.write(storage, directory);
        }
        ownership.markClean();
        storage.forceDirectory(directory);
        manifest.write(storage, directory, meta.salt());
        if (earlier == null) {
            commit();
        }
        manifest.deleteOthers(storage, directory);
    }

    /** The first copy counts from here on. */
    void commit() throws IOException {
        storage.delete(directory.resolve(UNFINISHED));
        storage.forceDirectory(directory);
        Path parent = directory.getParent();
        if (made && parent != null) {
            storage.forceDirectory(parent);
        }
    }

    /** Takes back what was done, as far as possible; but not what counts already, if only the last flush of names failed. */
    void abandon() throws IOException {
        if (earlier != null) {
            storage.delete(directory.resolve(Manifest.NAME + ".tmp"));
            Manifest.read(storage, directory, salt).deleteOthers(storage, directory);
            return;
        }
        if (!Files.exists(directory.resolve(UNFINISHED))) {
            return;
        }
        clear();
        storage.delete(directory.resolve(UNFINISHED));
        if (made) {
            storage.delete(directory.resolve(Ownership.NAME));
            storage.delete(directory);
        }
    }

    @Override
    public void close() throws IOException {
        ownership.release();
    }
}
