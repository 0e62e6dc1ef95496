package io.sherd.disk;

/**
 * A pass over the keys of a shard, without its lock: first those that have no slot yet, then the table, which is passed through to its end as it is
 * when it is replaced, should it be.
 *
 * <p>A key without a slot may be placed meanwhile, and then be changed or removed and put again. So slots that have one of the keys which were handed out already are passed
 * over, whatever their records are; thus a key that is present all the time is met once.
 */
final class ShardPass {
    private static final int MARKS = 1 << 10;

    private static final long[] NONE = {};

    private final Index index;
    private final Table table;
    private final long[] unplaced;

    /** Has a bit for each tag of a key without a slot, by its low bits. */
    private final long[] marks;

    private int nextUnplaced;
    private int nextSlot;

    ShardPass(Index index, Shard shard) {
        this.index = index;
        for (; ; ) {
            long state = shard.unplacedState();
            Table table = shard.table;
            int count = Unplaced.count(state);
            long[] words = count == 0 ? NONE : new long[count];
            for (int i = 0; i < count; i++) {
                words[i] = shard.unplacedAcquire(i);
            }
            if (count == 0 || shard.isUnplacedSince(state)) {
                this.table = table;
                this.unplaced = words;
                break;
            }
        }
        this.marks = this.unplaced.length == 0 ? NONE : new long[MARKS / Long.SIZE];
        for (long word : this.unplaced) {
            int mark = mark(Table.tag(word));
            marks[mark / Long.SIZE] |= 1L << mark;
        }
    }

    private static int mark(int tag) {
        return tag & MARKS - 1;
    }

    boolean hasEnded() {
        return nextSlot == table.capacity();
    }

    /** Adds the addresses of some more records to others, unless there is room for less than a few; answers how many there are then. */
    int take(long[] addresses, int count) {
        int next = count;
        while (nextUnplaced < unplaced.length && next < addresses.length) {
            addresses[next++] = Table.address(unplaced[nextUnplaced++]);
        }
        while (nextSlot < table.capacity() && next <= addresses.length - Table.WALK) {
            next = unplaced.length == 0
                    ? table.addresses(nextSlot, addresses, next)
                    : addressesNotTaken(nextSlot, addresses, next);
            nextSlot += Table.WALK;
        }
        return next;
    }

    /** {@link Table#addresses} without those of keys that were handed out already. */
    private int addressesNotTaken(int slot, long[] into, int count) {
        int next = count;
        for (int i = slot; i < slot + Table.WALK; i++) {
            long word = table.getAcquire(i);
            int mark = mark(Table.tag(word));
            if ((marks[mark / Long.SIZE] & 1L << mark) == 0 || !wasTaken(word)) {
                into[next] = Table.address(word);
                next += Table.isLiveBit(word);
            }
        }
        return next;
    }

    private boolean wasTaken(long word) {
        if (Table.isLive(word)) {
            int tag = Table.tag(word);
            for (long other : unplaced) {
                if (Table.tag(other) == tag && (other == word || index.sameKey(word, other))) {
                    return true;
                }
            }
        }
        return false;
    }
}
