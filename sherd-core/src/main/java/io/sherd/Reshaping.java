package io.sherd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a rebalance: each replaces all segments in a range of hashes by segments of one depth.
 *
 * <p>A segment that is less deep gives way to the segments of that depth which divide its hashes between them. Segments that are deeper,
 * in the range of one of that depth, give way to that one. In both cases the steps are these.
 *
 * <ol>
 *   <li>Gather the segments of the range.
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

    /** Below this, the copy is no work to be measured by. */
    private static final int MEASURABLE = 4_000;

    /** A step that fails so often, since segments grow or are copied for snapshots meanwhile, is then made in one piece. */
    private static final int ATTEMPTS_WITH_DRAFTS = 4;

    private final SegmentDirectory<?, ?> map;
    private final int depth;
    private final long maxPauseNanos;

    /** What a copy took of late, for each entry. */
    private double nanosPerEntry = 20;

    private long longestPause;
    private long movedEntries;
    private long movedShards;

    /** The step under way: the segments of the range, and the part of it that each successor gets. */
    private List<Segment> old = List.of();

    private int prefix;
    private @Nullable Segment[] parts = new @Nullable Segment[0];
    private int[] counts = new int[0];

    /** Drafts of the segments, from which the parts were filled; empty if there are none. */
    private List<Segment> drafts = List.of();

    /** Called now and then where no lock is held. */
    private Runnable pace = NO_REST;

    Reshaping(SegmentDirectory<?, ?> map, int depth, long maxPauseNanos) {
        this.map = map;
        this.depth = depth;
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

    /** Does the range of a hash, which is the first of its shard, and answers the first hash behind it. */
    long step(long at) {
        try {
            for (int attempt = 0; ; attempt++) {
                long to = gather(at);
                if (to >= 0 && (old.isEmpty() || reshape(attempt < ATTEMPTS_WITH_DRAFTS))) {
                    return to;
                }
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

    /** Notes the segments to be replaced, and answers the first hash behind the range; negative if they change just now. */
    private long gather(long at) {
        old = List.of();
        drafts = List.of();
        Segment first = map.segment((int) at);
        if (first != null && first.depth <= depth) {
            if (first.depth < depth) {
                old = List.of(first);
                begin(first.prefix << (depth - first.depth), 1 << (depth - first.depth));
            }
            return first.lastHash();
        }
        long to = at + (1L << (HASH_BITS - depth));
        List<Segment> found = new ArrayList<>();
        long hash = at;
        while (hash < to) {
            Segment segment = map.segment((int) hash);
            if (segment == null) {
                hash = map.nextCell((int) hash);
            } else if (segment.depth <= depth || segment.firstHash() < hash) {
                return -1;
            } else {
                found.add(segment);
                hash = segment.lastHash();
            }
        }
        old = found;
        begin((int) (at >>> (HASH_BITS - depth)), 1);
        return Math.max(to, hash);
    }

    private void begin(int prefix, int count) {
        this.prefix = prefix;
        this.parts = new @Nullable Segment[count];
        this.counts = new int[count];
    }

    // ---- 2 to 6

    /** Answers false if a segment was replaced, or one has come into the range. */
    private boolean reshape(boolean withDrafts) {
        long entries = 0;
        for (Segment segment : old) {
            entries += segment.liveOpaque();
        }
        if (withDrafts && (entries * nanosPerEntry > maxPauseNanos || maxPauseNanos == 0)) {
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
                    if (!next.seize()) {
                        return false;
                    }
                    if (locked++ == 0) {
                        began = System.nanoTime();
                    }
                    aside = !next.mayGoOn();
                }
                if (!aside) {
                    boolean done = replace();
                    learn(System.nanoTime() - began, entries);
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

    private void learn(long pause, long entries) {
        if (drafts.isEmpty() && entries >= MEASURABLE) {
            nanosPerEntry = (3 * nanosPerEntry + (double) pause / entries) / 4;
        }
    }

    /** With all locked. */
    private boolean replace() {
        if (drafts.isEmpty() || !catchUp()) {
            begin(prefix, parts.length);
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
        if (!map.replaceAll(old.toArray(Segment[]::new), depth, prefix, parts)) {
            return false;
        }
        movedEntries += entries;
        movedShards += old.size();
        return true;
    }

    private int partOf(int hash) {
        return (hash >>> (HASH_BITS - depth)) - prefix;
    }

    /** The part that gets a hash. */
    private Segment part(int hash) {
        int index = partOf(hash);
        Segment part = parts[index];
        if (part == null) {
            int slots = SegmentDirectory.slotsFor(counts[index], depth, prefix + index);
            Segment first = old.get(0);
            part = hasOneKind()
                    ? first.like(depth, prefix + index, slots)
                    : new ObjectSegment(map.epochs, depth, prefix + index, slots);
            part.bornLocked();
            parts[index] = part;
        }
        return part;
    }

    /** Whether all segments are for keys of the same kind. */
    private boolean hasOneKind() {
        Segment first = old.get(0);
        for (Segment segment : old) {
            if (segment.getClass() != first.getClass() || segment.ints != first.ints) {
                return false;
            }
        }
        return true;
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
                    Segment part = part(key.hash);
                    if (part.hasRoom()) {
                        part.insert(key.hash, key.key, value, Segment.ABSENT);
                    } else {
                        part.takeOverflow(key.hash, key.key, value);
                    }
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
                long first = (long) (prefix + i) << (HASH_BITS - depth);
                if (announced.within(first, first + (1L << (HASH_BITS - depth))) != null) {
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
                if ((draft.tags[slot] & Tags.USED) != 0) {
                    Changed before = new Changed(segment, draft.hashAt(slot), draft.keyAt(slot));
                    lose(before);
                    changed.add(before);
                }
                if ((segment.tags[slot] & Tags.USED) != 0) {
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
