package io.sherd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a rebalance. A shard is a range of hashes; it has one segment, or several if it is large. Going through the hashes, each step
 * replaces some segments by others with the same in them, and none takes longer than a certain amount of work.
 *
 * <p><b>Dividing.</b> A segment of less depth than is asked for has keys of several shards. It gives way to segments that divide its hashes
 * between them, of up to {@value #PARTS_DEPTH} more bits at a time.
 *
 * <p><b>Uniting</b>, where there are to be fewer shards. The segments of a shard give way to one if a table of {@link
 * SegmentDirectory#LARGEST_UNITED} slots has room for them. Those of a larger shard stay as they are: one table for all of it would
 * keep writers and those who copy it for snapshots longer, and be of no use. But ranges of it that have little in them, since much was removed
 * or there were more shards before, give way to one segment each, of no more than a segment gets by growing. So what there is to do for a large map is next to nothing.
 *
 * <p>A unit has {@value #MOST_SEGMENTS} segments at most and, where it has more than two, {@value #MOST_SLOTS} slots. A range that has more
 * is done in parts, and then again, until it is small enough or nothing in it has changed any more.
 *
 * <p>The steps are these.
 *
 * <ol>
 *   <li>Gather the segments of the unit.
 *   <li>If the copy would take too long, make it now, of drafts: what was in each slot at some moment.
 *   <li>Lock the segments, in the order of their hashes, as everybody does who locks several. Who finds one dead, or the flag of
 *       {@link Epochs} raised, gives all back and begins again; so (1) of the regime there holds for what follows.
 *   <li>Make the copy, or find out by comparison what was changed since the draft, and do that to the copy.
 *   <li>Take over the overflow, the holds and what is announced: all that a key has beside its slot. These are under the locks only,
 *       so no draft has them.
 *   <li>Put the copy into the directory ({@link SegmentDirectory#replaceAll}), if no other segment has come into the range.
 * </ol>
 *
 * <p>Nothing that others see is changed before the last, so whatever is thrown leaves the map as it was. For writers, readers, holders,
 * transactions and snapshots it is what growth is: a segment was replaced by others with the same in them. For a traversal, see
 * {@link HeapSpliterator}.
 *
 * <p>A draft is not what the segment had at any one moment: a key that went and came again meanwhile may be in two slots of it, and so
 * twice in the copy. So for every slot that is not as in the draft, first the copy loses what it got from that slot; then all keys
 * concerned get what they have now. What is left of a key that was there twice has come from the slot that is as it was.
 *
 * <p>Used by one thread at a time.
 */
final class Reshaping {
    static final Runnable NO_REST = () -> {};

    private static final int HASH_BITS = 31;
    private static final long ALL = 1L << HASH_BITS;

    /** A segment is divided in 2 to the power of this at most. */
    private static final int PARTS_DEPTH = 10;

    private static final int MOST_SEGMENTS = 1 << PARTS_DEPTH;
    private static final int MOST_SLOTS = 1 << 16;

    /** What work there is beside copying entries, in entries: a segment to be locked or made, and looking at so many slots. */
    private static final int WORK_OF_SEGMENT = 8;

    private static final int SLOTS_FOR_WORK = 16;

    /** Below this, the copy is no work to be measured by. */
    private static final int MEASURABLE = 1_000;

    /** A step that fails so often, since segments grow or are copied for snapshots meanwhile, is then made in one piece. */
    private static final int ATTEMPTS_WITH_DRAFTS = 4;

    private final SegmentDirectory<?, ?> map;
    private final int depth;
    private final boolean unites;
    private final long maxPauseNanos;

    /** What a copy took of late, for each unit of work. */
    private double nanosPerWork = 20;

    private long longestPause;
    private long movedEntries;
    private long movedShards;

    /** The first hash that is not done, but for a range to be done again; that is empty if there is none. */
    private long place;

    private long againFrom;
    private long againTo;

    /** How many steps there were before that range was noted. */
    private long stepsBefore;

    private long steps;

    /** The step under way: the segments of the unit, and the part of it that each successor gets. */
    private List<Segment> old = List.of();

    private int partDepth;
    private int prefix;
    private @Nullable Segment[] parts = new @Nullable Segment[0];
    private int[] counts = new int[0];

    /** Drafts of the segments, from which the parts were filled; empty if there are none. */
    private List<Segment> drafts = List.of();

    /** Called now and then where no lock is held. */
    private Runnable pace = NO_REST;

    /**
     * Prepares for all hashes from the first on.
     *
     * @param unites whether segments may become one
     */
    Reshaping(SegmentDirectory<?, ?> map, int depth, boolean unites, long maxPauseNanos) {
        this.map = map;
        this.depth = depth;
        this.unites = unites;
        this.maxPauseNanos = maxPauseNanos;
    }

    long longestPause() {
        return longestPause;
    }

    long movedEntries() {
        return movedEntries;
    }

    long movedShards() {
        return movedShards;
    }

    void setPace(Runnable pace) {
        this.pace = pace;
    }

    /** The first hash that is not done. */
    long done() {
        return againTo > againFrom ? againFrom : place;
    }

    boolean isThrough() {
        return done() >= ALL;
    }

    /** Does one unit, or finds that there is nothing to do up to the next place. */
    void step() {
        try {
            for (int attempt = 0; ; attempt++) {
                if (gather() && (old.isEmpty() || reshape(attempt < ATTEMPTS_WITH_DRAFTS))) {
                    if (!old.isEmpty()) {
                        steps++;
                    }
                    break;
                }
            }
            if (againTo > againFrom && place >= againTo) {
                place = againFrom;
                againTo = againFrom;
            }
        } finally {
            forget();
        }
    }

    private void forget() {
        old = List.of();
        drafts = List.of();
        parts = new @Nullable Segment[0];
    }

    // ---- 1

    /** Notes the segments to be replaced, or that there are none up to the next place; answers false if they change just now. */
    private boolean gather() {
        old = List.of();
        drafts = List.of();
        long at = place;
        Segment first = map.segment((int) at);
        if (first != null && first.depth < depth) {
            int more = Math.min(depth - first.depth, PARTS_DEPTH);
            old = List.of(first);
            begin(first.depth + more, first.prefix << more, 1 << more);
            return true;
        }
        if (first == null && !unites) {
            place = map.nextCell((int) at);
            return place > at;
        }
        // The largest range that begins here and may be one segment.
        for (int rangeDepth = Math.max(depth, HASH_BITS - Long.numberOfTrailingZeros(at)); ; rangeDepth++) {
            if (first != null && (first.depth <= rangeDepth || !unites)) {
                place = first.lastHash();
                return true;
            }
            long to = at + (1L << (HASH_BITS - rangeDepth));
            int rangePrefix = (int) (at >>> (HASH_BITS - rangeDepth));
            switch (look(at, to, rangeDepth, rangePrefix)) {
                case CHANGING -> {
                    return false;
                }
                case TOO_MANY -> {
                    boolean noted = againTo > againFrom;
                    if (!noted && (at != againFrom || steps > stepsBefore)) {
                        againFrom = at;
                        againTo = to;
                        stepsBefore = steps;
                    }
                }
                case TOO_LARGE -> {}
                case FIT -> {
                    if (old.isEmpty()) {
                        place = to;
                    } else {
                        begin(rangeDepth, rangePrefix, 1);
                    }
                    return true;
                }
            }
            old = List.of();
        }
    }

    private enum Look {
        /** The segments become one, or there are none. */
        FIT,
        /** There are too many for one unit. */
        TOO_MANY,
        /** There are too many entries for one segment. */
        TOO_LARGE,
        /** One of them was replaced by a segment of a larger range. */
        CHANGING
    }

    /** Notes the segments of a range. */
    private Look look(long from, long to, int rangeDepth, int rangePrefix) {
        List<Segment> found = new ArrayList<>();
        int limit = rangeDepth == depth ? SegmentDirectory.LARGEST_UNITED : SegmentDirectory.SPLIT_SLOTS / 4 * 3;
        long entries = 0;
        long slots = 0;
        for (long hash = from; hash < to; ) {
            Segment segment = map.segment((int) hash);
            if (segment == null) {
                hash = map.nextCell((int) hash);
                continue;
            }
            if (segment.depth <= rangeDepth || segment.firstHash() < hash) {
                return Look.CHANGING;
            }
            found.add(segment);
            entries += segment.liveOpaque();
            slots += segment.physical();
            if (entries > limit
                    || SegmentDirectory.slotsFor((int) entries, rangeDepth, rangePrefix, SegmentKind.ANY) > limit) {
                return Look.TOO_LARGE;
            }
            if (found.size() > MOST_SEGMENTS || (found.size() > 2 && slots > MOST_SLOTS)) {
                return Look.TOO_MANY;
            }
            hash = segment.lastHash();
        }
        old = found;
        return Look.FIT;
    }

    private void begin(int depth, int prefix, int count) {
        this.partDepth = depth;
        this.prefix = prefix;
        this.parts = new @Nullable Segment[count];
        this.counts = new int[count];
    }

    // ---- 2 to 6

    /** Answers false if a segment was replaced, or one has come into the range. */
    private boolean reshape(boolean withDrafts) {
        long work = work();
        if (withDrafts && (work * nanosPerWork > maxPauseNanos || maxPauseNanos == 0)) {
            List<Segment> drafts = new ArrayList<>(old.size());
            for (Segment segment : old) {
                drafts.add(segment.draft(pace));
            }
            fill(drafts, pace);
            pace.run();
            this.drafts = drafts;
        }
        Segment[] segments = old.toArray(Segment[]::new);
        for (; ; ) {
            int locked = 0;
            long began = 0;
            boolean aside = false;
            try {
                while (locked < segments.length && !aside) {
                    Segment next = segments[locked];
                    if (!next.seizeAtOnce()) {
                        return false;
                    }
                    if (locked++ == 0) {
                        began = System.nanoTime();
                    }
                    aside = !next.mayGoOn();
                }
                if (!aside) {
                    boolean done = replace();
                    learn(System.nanoTime() - began, work);
                    return done;
                }
            } finally {
                // no calls: where the stack has run out, a lock would be lost
                for (int i = 0; i < locked; i++) {
                    Segment segment = segments[i];
                    if ((segment.state & SegmentLock.PHASE) == SegmentLock.LOCKED) {
                        segment.state = (segment.state | SegmentLock.PHASE) + 1;
                    }
                }
                if (began != 0) {
                    longestPause = Math.max(longestPause, System.nanoTime() - began);
                }
            }
            map.epochs.awaitLowered();
        }
    }

    /** What there is to do if it is done in one piece. */
    private long work() {
        long entries = 0;
        long slots = 0;
        for (Segment segment : old) {
            entries += segment.liveOpaque();
            slots += segment.physical();
        }
        return entries + slots / SLOTS_FOR_WORK + WORK_OF_SEGMENT * (old.size() + Math.min(entries, parts.length));
    }

    private void learn(long pause, long work) {
        if (drafts.isEmpty() && work >= MEASURABLE) {
            // a pause of the collector that falls into a step says little of the next ones
            nanosPerWork = (3 * nanosPerWork + Math.min((double) pause / work, 4 * nanosPerWork)) / 4;
        }
    }

    /** With all locked. */
    private boolean replace() {
        if (drafts.isEmpty() || !catchUp()) {
            begin(partDepth, prefix, parts.length);
            drafts = List.of();
            fill(old, NO_REST);
            old.forEach(this::takeOverflow);
        }
        long entries = 0;
        for (Segment segment : old) {
            entries += segment.liveOpaque();
            takeHoldsAndCommits(segment);
        }
        for (int i = 0; i < parts.length; i++) {
            Segment part = parts[i];
            if (part != null && part.isBare()) {
                parts[i] = null;
            }
        }
        if (!map.replaceAll(old.toArray(Segment[]::new), partDepth, prefix, parts)) {
            return false;
        }
        movedEntries += entries;
        movedShards += old.size();
        return true;
    }

    private int partOf(int hash) {
        return (hash >>> (HASH_BITS - partDepth)) - prefix;
    }

    /** The part that gets a hash. */
    private Segment part(int hash) {
        int index = partOf(hash);
        Segment part = parts[index];
        if (part == null) {
            SegmentKind kind = kind();
            int slots = SegmentDirectory.slotsFor(counts[index], partDepth, prefix + index, kind);
            part = kind.segment(map.epochs, partDepth, prefix + index, slots);
            part.bornLocked();
            parts[index] = part;
        }
        return part;
    }

    /** The kind for what is in all segments. */
    private SegmentKind kind() {
        SegmentKind kind = old.get(0).kind;
        for (Segment segment : old) {
            kind = kind.and(segment.kind);
        }
        return kind;
    }

    /** Copies tables, so that each part has the size for what it gets. */
    private void fill(List<Segment> tables, Runnable pace) {
        if (parts.length == 1) {
            for (Segment table : tables) {
                counts[0] += table.slotsInUse();
            }
        } else {
            for (Segment table : tables) {
                forEachSlot(table, pace, slot -> counts[partOf(table.hashAt(slot))]++);
            }
        }
        for (Segment table : tables) {
            forEachSlot(table, pace, slot -> {
                int hash = table.hashAt(slot);
                part(hash).take(hash, table, slot);
            });
        }
    }

    /** Gets a slot in use. */
    private interface Visitor {
        void visit(int slot);
    }

    private static void forEachSlot(Segment table, Runnable pace, Visitor visitor) {
        for (int word = 0; word < table.physical(); word += Tags.WORD) {
            if (word % Segment.PACE_SLOTS == 0) {
                pace.run();
            }
            for (long used = Tags.used(Tags.wordPlain(table.tags, word)); used != 0; used &= used - 1) {
                visitor.visit(word + Tags.first(used));
            }
        }
    }

    private void takeOverflow(Segment segment) {
        ConcurrentHashMap<OverflowKey, @Nullable Object[]> overflow = segment.overflow;
        if (overflow != null) {
            overflow.forEach((key, cell) -> {
                Object value = cell[0];
                if (value != null) {
                    part(key.hash).takeCell(key.hash, key.key, value);
                }
            });
        }
    }

    private void takeHoldsAndCommits(Segment segment) {
        if (segment.holds != null) {
            segment.holds.forEach(hold -> part(hold.hash).takeHold((KeyHold) hold));
        }
        Commit announced = segment.announced;
        if (announced != null) {
            for (int i = 0; i < parts.length; i++) {
                long first = (long) (prefix + i) << (HASH_BITS - partDepth);
                if (announced.within(first, first + (1L << (HASH_BITS - partDepth))) != null) {
                    part((int) first).inherit(announced);
                }
            }
        }
    }

    // ---- drafts

    /** A key of which the parts may not have what the segments have. */
    private record Changed(Segment segment, int hash, Object key) {}

    /** Does to the parts what was done to the segments since the drafts were made; answers false if there is no room for that. */
    private boolean catchUp() {
        List<Changed> changed = new ArrayList<>();
        for (int i = 0; i < old.size(); i++) {
            Segment segment = old.get(i);
            Segment draft = drafts.get(i);
            segment.changesSince(draft, slot -> {
                if (Tags.isUsed(draft.tags[slot])) {
                    Changed before = new Changed(segment, draft.hashAt(slot), draft.keyAt(slot));
                    lose(before);
                    changed.add(before);
                }
                if (Tags.isUsed(segment.tags[slot])) {
                    changed.add(new Changed(segment, segment.hashAt(slot), segment.keyAt(slot)));
                }
            });
        }
        old.forEach(this::takeOverflow);
        for (Changed one : changed) {
            Object now = one.segment.frozenValue(one.hash, one.key);
            if (!HeapMap.set(part(one.hash), one.hash, one.key, now)) {
                return false;
            }
        }
        return true;
    }

    /** Removes one occurrence of a key from its part. */
    private void lose(Changed one) {
        Segment part = part(one.hash);
        int slot = part.slotOf(one.hash, one.key);
        if (slot >= 0) {
            part.remove(slot);
        } else {
            @Nullable Object[] cell = part.overflowCell(one.hash, one.key);
            if (cell != null) {
                part.removeCell(one.hash, one.key, cell); // both occurrences, if there were two
            }
        }
    }
}
