package io.sherd;

import io.sherd.codec.Codec;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Describes a {@link ShardedMap} on the Java heap. Every setting is checked when it is given.
 *
 * <p>Not safe for use by several threads at once. A builder may build any number of maps.
 *
 * <p>Without a {@link #hasher}, keys that are all {@link Long} or all {@link Integer} are kept as numbers, and in a large map their values too if these are
 * all {@code Long} or all {@code Integer}. What comes back is equal to what was put, and of the same class, but need not be the same object.
 *
 * {@snippet :
 * ShardedMap<String, Session> sessions = ShardedMap.onHeap()
 *         .shards(64)
 *         .initialCapacity(1_000_000)
 *         .build();
 * }
 *
 * @param <K> the most general type of keys that the settings so far allow
 * @param <V> the most general type of values that the settings so far allow
 */
public final class HeapMapBuilder<K, V> {
    /** The limit on the number of shards unless {@link #maxShards} says otherwise. */
    static final int DEFAULT_MAX_SHARDS = 1 << 18;

    private static final int MAX_SHARDS_LIMIT = 1 << 22;

    private int shards;
    private int maxShards = DEFAULT_MAX_SHARDS;
    private int adaptiveMin;
    private int adaptiveMax;
    private long initialCapacity;
    private @Nullable ToIntFunction<? super K> hasher;
    private SnapshotMode snapshotMode = SnapshotMode.COW;
    private int keepVersions;

    HeapMapBuilder() {}

    /**
     * The number of shards to begin with, rounded up to a power of two. Shards that nobody touches cost a null reference;
     * full ones split by themselves, so this is no bound. By default a map begins with one shard, and splits it early until
     * there are four for each processor.
     *
     * @param shards from 1 to the {@link #maxShards} of this builder
     * @return this builder
     * @throws ShardCountException if {@code shards} is out of range
     */
    public HeapMapBuilder<K, V> shards(int shards) {
        if (shards < 1 || shards > maxShards) {
            throw new ShardCountException(shards, maxShards);
        }
        if (adaptiveMax != 0) {
            throw new IllegalArgumentException("shards: " + shards + " given, but adaptiveShards is set to "
                    + adaptiveMin + " to " + adaptiveMax + " already; set one of them only");
        }
        this.shards = ceilingPowerOfTwo(shards);
        return this;
    }

    /**
     * Lets the number of shards follow from what writers do: the map begins with {@code min} shards, and a shard whose lock is often waited
     * for splits, until there are {@code max}. Shards that are full split as always, but there are never more than {@code max}; beyond that they
     * grow. The number does not fall again by itself; see {@link Shards#rebalanceTo}.
     *
     * <p>A shard splits where of its last writers about one in 32 or more had to wait. Each time a flight recording gets an event
     * {@code io.sherd.Rebalance}, whose reason has the figures. Costs nothing where nobody waits.
     *
     * @param min from 1 to {@code max}, rounded up to a power of two
     * @param max from {@code min} to the {@link #maxShards} of this builder, rounded up to a power of two
     * @return this builder
     * @throws ShardCountException if {@code min} or {@code max} is out of range
     * @throws IllegalArgumentException if {@code min} is above {@code max}, or {@link #shards} was set before
     */
    public HeapMapBuilder<K, V> adaptiveShards(int min, int max) {
        if (max < 1 || max > maxShards) {
            throw new ShardCountException(max, maxShards);
        }
        if (min < 1) {
            throw new ShardCountException(min, max);
        }
        if (min > max) {
            throw new IllegalArgumentException(
                    "adaptiveShards: min " + min + " and max " + max + " given, but min cannot be above max");
        }
        if (shards != 0) {
            throw new IllegalArgumentException("adaptiveShards: " + min + " to " + max + " given, but shards is "
                    + shards + " already; set one of them only");
        }
        this.adaptiveMin = ceilingPowerOfTwo(min);
        this.adaptiveMax = ceilingPowerOfTwo(max);
        return this;
    }

    /**
     * The largest number of shards that the map may have, rounded up to a power of two. A map that has as many goes on to
     * grow inside its shards. The default is 262,144.
     *
     * @param maxShards from 1 to 4,194,304, and not below {@link #shards} if that was set before
     * @return this builder
     * @throws IllegalArgumentException if {@code maxShards} is out of range or below the number of shards set before
     */
    public HeapMapBuilder<K, V> maxShards(int maxShards) {
        if (maxShards < 1 || maxShards > MAX_SHARDS_LIMIT) {
            throw new IllegalArgumentException(
                    "maxShards: " + maxShards + " given, but 1 to " + MAX_SHARDS_LIMIT + " are allowed");
        }
        int rounded = ceilingPowerOfTwo(maxShards);
        if (shards > rounded) {
            throw new IllegalArgumentException("maxShards: " + maxShards + " given, but shards is " + shards
                    + " already; raise maxShards or lower shards");
        }
        if (adaptiveMax > rounded) {
            throw new IllegalArgumentException("maxShards: " + maxShards + " given, but adaptiveShards is set to "
                    + adaptiveMin + " to " + adaptiveMax + " already; raise maxShards or lower the other");
        }
        this.maxShards = rounded;
        return this;
    }

    /**
     * How many entries to make room for before the first is put. A hint: growth costs little, and the map grows beyond it.
     *
     * @param entries at least 0
     * @return this builder
     * @throws IllegalArgumentException if {@code entries} is negative
     */
    public HeapMapBuilder<K, V> initialCapacity(long entries) {
        if (entries < 0) {
            throw new IllegalArgumentException("initialCapacity: " + entries + " given, but it cannot be negative");
        }
        this.initialCapacity = entries;
        return this;
    }

    /**
     * How to hash keys, instead of {@link Object#hashCode}. Give a keyed hash where keys come from people who may choose
     * them to collide. The map mixes the result further, so plain sums of fields are good enough otherwise.
     *
     * <p>The function must answer the same for equal keys and be safe for use by any number of threads. It is called once
     * for each operation on a key and never while the map grows. It gets what callers pass to {@link ShardedMap#get} and
     * {@link ShardedMap#remove(Object)}, too: for an object that is no key it may throw {@link ClassCastException}, which
     * reaches the caller.
     *
     * @param hasher the hash function
     * @param <K1> the type of keys from here on
     * @return this builder
     */
    public <K1 extends K> HeapMapBuilder<K1, V> hasher(ToIntFunction<? super K1> hasher) {
        @SuppressWarnings("unchecked") // the builder holds no key yet, so narrowing its type is safe
        HeapMapBuilder<K1, V> narrowed = (HeapMapBuilder<K1, V>) this;
        narrowed.hasher = Objects.requireNonNull(hasher, "hasher");
        return narrowed;
    }

    /**
     * How {@link ShardedMap#snapshot} works. The default is {@link SnapshotMode#COW}: one instant of the whole map.
     *
     * @param mode the mode
     * @return this builder
     */
    public HeapMapBuilder<K, V> snapshotMode(SnapshotMode mode) {
        this.snapshotMode = Objects.requireNonNull(mode, "mode");
        return this;
    }

    /**
     * How many of the snapshots taken last the map keeps for {@link ShardedMap#snapshotAt}, whether or not those who took them
     * have closed them. What they need is not collected, so writers go on to copy for them. The default is 0.
     *
     * @param versions at least 0
     * @return this builder
     * @throws IllegalArgumentException if {@code versions} is negative
     */
    public HeapMapBuilder<K, V> keepVersions(int versions) {
        if (versions < 0) {
            throw new IllegalArgumentException(
                    "keepVersions: " + versions + " given, but it cannot be negative; 0 keeps none");
        }
        this.keepVersions = versions;
        return this;
    }

    /**
     * Builds an empty map.
     *
     * <p>Without a {@link #hasher}, keys that are {@link Long} or {@link Integer} are kept as numbers: iteration hands out equal
     * objects, not those that were put.
     *
     * @param <K1> the type of keys
     * @param <V1> the type of values
     * @return a new map
     */
    public <K1 extends K, V1 extends V> ShardedMap<K1, V1> build() {
        int begin = shards != 0 ? shards : adaptiveMax != 0 ? adaptiveMin : 1;
        int early = shards != 0 || adaptiveMax != 0 ? begin : wantedShards();
        return HeapMap.<K1, V1>create(begin, early, mostShards(), initialCapacity, hasher, snapshotMode, keepVersions)
                .adaptingTo(adaptiveMax);
    }

    private int mostShards() {
        return adaptiveMax != 0 ? adaptiveMax : maxShards;
    }

    /** How many shards a map gets early, for its writers. */
    private int wantedShards() {
        return Math.min(ceilingPowerOfTwo(4 * Runtime.getRuntime().availableProcessors()), maxShards);
    }

    /**
     * Builds a map of an image that {@link ShardedMap#writeTo} wrote.
     *
     * <p>The map gets the number of shards that the image says, but no more than {@link #maxShards}, unless {@link #shards} was set;
     * as always, full ones split. Room is made for the entries that the image says, but for no more than so large a file can
     * have.
     *
     * <p>No memory is taken on the word of an image that was not checked, so images from elsewhere can be read: a bad one is
     * refused. The checksums find accidents, not forgeries. Where keys may have been chosen to collide, give a {@link #hasher}.
     *
     * <p>Takes some mebibytes beside the map for each thread. An interrupt of the calling thread ends the reading with an
     * {@link IOException}; the interrupt status is kept.
     *
     * @param file the image
     * @param keyCodec how keys were written
     * @param valueCodec how values were written
     * @param options how to read
     * @param <K1> the type of keys
     * @param <V1> the type of values
     * @return a new map with the entries of the image
     * @throws CorruptImageException if it is damaged; there is no map then, as after each of the others
     * @throws ImageCodecException if it was written with other codecs
     * @throws UnsupportedImageException if it is no image, or one of a newer format
     * @throws IOException if the file cannot be read
     */
    public <K1 extends K, V1 extends V> ShardedMap<K1, V1> readFrom(
            Path file, Codec<K1> keyCodec, Codec<V1> valueCodec, ImageOptions options) throws IOException {
        return ImageReader.read(file, keyCodec, valueCodec, options, this::ofShape);
    }

    /**
     * Builds a map of an image in a channel, as {@link #readFrom(Path, Codec, Codec, ImageOptions)} does of one in a file. The
     * length of the image is not known beforehand, so that room is made for the entries as they come.
     *
     * @param channel where the image comes from, in blocking mode; it is read to the end of the image, no further, and stays open.
     *     After a failure it stands somewhere
     * @param keyCodec how keys were written
     * @param valueCodec how values were written
     * @param options how to read
     * @param <K1> the type of keys
     * @param <V1> the type of values
     * @return a new map with the entries of the image
     * @throws CorruptImageException if it is damaged; there is no map then, as after each of the others
     * @throws ImageCodecException if it was written with other codecs
     * @throws UnsupportedImageException if it is no image, or one of a newer format
     * @throws IOException if the channel cannot be read
     * @throws java.nio.channels.IllegalBlockingModeException if the channel is in non-blocking mode
     */
    public <K1 extends K, V1 extends V> ShardedMap<K1, V1> readFrom(
            ReadableByteChannel channel, Codec<K1> keyCodec, Codec<V1> valueCodec, ImageOptions options)
            throws IOException {
        return ImageReader.read(channel, keyCodec, valueCodec, options, this::ofShape);
    }

    /** An empty map like one that was written, as far as the settings allow. */
    <K1 extends K, V1 extends V> HeapMap<K1, V1> ofShape(ImageReader.Shape shape) {
        int begin =
                shards != 0 ? shards : Math.max(adaptiveMin, Math.min(ceilingPowerOfTwo(shape.shards()), mostShards()));
        int early = shards != 0 || adaptiveMax != 0 ? begin : Math.max(begin, wantedShards());
        // where the shards were as full as they get, a hint of all entries would ask for twice as many shards
        long fullest = begin * (long) SegmentDirectory.SPLIT_SLOTS;
        long room = shape.entries() > fullest ? shape.entries() : Math.min(shape.entries(), fullest / 2);
        return HeapMap.<K1, V1>create(
                        begin, early, mostShards(), Math.max(initialCapacity, room), hasher, snapshotMode, keepVersions)
                .adaptingTo(adaptiveMax);
    }

    @Override
    public String toString() {
        return "HeapMapBuilder[shards="
                + (shards != 0 ? shards : adaptiveMax != 0 ? adaptiveMin + " to " + adaptiveMax : "default")
                + ", maxShards=" + maxShards
                + ", initialCapacity=" + initialCapacity + ", hasher=" + (hasher == null ? "hashCode" : hasher)
                + ", snapshotMode=" + snapshotMode + ", keepVersions=" + keepVersions + "]";
    }

    static int ceilingPowerOfTwo(int n) {
        return n <= 1 ? 1 : Integer.highestOneBit(n - 1) << 1;
    }
}
