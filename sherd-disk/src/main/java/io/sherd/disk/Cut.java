package io.sherd.disk;

import java.util.concurrent.atomic.AtomicInteger;

/** The tables of all shards at one instant, for as long as somebody uses them; {@link Cuts} tells why they stay as they were. */
final class Cut {
    final Table[] tables;

    /** The number of entries of each shard. */
    final long[] live;

    /** The slots that are not empty, of each table. */
    final int[] used;

    /** The number of all entries. */
    final long count;

    /** Every file that a table refers to has a lower sequence. */
    final long nextSequence;

    private final AtomicInteger users = new AtomicInteger(1);

    /** Takes over the arrays; whoever made it is its first user. */
    Cut(Table[] tables, long[] live, int[] used, long nextSequence) {
        this.tables = tables;
        this.live = live;
        this.used = used;
        this.nextSequence = nextSequence;
        long sum = 0;
        for (long some : live) {
            sum += some;
        }
        this.count = sum;
    }

    /** Counts another user in, by one who is a user. */
    void addUser() {
        users.getAndIncrement();
    }

    void dropUser() {
        users.getAndDecrement();
    }

    boolean isInUse() {
        return users.get() > 0;
    }
}
