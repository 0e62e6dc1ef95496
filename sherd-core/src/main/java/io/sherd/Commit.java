package io.sherd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Several keys that change at one instant.
 *
 * <p>Readers take no lock, so no order of writes to the tables shows them all at once. Instead the commit is first
 * announced in the segments of all its keys: their stamp turns negative, and readers who see that look here. Then {@link #done}
 * is set, which is the instant. Then the tables are written, and the announcements taken back. A reader that began before the
 * announcement finds the old value, which was true when it began.
 *
 * <p>All its keys are held, or their segments locked, from before the announcement until it is taken back: were a key free
 * before that, somebody could write it again, and readers would still find the value of the commit.
 */
abstract class Commit {
    /** What a reader finds for a key that is removed. */
    private static final Object REMOVED = new Object();

    private static final VarHandle DONE;

    static {
        try {
            DONE = MethodHandles.lookup().findVarHandle(Commit.class, "done", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean done;

    /** The instant. Whoever calls this gives back a lock with a full fence before it goes on. */
    final void done() {
        DONE.setRelease(this, true);
    }

    static Object orRemoved(@Nullable Object value) {
        return value == null ? REMOVED : value;
    }

    @SuppressWarnings("ReferenceEquality") // it is one object
    static boolean isRemoved(Object value) {
        return value == REMOVED;
    }

    /** The new value of a key, or that it is {@link #orRemoved removed}; null if the commit does not change it. */
    abstract @Nullable Object valueOf(int hash, Object key);

    /** The same once the commit is done, before that null. */
    @Nullable
    Object answer(int hash, Object key) {
        return done ? valueOf(hash, key) : null;
    }

    /** What is announced in a segment where this is announced and others are; each stands there once. */
    Commit and(@Nullable Commit others) {
        Commit more = others == null ? null : others.without(this);
        return more == null ? this : new Several(this, more);
    }

    /**
     * What of this is announced in a segment that takes over a range of hashes: commits that change a key in the range. A segment that
     * kept one without a key of its own would not be met when that is taken back.
     */
    @Nullable
    Commit within(long from, long to) {
        return this;
    }

    /** What is announced in a segment where one commit is no more. */
    @SuppressWarnings("ReferenceEquality") // that very commit
    @Nullable
    Commit without(Commit commit) {
        return this == commit ? null : this;
    }

    /** What is announced where more than one commit is. */
    private static final class Several extends Commit {
        private final Commit first;
        private final Commit others;

        Several(Commit first, Commit others) {
            this.first = first;
            this.others = others;
        }

        @Override
        @Nullable
        Object valueOf(int hash, Object key) {
            return answer(hash, key);
        }

        @Override
        @Nullable
        Object answer(int hash, Object key) {
            Object value = first.answer(hash, key);
            return value != null ? value : others.answer(hash, key);
        }

        @Override
        Commit and(@Nullable Commit more) {
            return first.and(others.and(more));
        }

        @Override
        @Nullable
        Commit within(long from, long to) {
            Commit one = first.within(from, to);
            Commit more = others.within(from, to);
            return one == null ? more : one.and(more);
        }

        @Override
        @Nullable
        Commit without(Commit commit) {
            Commit one = first.without(commit);
            Commit more = others.without(commit);
            return one == null ? more : one.and(more);
        }
    }
}
