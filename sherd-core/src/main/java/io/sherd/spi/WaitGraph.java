package io.sherd.spi;

import io.sherd.KeyDeadlockException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who waits for which hold, over all maps of the program, to find those that would wait for one another for ever.
 *
 * <p>Whoever is about to wait without a time limit enters the graph, and in the same step under one lock follows the edges:
 * the hold that it waits for, its owner, the hold that the owner waits for, and so on. If they lead back to itself, it does
 * not wait.
 *
 * <p>Nothing is missed: in a cycle each owner took its hold before it entered the graph, so the one that enters last sees all
 * edges. Nothing is seen that is not there: somebody in the graph gives no hold back until it has left, so an edge from a hold
 * to an owner that waits is true for as long as that owner stands in the graph; an heir that was woken and has not left yet
 * finds its hold owned by somebody else, which is an edge, or by nobody or itself, which ends the walk. The owner of a hold is
 * read without the hold's lock: it is volatile, and the caller knows what it owns itself.
 *
 * <p>It costs nothing while nobody waits: the graph is entered after spinning, just before a thread parks.
 */
public final class WaitGraph {
    private static final Map<Long, Waiter> WAITING = new HashMap<>();

    private WaitGraph() {}

    /**
     * Enters somebody who is about to wait.
     *
     * @param waiter the waiter, queued for its hold
     * @throws KeyDeadlockException if the wait would never end; it has not entered
     */
    public static void enter(Waiter waiter) {
        List<Hold> holds = new ArrayList<>();
        List<String> owners = new ArrayList<>();
        if (!enter(waiter, holds, owners)) {
            // Not under the lock: keys are asked for their names, which may take long.
            throw new KeyDeadlockException(holds.stream().map(Hold::key).toList(), owners);
        }
    }

    private static boolean enter(Waiter waiter, List<Hold> holds, List<String> owners) {
        synchronized (WAITING) {
            Waiter at = waiter;
            for (int steps = 0; steps <= WAITING.size(); steps++) {
                Hold hold = at.hold();
                long owner = hold == null ? Hold.NOBODY : hold.owner();
                if (hold == null || owner == Hold.NOBODY || owner == at.owner) {
                    break; // free, or given to it just now
                }
                holds.add(hold);
                if (owner == waiter.owner) {
                    owners.add(waiter.name());
                    return false;
                }
                Waiter next = WAITING.get(owner);
                if (next == null) {
                    break;
                }
                owners.add(next.name());
                at = next;
            }
            WAITING.put(waiter.id, waiter);
            return true;
        }
    }

    /**
     * Takes somebody out who waits no longer.
     *
     * @param waiter the waiter
     */
    public static void leave(Waiter waiter) {
        synchronized (WAITING) {
            WAITING.remove(waiter.id, waiter);
        }
    }
}
