package io.sherd.disk;

/** Lets tests outside this package make maps whose log files are small, so that there are many of them. */
public final class SmallFiles {
    private SmallFiles() {}

    /**
     * Sets the largest size of a log file of a new map.
     *
     * @param builder the builder of the map
     * @param shift the binary logarithm of the size in bytes
     * @param <K> the type of keys
     * @param <V> the type of values
     * @return the builder
     */
    public static <K, V> DiskMapBuilder<K, V> of(DiskMapBuilder<K, V> builder, int shift) {
        return builder.fileShift(shift);
    }
}
