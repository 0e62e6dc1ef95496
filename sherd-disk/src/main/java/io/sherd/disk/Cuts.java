package io.sherd.disk;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes {@link Cut cuts}: what the index of all shards says at one instant.
 *
 * <h2>The idea</h2>
 *
 * <p>Records never change, and an address is never used twice. So a state of the map is nothing but the words of its tables at that
 * moment, and is kept by letting nobody write to those tables: the first change of a shard after a cut goes to a copy of the table,
 * as if the table had grown. What a cut costs is a reference for each shard, and slots for the keys that have none yet, most of them before all locks are taken, and later a copy of each table that is changed.
 *
 * <ol>
 *   <li><b>Instant.</b> Whoever changes a word has the lock of its shard, and a commit of several keys has those of all its shards
 *       until it is visible as a whole. The taker has the locks of <i>all</i> shards at once. So nothing is half done then: every write is
 *       in the cut, or it has not begun to be visible to anybody.
 *   <li><b>Order of locks.</b> All take shards in the order of their numbers, and nobody waits for a key with the lock of a shard
 *       taken. So taker, commits and writers of single keys never wait in a circle.
 *   <li><b>Frozen.</b> The taker marks each table under the lock of its shard. Who finds the mark, under the same lock, writes
 *       to a copy, or removes the mark if no cut in use has this table ({@link Index#writable}). So no word and no bit of the filter of a
 *       table changes while a cut in use has it.
 *   <li><b>In use.</b> A cut is in use until its last user drops it, or the collector finds that nobody refers to it: the map
 *       knows it by a weak reference only. Words are changed only <i>after</i> the writer has seen that it is not in use. So a
 *       reader that finds a cut in use after it has read, read nothing that came later; and one must keep the cut reachable until then.
 *   <li><b>Files.</b> A file whose content a cut in use may need is not deleted. What a cut refers to has a lower sequence than {@link
 *       Cut#nextSequence}. Who deletes asks <i>after</i> the file was found dead. A file that dies later than the cut was taken
 *       finds it registered, since that is done under all locks.
 *   <li><b>Order of steps at a change.</b> The copy is made before the record is appended. If there is no room for it, the
 *       write did not happen.
 * </ol>
 *
 * <p>The marks of a commit are in the table that it changes, and no commit is under way while all locks are taken; so a cut has none.
 */
final class Cuts {
    private final Index index;
    private final Log log;
    private final ReentrantLock taking = new ReentrantLock();

    /** Those that may be in use. Replaced as a whole, under all locks. */
    private volatile List<WeakReference<Cut>> registered = List.of();

    Cuts(Index index, Log log) {
        this.index = index;
        this.log = log;
    }

    /**
     * Takes a cut; the caller is its user.
     *
     * @param atTheInstant called while nobody writes; short
     */
    Cut take(Runnable atTheInstant) {
        List<Shard> shards = Arrays.asList(index.shards);
        Table[] tables = new Table[shards.size()];
        long[] live = new long[shards.size()];
        int[] used = new int[shards.size()];
        taking.lock();
        try {
            List<WeakReference<Cut>> cuts = new ArrayList<>(inUse());
            shards.forEach(Index::wholeTable); // most of it before anybody is kept waiting
            Store.lock(shards);
            try {
                for (int i = 0; i < tables.length; i++) {
                    Shard shard = index.shards[i];
                    Index.place(shard);
                    Table table = shard.table;
                    table.frozen = true;
                    tables[i] = table;
                    live[i] = shard.live();
                    used[i] = shard.used;
                }
                Cut cut = new Cut(tables, live, used, log.nextSequence());
                cuts.add(new WeakReference<>(cut));
                registered = cuts;
                atTheInstant.run();
                return cut;
            } finally {
                Store.unlock(shards);
            }
        } finally {
            taking.unlock();
        }
    }

    private List<WeakReference<Cut>> inUse() {
        return registered.stream().filter(Cuts::isInUse).toList();
    }

    private static boolean isInUse(WeakReference<Cut> reference) {
        Cut cut = reference.get();
        return cut != null && cut.isInUse();
    }

    /** Whether a cut in use has this table of a shard. Under the shard's lock. */
    boolean need(int shard, Table table) {
        for (WeakReference<Cut> reference : registered) {
            Cut cut = reference.get();
            if (cut != null && cut.tables[shard] == table && cut.isInUse()) {
                return true;
            }
        }
        return false;
    }

    /** Whether a cut in use may refer to a file, which was found dead. */
    boolean mayNeed(DataFile file) {
        for (WeakReference<Cut> reference : registered) {
            Cut cut = reference.get();
            if (cut != null && file.sequence < cut.nextSequence && cut.isInUse()) {
                return true;
            }
        }
        return false;
    }
}
