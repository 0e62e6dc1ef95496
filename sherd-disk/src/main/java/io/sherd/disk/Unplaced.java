package io.sherd.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The words of a shard's new keys that have no slot in its table yet. Part of the {@link Shard}, so that a look-up finds it beside the table.
 *
 * <p>The slot of a new key is in no cache, and whoever writes to it gives the lock of the shard back only when it has come. So a key that the
 * filter does not know is written down here, and when some have come together their slots are loaded side by side: {@link Index#place}.
 *
 * <p>{@code state} is the number of words that are here, and how often all of them were placed. Invariants:
 *
 * <ol>
 *   <li>Written under the shard's lock. For whoever has that, a key is here or in the table, never in both; while it is here, it is neither changed nor
 *       removed: who wants that places all words first. If that is broken off, as {@code placing} says, it is done again before anything else.
 *   <li>The bits of the filter are set before a word comes here, in the table of the shard, and copied with it.
 *   <li>While a word is here, no cut has the table: taking one places all.
 *   <li>Adding a word writes the word, then the state; placing all writes the table, then the state, and only then places of words are used again; each with release,
 *       also against what is written after it.
 *   <li>A reader loads the state before the table, and if it has found nothing there looks at as many words as there were; if all were placed meanwhile, it begins
 *       again. So a key that was here at the first load is found here, or another time in the table; one that had been placed by then is in the table. If no word
 *       was here, the state is not loaded again. A reader who needs no answer from here does not load the state: a hit in the table is right without it, as the key is in one place only, and so is
 *       a miss by the filter, by 2.
 * </ol>
 *
 * <p>A look-up that finds its key here takes effect when it loads the state for the second time; one that finds nothing, at or after the first load.
 */
abstract class Unplaced {
    private static final int FEWEST = 4;
    private static final int MOST = 64;

    /** What a state grows by when all words are placed. */
    private static final long ROUND = 1 << 8;

    private static final long COUNT = ROUND - 1;

    private static final long[] NONE = {};

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Unplaced.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long state;
    private long[] words = NONE;

    /** Whether some of the words may be in the table already, as placing them was broken off; guarded by the lock. */
    boolean placing;

    // ---- without the lock

    /** The first load of a look-up that goes on to look here, and volatile as such, so that it does not pass the unlocking of what the thread wrote before. */
    final long unplacedState() {
        return (long) STATE.getVolatile(this);
    }

    /** How many words there were in a state. */
    static int count(long state) {
        return (int) (state & COUNT);
    }

    /** One of the words that there were in a state, if {@link #isUnplacedSince nothing was placed since}; else that of another key, or 0. */
    final long unplacedAcquire(int i) {
        return (long) WORDS.getAcquire(words, i);
    }

    /** Whether what was read after a state is right, as no words were placed. */
    final boolean isUnplacedSince(long state) {
        VarHandle.acquireFence(); // what was read before this is not read later
        return ((long) STATE.getOpaque(this) & ~COUNT) == (state & ~COUNT);
    }

    // ---- under the lock

    final int unplacedCount() {
        return count(state);
    }

    final boolean isUnplacedFull() {
        return unplacedCount() == words.length;
    }

    final long unplaced(int i) {
        return words[i];
    }

    final void addUnplaced(long word) {
        WORDS.setRelease(words, unplacedCount(), word); // seen no sooner than that what stood there was placed
        STATE.setRelease(this, state + 1);
    }

    /** After all words were written into the table. */
    final void allPlaced() {
        STATE.setRelease(this, (state & ~COUNT) + ROUND);
    }

    /** Makes room for words of keys of a table, where there are none now. Those of small tables are near, and need not wait for each other. */
    final void makeRoomUnplaced(Table table) {
        int room = Math.clamp(table.capacity() / 8, FEWEST, MOST);
        if (room > words.length) {
            long[] larger = new long[room];
            VarHandle.releaseFence(); // as in addUnplaced
            words = larger;
        }
    }
}
