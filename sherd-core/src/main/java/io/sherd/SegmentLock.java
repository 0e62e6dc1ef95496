package io.sherd;

import io.sherd.spi.HoldTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a segment's writers, and the holds of its keys.
 *
 * <h2>The word</h2>
 *
 * <pre>
 *   state (64 bits)   | count: 62 bits | FREE, LOCKED, PENDING or DEAD: 2 bits |
 * </pre>
 *
 * <p>The lock is held for some tens of nanoseconds, and for a pass over the table when that is full; waiters spin and then
 * sleep for short times, so it needs no queue. Each time it is given back the count goes up, so an equal word, not LOCKED,
 * says that nobody changed the table in between, but for the one write that follows. (A PENDING word comes back where a hold could not be
 * written down for want of memory; nothing was changed then. A FREE one never does.) It is given back by a volatile write or a
 * compare-and-set: without the full fence a thread could read another key before its write is seen.
 *
 * <h2>Holds that nobody notices</h2>
 *
 * <p>Functions of users, and what they do between {@code lock} and {@code close}, run under a hold of their key, not under the
 * lock. Most end before anybody asks. So the owner notes key and slot in the {@code pending} fields and sets PENDING: the lock
 * is free, but whoever takes it next first writes the hold into {@link #holds} on the owner's behalf ({@link #inflate}).
 *
 * <p>The owner ends in one of three ways.
 *
 * <ol>
 *   <li>{@link #tryReplace}: the key is present and gets another value. The word is still as the owner left it, so it writes the
 *       value and then tries to set FREE, one compare-and-set for all.
 *   <li>{@link #resume}: the entry comes or goes. If the word is as it was, the owner takes the lock and finishes in place.
 *   <li>Otherwise the hold stands in the table of holds, and the owner finds it there, under the lock. If a snapshot may have the
 *       segment, or is being cut ({@link Epochs}), or the segment does not accept the value ({@link SegmentKind}), the owner itself writes it down there.
 * </ol>
 *
 * <p>The holder of a present key that was found without the lock, in a segment without written holds, notes the {@code pending} fields and sets
 * PENDING right behind the compare-and-set that took the lock ({@link #takePresent}).
 *
 * <p>In the first, somebody may take the lock between the owner's look at the word and its write: the compare-and-set
 * fails, and the write is there already. It does no harm in the table: the key is held, so the slot is its own, and the value
 * is the one that the owner will write again as it finishes in the third way. But if the table was copied meanwhile, the
 * write would be seen in the old one and not in the new: a value that comes and goes. So where a hold was
 * written down on an owner's behalf, its value stays where it is until the owner has found out
 * ({@link KeyHold#place}): a copy of the table has a mark in the value's place ({@link Displaced}), and readers who find
 * that look for the table with the value.
 */
abstract class SegmentLock extends SegmentPadding {
    static final long FREE = 0;
    static final long LOCKED = 1;
    static final long PENDING = 2;
    static final long DEAD = 3;
    static final long PHASE = 3;

    private static final long LOCKED_TO_PENDING = 5;
    private static final long PENDING_TO_FREE = 2;

    private static final boolean SPINS = Runtime.getRuntime().availableProcessors() > 1;
    private static final int ROUNDS = SPINS ? 10 : 0;
    private static final int MAX_PAUSE_LOG = 7;

    /** The shortest pause of somebody who has seen others come and go. */
    private static final int BUSY_PAUSE_LOG = 6;

    private static final int YIELDS = 16;
    private static final long NAP_NANOS = 50_000;

    /** How long one function is waited for before its hold is written down, in pauses. */
    private static final int PENDING_PAUSES = SPINS ? 255 : 0;

    /** How often somebody looks who finds one short function after the other. */
    private static final int PENDING_ROUNDS = SPINS ? 24 : 0;

    private static final VarHandle STATE;
    private static final VarHandle HOLDS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(SegmentLock.class, "state", long.class);
            HOLDS = lookup.findVarHandle(SegmentLock.class, "holds", HoldTable.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    volatile long state;

    /** The holds that are written down; null if there are none. */
    @Nullable
    HoldTable holds;

    /** A table of holds that is empty and small, for the next. */
    private @Nullable HoldTable spare;

    private int pendingSlot;
    private int pendingHash;
    private long pendingOwner;
    private @Nullable Object pendingKey;

    /** How often somebody has waited for the lock since the last look, and the word at that; under the lock. See {@link Adaptivity}. */
    private int waits;

    private long wordAtLook;

    /** The epoch in which the segment was made or last readied for writing; under the lock. See {@link Epochs}. */
    long epoch;

    /** The round in which the segment was last named; under the lock, for {@link Epochs}. */
    long namedIn;

    SegmentLock(Epochs epochs, SegmentKind kind, int depth, int prefix, int slots, int physical) {
        super(epochs, kind, depth, prefix, slots, physical);
        this.epoch = epochs.epoch();
    }

    /** The key of a slot in use. */
    abstract Object keyAt(int slot);

    /** The hash of a slot in use. */
    abstract int hashAt(int slot);

    /** Whether a value can be kept here. */
    abstract boolean acceptsValue(Object value);

    /** Where the value of a slot stands. */
    abstract ValuePlace placeOf(int slot);

    /** Writes a value, which is accepted, with release. */
    abstract void setValue(int slot, Object value);

    static long phase(long state) {
        return state & PHASE;
    }

    boolean isLocked() {
        return phase(state) == LOCKED;
    }

    boolean isDead() {
        return phase(state) == DEAD;
    }

    /**
     * Takes the lock; answers false if the segment was replaced, in which case the caller looks in the directory again. Steps aside for
     * who cuts a snapshot, so the caller must have no other lock.
     */
    final boolean lock() {
        long now = state;
        if (phase(now) == FREE && STATE.compareAndSet(this, now, now | LOCKED)) {
            if ((epochs.word & Epochs.FLAGS) == 0) {
                return true;
            }
            boolean mayGoOn = false;
            try {
                mayGoOn = epochs.mayGoOn(this);
                if (mayGoOn) {
                    return true;
                }
            } finally {
                if (!mayGoOn) {
                    state = (state | PHASE) + 1; // not a call: see below
                }
            }
        }
        return lockSlow();
    }

    private boolean lockSlow() {
        for (; ; ) {
            epochs.awaitLowered();
            if (!seize()) {
                return false;
            }
            boolean decided = false;
            try {
                boolean mayGoOn = mayGoOn();
                boolean isSplit = mayGoOn && waits >= Adaptivity.WAITS && isSplitForWaits();
                decided = mayGoOn;
                if (mayGoOn) {
                    return !isSplit;
                }
            } finally {
                // not a call: see below
                if (!decided && (state & PHASE) == LOCKED) {
                    state = (state | PHASE) + 1;
                }
            }
        }
    }

    /** With the lock: whether it was waited for too often, so that the segment was split. */
    private boolean isSplitForWaits() {
        long times = (state - wordAtLook) / (PHASE + 1);
        waits = 0;
        wordAtLook = state;
        Adaptivity adaptivity = epochs.adaptivity;
        return adaptivity != null && adaptivity.split((Segment) this, times);
    }

    /** For who has just taken the lock by {@link #seize}: whether no snapshot is being cut, for which it would have to step aside. */
    final boolean mayGoOn() {
        return (epochs.word & Epochs.FLAGS) == 0 || epochs.mayGoOn(this);
    }

    /** Takes the lock even while a snapshot is cut; the caller then asks {@link #mayGoOn}. */
    final boolean seize() {
        return seize(PENDING_PAUSES, PENDING_ROUNDS);
    }

    /** The same without waiting for a function that may be short, for who keeps others waiting. */
    final boolean seizeAtOnce() {
        return seize(0, 0);
    }

    /**
     * Short functions are worth waiting for, unless it is the caller's own that runs. While the word keeps changing they are short, and
     * somebody writes one after the other. Each look takes the line away from that one, who would have it for the next writes too; so who looks on
     * stays away for some microseconds at once, and in the end one has it for some hundred writes, and then the other.
     */
    @SuppressWarnings("ThreadPriorityCheck") // a yield between spinning and sleeping
    private boolean seize(int pendingPauses, int pendingRounds) {
        long last = 0;
        int pauses = 0;
        int pauseLog = 0;
        for (int round = 0; ; round++) {
            long now = state;
            if (phase(now) == DEAD) {
                return false;
            }
            if (phase(now) == FREE && STATE.compareAndSet(this, now, now | LOCKED)) {
                if (round > 0) {
                    waits++;
                }
                return true;
            }
            if (now != last) {
                if (round > 0) {
                    pauseLog = Math.max(pauseLog, BUSY_PAUSE_LOG);
                }
                last = now;
                pauses = 0;
            }
            if (phase(now) == PENDING
                    && (pauses >= pendingPauses
                            || round >= pendingRounds
                            || pendingOwner == Thread.currentThread().threadId())) {
                boolean inflated = false;
                boolean taken = false;
                try {
                    taken = STATE.compareAndSet(this, now, now - PENDING + LOCKED);
                    if (taken) {
                        inflate();
                        inflated = true;
                        return true;
                    }
                } finally {
                    // Not a call: if there is no memory or stack to write the hold down, the lock goes back as it was.
                    if (taken && !inflated) {
                        state = now;
                    }
                }
            }
            if (round < ROUNDS || (phase(now) == PENDING && round < pendingRounds)) {
                int pause = 1 << pauseLog;
                pauseLog = Math.min(pauseLog + 1, MAX_PAUSE_LOG);
                pauses += pause;
                for (; pause > 0; pause--) {
                    Thread.onSpinWait();
                }
            } else if (round < Math.max(ROUNDS, pendingRounds) + YIELDS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(this, NAP_NANOS);
            }
        }
    }

    /** Gives the lock back: FREE, and one more. Callers do the same by hand where the stack may have run out. */
    final void unlock() {
        state = (state | PHASE) + 1;
    }

    /** The same without the full fence, for somebody who has another lock yet, and gives that back with the fence. */
    final void unlockRelease() {
        STATE.setRelease(this, (state | PHASE) + 1);
    }

    /** Ends the segment's life; the directory has been changed already. */
    final void die() {
        state = state | DEAD;
    }

    /** What {@link #suspend} will answer. */
    final long ticketOfSuspend() {
        return state + LOCKED_TO_PENDING;
    }

    /**
     * Gives the lock back, with the right to change one key kept.
     *
     * @param slot the key's slot, or negative
     * @return the ticket for {@link #tryReplace} and {@link #resume}
     */
    final long suspend(int slot, int hash, Object key, long owner) {
        pendingSlot = slot;
        pendingOwner = owner;
        if (slot < 0) {
            pendingHash = hash;
            pendingKey = key;
        }
        long ticket = ticketOfSuspend();
        STATE.setRelease(this, ticket);
        return ticket;
    }

    /** The ticket of a key that is taken by {@link #takePresent}. */
    static long ticketOfPresent(long before) {
        return before + LOCKED + LOCKED_TO_PENDING;
    }

    /**
     * {@link #lock}, a look whether all is as it was, and {@link #suspend}, for a key that was found without the lock, in a segment
     * without holds that are written down. If it succeeds, slot and value of the key, read after the word, are right: a word that is
     * FREE never comes again, so nobody had the lock in between, and holds come and go under the lock, so there was none all the
     * time. Without holds there is no owner who may write late, and no commit that readers see and the table does not have yet.
     *
     * @param before the word before the slot was looked for
     * @param slot the key's slot
     * @return whether the key was taken; if not, anything is in the way, and nothing was changed
     */
    final boolean takePresent(long before, int slot, long owner) {
        if (phase(before) != FREE || !hasNoHoldsAcquire() || !STATE.compareAndSet(this, before, before | LOCKED)) {
            return false;
        }
        boolean taken = false;
        try {
            if ((epochs.word & Epochs.FLAGS) == 0) {
                pendingSlot = slot;
                pendingOwner = owner;
                STATE.setRelease(this, ticketOfPresent(before));
                taken = true;
            }
            return taken;
        } finally {
            if (!taken) {
                state = (before | PHASE) + 1;
            }
        }
    }

    /** Whether a snapshot may have this segment. Without the lock, right as long as nobody takes that. */
    final boolean isStale() {
        return epoch != epochs.epoch();
    }

    /**
     * For who cuts a snapshot ({@link Epochs}): whether nobody has the lock, and nothing about a key is in doubt. Commits that are announced
     * while the lock is free have their keys held, and these holds written down.
     */
    final boolean isQuiet() {
        return phase(state) == FREE && HOLDS.getAcquire(this) == null;
    }

    /**
     * Replaces the value of a key that was found in the table when it was suspended, and ends the hold.
     *
     * @return false if somebody noticed the hold, or the value is not accepted; the owner must finish under the lock, and may have written already
     */
    final boolean tryReplace(long ticket, int slot, Object value) {
        if (state != ticket) {
            return false;
        }
        if (isStale() || !acceptsValue(value)) {
            if (STATE.compareAndSet(this, ticket, ticket - PENDING + LOCKED)) {
                // If there is no memory or stack to write the hold down, it goes.
                try {
                    inflate();
                } finally {
                    state = (state | PHASE) + 1;
                }
            }
            return false;
        }
        setValue(slot, value);
        return STATE.compareAndSet(this, ticket, ticket + PENDING_TO_FREE);
    }

    /** Ends a hold that changed nothing; answers false if somebody noticed it. */
    final boolean tryGiveUp(long ticket) {
        return state == ticket && STATE.compareAndSet(this, ticket, ticket + PENDING_TO_FREE);
    }

    /**
     * Takes the lock again if nobody had it since {@link #suspend}: then the table is as it was. Otherwise answers
     * false; the owner's hold stands among the {@link #holds}, wherever the key is by now.
     *
     * @param fits whether the segment accepts what is to be written; if not, the hold is written down
     */
    final boolean resume(long ticket, boolean fits) {
        if (state != ticket || !STATE.compareAndSet(this, ticket, ticket - PENDING + LOCKED)) {
            return false;
        }
        boolean mayWrite = false;
        try {
            mayWrite = fits && (epochs.word & Epochs.FLAGS) == 0 && !isStale();
            if (!mayWrite) {
                inflate(); // if there is no memory or stack to write the hold down, it goes
            }
        } finally {
            if (!mayWrite) {
                state = (state | PHASE) + 1;
            }
        }
        if (mayWrite) {
            pendingKey = null;
        }
        return mayWrite;
    }

    /** Writes down the hold of the function that runs now; the lock was just taken from PENDING. */
    private void inflate() {
        int slot = pendingSlot;
        KeyHold hold = slot >= 0
                ? new KeyHold(hashAt(slot), keyAt(slot), pendingOwner)
                : new KeyHold(pendingHash, Objects.requireNonNull(pendingKey), pendingOwner);
        if (slot >= 0) {
            hold.place = placeOf(slot);
        }
        addHold(hold);
        pendingKey = null;
    }

    /** Under the lock: whether nobody has changed the table since the word was read, when it may have been in any phase. */
    final boolean isUnchangedSince(long before) {
        return ((state ^ before) & ~PHASE) == 0;
    }

    /** Whether the count is still that of a word that was not DEAD, and the segment still in use. */
    final boolean isCountOf(long word) {
        long now = state;
        return ((now ^ word) & ~PHASE) == 0 && phase(now) != DEAD;
    }

    // ---- the holds that are written down, under the lock

    /** Whether there are none; without the lock, right if the word is FREE before and the same afterwards. */
    final boolean hasNoHoldsAcquire() {
        return HOLDS.getAcquire(this) == null;
    }

    final @Nullable KeyHold holdOf(int hash, Object key) {
        HoldTable holds = this.holds;
        if (holds != null) {
            for (HoldTable.Link link = holds.chain(hash); link != null; link = link.next()) {
                if (link.hold().hash == hash && link.hold() instanceof KeyHold ofKey && ofKey.isFor(key)) {
                    return ofKey;
                }
            }
        }
        return null;
    }

    final void addHold(KeyHold hold) {
        HoldTable holds = this.holds;
        if (holds == null) {
            holds = spare != null ? spare : new HoldTable();
            holds.add(hold); // before it is seen: a table stands there only while it has holds
            spare = null;
            this.holds = holds;
        } else {
            holds.add(hold);
        }
    }

    /** Gives a hold on; where nobody waits for it, it goes. */
    final void passOn(KeyHold hold) {
        if (hold.passOn()) {
            dropHold(hold);
        }
    }

    final void dropHold(KeyHold hold) {
        HoldTable holds = Objects.requireNonNull(this.holds);
        holds.remove(hold);
        if (holds.isEmpty()) {
            this.holds = null;
            spare = holds.isSmall() ? holds : null;
        }
    }
}
