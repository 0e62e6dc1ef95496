package io.sherd;

/**
 * Splits segments whose lock writers often wait for.
 *
 * <p>Who has waited for a lock counts that, once it has the lock ({@link SegmentLock#seize}); who never waits comes past none of
 * this. At every {@value #WAITS} times the waits are held against the number of times that the lock was given back since the last look, which
 * the word of the lock counts anyway. Is the share of those who waited too large, the one who is there splits the segment, as if it were full.
 *
 * <p>Where all want one key, splitting helps nobody; it ends at the largest number of shards that the user allows.
 */
final class Adaptivity {
    /** A look is taken at each so many waits. */
    static final int WAITS = 128;

    /** Too many: one in so many. */
    private static final int TOO_OFTEN = 32;

    private final SegmentDirectory<?, ?> map;
    private final int maxDepth;

    Adaptivity(SegmentDirectory<?, ?> map, int maxShards) {
        this.map = map;
        this.maxDepth = Integer.numberOfTrailingZeros(maxShards);
    }

    /**
     * Splits a segment, whose lock the caller has, if that is due.
     *
     * @param times how often the lock was given back while {@link #WAITS} waited
     * @return whether the segment was replaced
     */
    boolean split(Segment segment, long times) {
        if (segment.depth >= maxDepth || times > (long) WAITS * TOO_OFTEN || Rebalancing.isUnderWay(map)) {
            return false;
        }
        RebalanceEvent event = new RebalanceEvent();
        event.begin();
        long began = System.nanoTime();
        event.from = map.shards().count();
        map.split(segment);
        map.raisePast(segment.depth);
        event.to = map.shards().count();
        event.movedShards = 1;
        event.movedEntries = segment.liveOpaque();
        event.longestPause = System.nanoTime() - began;
        event.reason = "contention: of " + times + " writers of one shard of " + (1 << segment.depth) + ", " + WAITS
                + " had to wait";
        event.state = RebalanceStatus.State.DONE.name();
        event.commit();
        return true;
    }
}
