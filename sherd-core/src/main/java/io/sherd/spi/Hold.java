package io.sherd.spi;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive right to change one key, as it stands in a table of holds while its owner keeps it or somebody waits for it.
 *
 * <p>Who may do what: all is read and written under the lock that guards the table at the time, except that the
 * {@link WaitGraph} reads the owner without it. A hold without an owner is there for its waiters only: anybody may take it, or
 * write the key without taking it.
 *
 * <p>Order: waiters are woken one at a time, in the order of arrival. The one that was woken is the <em>heir</em>; until it has
 * come, no other is woken. A thread that comes by meanwhile may go first, which keeps a hot key going while the heir is still
 * being scheduled. An heir that finds itself overtaken goes back to the head of the queue, and after
 * {@value Waiter#PATIENCE} times, or a millisecond, the hold is given to it outright. So nobody starves, and nobody who is
 * running waits for somebody who is not, but for once in a while. (Go's {@code sync.Mutex} keeps the same balance.)
 */
public abstract class Hold {
    /** The owner of a hold that nobody owns. Threads own under their id, which is positive, others under a negative number. */
    public static final long NOBODY = 0;

    /** The hash of the key. */
    public final int hash;

    private volatile long owner;
    private @Nullable Waiter heir;
    private @Nullable ArrayDeque<Waiter> waiters;

    /**
     * Creates a hold.
     *
     * @param hash the hash of the key
     * @param owner who owns it
     */
    protected Hold(int hash, long owner) {
        this.hash = hash;
        this.owner = owner;
    }

    /**
     * The key, for messages.
     *
     * @return the key as the user knows it
     */
    protected abstract Object key();

    /**
     * Who owns the hold.
     *
     * @return the owner, or {@link #NOBODY}
     */
    public final long owner() {
        return owner;
    }

    /**
     * Takes the hold, which nobody owns, or which was given to this owner.
     *
     * @param newOwner who takes it
     */
    public final void take(long newOwner) {
        owner = newOwner;
    }

    /**
     * How many wait for the hold.
     *
     * @return the number of waiters, the heir among them
     */
    public final int waiterCount() {
        return (heir == null ? 0 : 1) + (waiters == null ? 0 : waiters.size());
    }

    /**
     * Says that a waiter has come to look at the hold, before it takes, writes or queues again.
     *
     * @param waiter the waiter, or null for somebody who never waited
     */
    public final void arrive(@Nullable Waiter waiter) {
        if (waiter != null && heir == waiter) {
            heir = null;
        }
    }

    /**
     * Whether somebody may take the hold now, who has come to look at it; says so by {@link #arrive}.
     *
     * <p>A thread may go before those who wait. Owners without a thread do not: what one caller asks for without waiting happens in
     * the order in which it was asked for.
     *
     * @param comer who wants to take it
     * @param waiter the waiter of somebody who was woken or may be queued, or null
     * @return whether nobody owns it, or it was given to this waiter
     */
    public final boolean isFreeFor(long comer, @Nullable Waiter waiter) {
        arrive(waiter);
        if (owner == NOBODY) {
            return comer > 0 || (waiter != null && waiter.wasQueued()) || waiterCount() == 0;
        }
        return owner == comer && waiter != null && waiter.isGranted();
    }

    /**
     * Queues a waiter: the first time at the end, and if it was overtaken, at the head.
     *
     * @param waiter the waiter, after {@link #arrive}
     */
    public final void enqueue(Waiter waiter) {
        ArrayDeque<Waiter> waiters = this.waiters;
        if (waiters == null) {
            this.waiters = waiters = new ArrayDeque<>(4);
        }
        if (waiter.prepare(this)) {
            waiters.addFirst(waiter);
        } else {
            waiters.addLast(waiter);
        }
    }

    /**
     * Gives the hold back: leaves it to whoever comes next, and wakes the next waiter unless one is on its way.
     *
     * @return whether nobody waits, so that the hold can leave its table
     */
    public final boolean passOn() {
        owner = NOBODY;
        if (heir != null) {
            return false;
        }
        Waiter next = waiters == null ? null : waiters.pollFirst();
        if (next == null) {
            return true;
        }
        if (next.isImpatient()) {
            owner = next.owner;
            next.signal(true);
        } else {
            heir = next;
            next.signal(false);
        }
        return false;
    }

    /**
     * Forgets a waiter that waits no longer, whether or not it was woken.
     *
     * @param waiter the waiter
     * @return whether nobody owns or awaits the hold now, so that it can leave its table
     */
    public final boolean abandon(Waiter waiter) {
        if (waiters != null) {
            waiters.remove(waiter);
        }
        arrive(waiter);
        boolean free = owner == NOBODY || (waiter.isGranted() && owner == waiter.owner);
        return free && passOn();
    }
}
