package io.sherd;

/** A number of shards was asked for that is not positive or lies above the map's limit. */
public final class ShardCountException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** What was asked for. */
    private final long requested;

    /** What is the most. */
    private final int allowed;

    /**
     * Creates the exception.
     *
     * @param requested the number that was asked for
     * @param allowed the largest number that the map accepts
     */
    public ShardCountException(long requested, int allowed) {
        super(
                requested < 1
                        ? "shards: " + requested + " requested, but a map has at least 1 shard; give 1 to " + allowed
                        : "shards: " + requested + " requested, but at most " + allowed
                                + " are allowed; ask for fewer, or raise maxShards");
        this.requested = requested;
        this.allowed = allowed;
    }

    /**
     * The number that was asked for.
     *
     * @return the number as given, before any rounding
     */
    public long requested() {
        return requested;
    }

    /**
     * The largest number that the map accepts.
     *
     * @return the limit, a power of two
     */
    public int allowed() {
        return allowed;
    }
}
