package io.sherd;

import java.util.Map;
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
final class Commit {
    /** What a reader answers for a key that is removed. */
    private static final Object REMOVED = new Object();

    private final Map<Object, Object> values;
    private volatile boolean done;

    /**
     * Creates a commit that nobody knows of.
     *
     * @param values the new values, none of them null; see {@link #orRemoved}
     */
    Commit(Map<Object, Object> values) {
        this.values = values;
    }

    static Object orRemoved(@Nullable Object value) {
        return value == null ? REMOVED : value;
    }

    /** The instant. */
    void done() {
        done = true;
    }

    /** The announcements of a segment. */
    static final class Announced {
        private final Commit commit;
        private final @Nullable Announced next;

        private Announced(Commit commit, @Nullable Announced next) {
            this.commit = commit;
            this.next = next;
        }

        static Announced with(Commit commit, @Nullable Announced list) {
            return new Announced(commit, list);
        }

        static @Nullable Announced without(Commit commit, @Nullable Announced list) {
            Announced kept = null;
            for (Announced at = list; at != null; at = at.next) {
                if (at.commit != commit) {
                    kept = new Announced(at.commit, kept);
                }
            }
            return kept;
        }

        /** What a commit that is done says of a key: a value, or {@link #isRemoved removed}; null if none does. */
        static @Nullable Object valueOf(Object key, @Nullable Announced list) {
            for (Announced at = list; at != null; at = at.next) {
                if (at.commit.done) {
                    Object value = at.commit.values.get(key);
                    if (value != null) {
                        return value;
                    }
                }
            }
            return null;
        }

        @SuppressWarnings("ReferenceEquality") // it is one object
        static boolean isRemoved(Object value) {
            return value == REMOVED;
        }
    }
}
