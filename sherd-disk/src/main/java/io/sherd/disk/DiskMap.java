package io.sherd.disk;

import io.sherd.ShardedMap;
import io.sherd.codec.Codec;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ShardedMap} in memory-mapped files, which survives the end of the process.
 *
 * <p>Keys and values are turned into bytes by codecs. Two keys are the same key if their bytes are equal, and so for the
 * values that {@link #remove(Object, Object)}, {@link #replace(Object, Object, Object)} and {@link #compareAndExchange} compare.
 * A key has at most 65,536 bytes and a value at most 1,073,741,824; more is refused with {@link IllegalArgumentException}. There
 * is no limit on the number of entries set in advance.
 *
 * <p>A write that returned survives the end of the process, however it ends; {@link Durability} says what survives a loss of
 * power. A value may be seen by readers before it is safe.
 *
 * <p>Safe for use by any number of threads. Interrupting a thread that uses the map harms neither the map nor the operation:
 * waiting goes on, and the interrupt status is kept.
 *
 * <p>{@link #snapshot} is one instant of the whole map, as {@link io.sherd.SnapshotMode#COW} describes it: while one is in use, the first write
 * to each shard copies that shard's index, about 13 bytes an entry, and values that are stored in files of their own keep them; records need no
 * copy. Its keys and values are decoded anew at each read. After {@link #close} of the map it throws {@link MapClosedException}. Versions
 * begin anew with each open.
 *
 * <p>Every operation may throw, besides what {@link ShardedMap} says:
 *
 * <ul>
 *   <li>{@link MapClosedException} after {@link #close};
 *   <li>{@link StorageFullException} for a write that finds no space: the write did not happen, the map stays readable, and
 *       writes go on when there is space again;
 *   <li>{@link CorruptMapException} if a file was changed or cut short by somebody else;
 *   <li>{@link DiskMapException} for a write after a failed flush: the map is read-only until it is opened again;
 *   <li>what a codec throws for an object that it cannot encode, such as {@link ClassCastException} for one of another class.
 * </ul>
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface DiskMap<K, V> extends ShardedMap<K, V>, AutoCloseable {

    /**
     * Starts the description of a map in a directory.
     *
     * @param keyCodec how keys are written
     * @param valueCodec how values are written
     * @param <K> the type of keys
     * @param <V> the type of values
     * @return a new builder with default settings
     * @throws IllegalArgumentException if a codec's identity or size is not what {@link Codec} allows
     */
    static <K, V> DiskMapBuilder<K, V> builder(Codec<K> keyCodec, Codec<V> valueCodec) {
        return new DiskMapBuilder<>(keyCodec, valueCodec);
    }

    /**
     * Looks a key up and hands its value's bytes to a function, without a copy. The bytes do not change during the call,
     * whatever happens to the key.
     *
     * <p>Locking behaviour: none.
     *
     * @param key the key
     * @param reader gets the value's bytes as a read-only segment of alignment 1 that is valid during the call only
     * @param <R> the type of the result
     * @return what the function returned, or null if the key is absent
     * @throws NullPointerException if an argument is null
     */
    <R> @Nullable R view(K key, Function<? super MemorySegment, ? extends @Nullable R> reader);

    /**
     * Returns when everything written before the call is safe from a loss of power. Costs one flush of what was written since
     * the last.
     *
     * @throws DiskMapException if the flush failed; the map is read-only from then on, until it is opened again
     */
    void force();

    /**
     * Writes a checkpoint now: an open after an unclean end need not read the log before it. The map does this by itself, as
     * {@link DiskMapBuilder#checkpointEvery} says, and on {@link #close}. Writers wait while their shard is copied. Costs
     * O(entries).
     *
     * @throws StorageFullException if there is no room for it; the one before stays in force
     */
    void checkpoint();

    /**
     * Copies the map as it is at one instant, while others go on to write: as {@link #backup(Path, BackupOptions)} with the defaults.
     *
     * @param target where to
     * @return what was done
     */
    BackupReport backup(Path target);

    /**
     * Copies the map as it is at one instant between the call and the return, while others go on to write. Of a transaction, or of keys locked together,
     * all is in the copy or nothing.
     *
     * <p>The copy is a map: it is opened as any other, without recovery. Files that do not change any more are hard links where
     * the file system has them, since neither the map nor one that is opened on the copy ever writes to them again; the others are copied. Where
     * the target holds an earlier backup of this map to which nobody has written, only what is new is added, and the earlier one is
     * whole until the new one is.
     *
     * <p>When this returns, the copy is safe from a loss of power. If it throws, the target holds what it held before, or the new copy, whole, if only the last flush of names failed. If the
     * process ends meanwhile, an earlier backup is as it was, and a first one is no map, and made anew by the next.
     *
     * <p>Locking behaviour: writers wait as for a {@link #snapshot}, and copy for it until the end. Several backups may run at once, to different
     * targets. A {@link #close} meanwhile ends it with {@link MapClosedException}.
     *
     * <p>Costs O(shards + files) and the writing of the index, about 13 bytes an entry, and of what is copied: at most 64 MiB for each of up to four
     * ends of the log where links can be made. Files of an earlier backup that are no links are compared with those of the map.
     *
     * {@snippet :
     * BackupReport report = map.backup(Path.of("/backup/visits.map"));
     * }
     *
     * @param target a directory that does not exist yet, is empty, or holds an earlier backup of this map
     * @param options how
     * @return what was done
     * @throws BackupTargetException if the target holds something else or is this map, or the earlier backup there was written to, or has what this
     *     map has no longer; the target was not touched
     * @throws MapLockedException if a map is open in the target
     * @throws StorageFullException if there is no room in the target
     * @throws DiskMapException if something cannot be written or read, or a flush failed
     */
    BackupReport backup(Path target, BackupOptions options);

    /**
     * Reads every live record and compares it with its checksum. Others may use the map meanwhile; what they change meanwhile
     * may be read or not. Costs O(entries) and reads all live data.
     *
     * @return what was found
     */
    VerifyReport verify();

    /**
     * What the open of this map had to do.
     *
     * @return the same record each time, after {@link #close} too
     */
    RecoveryReport recovery();

    /**
     * The directory that holds the map.
     *
     * @return an absolute path
     */
    Path path();

    /**
     * Figures about the files. Costs O(shards + files).
     *
     * @return a new record
     */
    DiskStats diskStats();

    /**
     * Writes a checkpoint, closes the files and gives the directory free. Operations under way finish or throw
     * {@link MapClosedException}. A second call does nothing.
     *
     * @throws StorageFullException if there was no room for the checkpoint; the map is closed, nothing is lost, and the next
     *     open reads the log instead
     * @throws DiskMapException if something else failed; the map is closed
     */
    @Override
    void close();
}
