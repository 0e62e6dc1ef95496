package io.sherd.disk;

import io.sherd.ShardCountException;
import io.sherd.codec.Codec;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Describes a {@link DiskMap}, and opens it. Every setting is checked when it is given.
 *
 * <p>Not safe for use by several threads at once. A builder may open any number of maps.
 *
 * {@snippet :
 * try (DiskMap<String, Long> visits = DiskMap.builder(Codecs.utf8(), Codecs.int64())
 *         .durability(Durability.SYNC)
 *         .open(Path.of("visits.map"))) {
 *     visits.merge("/index.html", 1L, Long::sum);
 * }
 * }
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class DiskMapBuilder<K, V> {
    private static final int DEFAULT_SHARDS = 256;
    private static final int DEFAULT_MAX_SHARDS = 1 << 18;
    private static final int MAX_SHARDS_LIMIT = 1 << 22;
    private static final long DEFAULT_CHECKPOINT = 1L << 30;
    private static final int DEFAULT_FILE_SHIFT = 26;
    private static final int MAX_IDENTITY = 200;

    private final Codec<K> keyCodec;
    private final Codec<V> valueCodec;
    private int shards;
    private int maxShards = DEFAULT_MAX_SHARDS;
    private long initialCapacity;
    private Durability durability = Durability.NONE;
    private long checkpointEvery = DEFAULT_CHECKPOINT;
    private boolean verifyReads;
    private int keepVersions;
    private int fileShift = DEFAULT_FILE_SHIFT;
    private Storage storage = FileStorage.INSTANCE;

    DiskMapBuilder(Codec<K> keyCodec, Codec<V> valueCodec) {
        this.keyCodec = checked("keyCodec", keyCodec);
        this.valueCodec = checked("valueCodec", valueCodec);
    }

    /**
     * The number of shards that a new map has, rounded up to a power of two. Each shard has its own lock and grows by itself,
     * so this is no bound. More shards make each step of growth shorter, and cost one to two kilobytes of memory each. The default
     * is 256.
     *
     * <p>The number is fixed in the files. A map that exists is opened with the number that it was created with, whatever is
     * given here; {@link DiskMap#shards} tells it.
     *
     * @param shards from 1 to the {@link #maxShards} of this builder
     * @return this builder
     * @throws ShardCountException if {@code shards} is out of range
     */
    public DiskMapBuilder<K, V> shards(int shards) {
        if (shards < 1 || shards > maxShards) {
            throw new ShardCountException(shards, maxShards);
        }
        this.shards = ceilingPowerOfTwo(shards);
        return this;
    }

    /**
     * The largest number of shards that {@link #shards} accepts, rounded up to a power of two. The default is 262,144.
     *
     * @param maxShards from 1 to 4,194,304, and not below {@link #shards} if that was set before
     * @return this builder
     * @throws IllegalArgumentException if {@code maxShards} is out of range or below the number of shards set before
     */
    public DiskMapBuilder<K, V> maxShards(int maxShards) {
        if (maxShards < 1 || maxShards > MAX_SHARDS_LIMIT) {
            throw new IllegalArgumentException(
                    "maxShards: " + maxShards + " given, but 1 to " + MAX_SHARDS_LIMIT + " are allowed");
        }
        int rounded = ceilingPowerOfTwo(maxShards);
        if (shards > rounded) {
            throw new IllegalArgumentException("maxShards: " + maxShards + " given, but shards is " + shards
                    + " already; raise maxShards or lower shards");
        }
        this.maxShards = rounded;
        return this;
    }

    /**
     * How many entries to make room for in the index of a new map. A hint: growth costs little, and the map grows beyond it.
     *
     * @param entries at least 0
     * @return this builder
     * @throws IllegalArgumentException if {@code entries} is negative
     */
    public DiskMapBuilder<K, V> initialCapacity(long entries) {
        if (entries < 0) {
            throw new IllegalArgumentException("initialCapacity: " + entries + " given, but it cannot be negative");
        }
        this.initialCapacity = entries;
        return this;
    }

    /**
     * When a write that returned is safe from what. It is a matter of each open, not of the map. The default is
     * {@link Durability#NONE}.
     *
     * @param durability what to promise
     * @return this builder
     */
    public DiskMapBuilder<K, V> durability(Durability durability) {
        this.durability = Objects.requireNonNull(durability, "durability");
        return this;
    }

    /**
     * After how many bytes of log to write a checkpoint in the background. Recovery reads the log behind the last one, at
     * some hundred megabytes a second; a checkpoint writes about 13 bytes for each entry of the map. The default is
     * 1,073,741,824.
     *
     * @param bytes at least 1,048,576
     * @return this builder
     * @throws IllegalArgumentException if {@code bytes} is below
     */
    public DiskMapBuilder<K, V> checkpointEvery(long bytes) {
        if (bytes < 1 << 20) {
            throw new IllegalArgumentException(
                    "checkpointEvery: " + bytes + " given, but at least " + (1 << 20) + " bytes are needed");
        }
        this.checkpointEvery = bytes;
        return this;
    }

    /**
     * Whether each read compares the record with its checksum, and throws {@link CorruptMapException} if they differ. Records
     * are always compared when a log is recovered, and by {@link DiskMap#verify}. Values stored in files of their own are
     * compared by the latter only. The default is false.
     *
     * @param verifyReads whether to compare
     * @return this builder
     */
    public DiskMapBuilder<K, V> verifyReads(boolean verifyReads) {
        this.verifyReads = verifyReads;
        return this;
    }

    /**
     * How many of the snapshots taken last the map keeps for {@link DiskMap#snapshotAt}, whether or not those who took them have
     * closed them. Writers go on to copy the index for what is kept, and large values that were replaced keep their files. Versions
     * begin anew with each open. The default is 0.
     *
     * @param versions at least 0
     * @return this builder
     * @throws IllegalArgumentException if {@code versions} is negative
     */
    public DiskMapBuilder<K, V> keepVersions(int versions) {
        if (versions < 0) {
            throw new IllegalArgumentException(
                    "keepVersions: " + versions + " given, but it cannot be negative; 0 keeps none");
        }
        this.keepVersions = versions;
        return this;
    }

    /** The binary logarithm of the largest size of a log file, of a new map; for tests. */
    DiskMapBuilder<K, V> fileShift(int newFileShift) {
        this.fileShift = newFileShift;
        return this;
    }

    /** The files beneath; for tests. */
    DiskMapBuilder<K, V> storage(Storage newStorage) {
        this.storage = newStorage;
        return this;
    }

    /**
     * Opens the map in a directory, which is created if it does not exist, and recovers it if it was not closed.
     *
     * <p>The map belongs to the caller until {@link DiskMap#close}; nobody else, in this process or another, can open it
     * meanwhile.
     *
     * @param directory a directory that holds a map, or nothing
     * @return the map
     * @throws MapLockedException if the map is open already
     * @throws CodecMismatchException if the map was created with other codecs
     * @throws UnsupportedFormatException if there is something else, or a map of a newer format
     * @throws CorruptMapException if a file is missing, was cut short, or is not what was written
     * @throws StorageFullException if there is no room to create the map
     * @throws DiskMapException if the files cannot be used for another reason
     */
    public DiskMap<K, V> open(Path directory) {
        return openLog(directory);
    }

    LogMap<K, V> openLog(Path directory) {
        Form<K> keys = new Form<>("key", Records.MAX_KEY, keyCodec);
        Form<V> values = new Form<>("value", Records.MAX_VALUE, valueCodec);
        int count = shards == 0 ? Math.min(DEFAULT_SHARDS, maxShards) : shards;
        MapFiles files = MapFiles.open(
                Objects.requireNonNull(directory, "directory"),
                new MapFiles.Settings(
                        Integer.numberOfTrailingZeros(count),
                        initialCapacity,
                        durability,
                        checkpointEvery,
                        fileShift,
                        storage),
                new MapFiles.CodecFacts(
                        keyCodec.identity(), valueCodec.identity(), keys.words != null, keys.fixedSize()));
        return new LogMap<>(files, new Entries<>(files, keys, values, verifyReads), keepVersions);
    }

    @Override
    public String toString() {
        return "DiskMapBuilder[keyCodec=" + keyCodec.identity() + ", valueCodec=" + valueCodec.identity() + ", shards="
                + (shards == 0 ? "default" : shards) + ", maxShards=" + maxShards + ", initialCapacity="
                + initialCapacity
                + ", durability=" + durability + ", checkpointEvery=" + checkpointEvery + ", verifyReads=" + verifyReads
                + ", keepVersions=" + keepVersions + "]";
    }

    private static <T> Codec<T> checked(String setting, Codec<T> codec) {
        String identity = Objects.requireNonNull(codec, setting).identity();
        if (identity.isEmpty()
                || identity.length() > MAX_IDENTITY
                || !identity.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException(setting + ": the identity \"" + identity + "\" is not 1 to "
                    + MAX_IDENTITY + " printable ASCII characters");
        }
        int size = codec.fixedSize();
        if (size != Codec.VARIABLE && size < 1) {
            throw new IllegalArgumentException(setting + ": fixedSize " + size + " is neither positive nor VARIABLE");
        }
        return codec;
    }

    private static int ceilingPowerOfTwo(int n) {
        return n <= 1 ? 1 : Integer.highestOneBit(n - 1) << 1;
    }
}
