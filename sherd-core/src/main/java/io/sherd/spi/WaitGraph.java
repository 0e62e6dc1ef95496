package io.sherd.spi;

import io.sherd.KeyDeadlockException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
 * <p>An owner without a thread may wait for several keys at once, and what it has started acts for it: a key of an owner comes
 * free only when none of these waits any more. So the walk follows all of them.
 *
 * <p>It costs nothing while nobody waits: the graph is entered after spinning, just before a thread parks.
 */
public final class WaitGraph {
    /** Who waits, by the id of each owner that it is or acts for. */
    private static final Map<Long, List<Waiter>> WAITING = new HashMap<>();

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
            throw new KeyDeadlockException(
                    holds.reversed().stream().map(Hold::key).toList(), owners.reversed());
        }
    }

    /** Enters, or fills in the way by which the waiter would wait for itself, from its end. */
    private static boolean enter(Waiter waiter, List<Hold> holds, List<String> owners) {
        synchronized (WAITING) {
            Map<Waiter, Waiter> cameFrom = new HashMap<>();
            Deque<Waiter> next = new ArrayDeque<>();
            next.add(waiter);
            for (Waiter at; (at = next.poll()) != null; ) {
                Hold hold = at.hold();
                long owner = hold == null ? Hold.NOBODY : hold.owner();
                if (owner == Hold.NOBODY || owner == at.owner) {
                    continue; // on its way, or given to it just now
                }
                if (waiter.who.actsFor(owner)) {
                    owners.add(waiter.name());
                    for (Waiter back = at; back != null; back = cameFrom.get(back)) {
                        holds.add(Objects.requireNonNull(back.hold()));
                        if (cameFrom.containsKey(back)) {
                            owners.add(back.name());
                        }
                    }
                    return false;
                }
                for (Waiter holder : WAITING.getOrDefault(owner, List.of())) {
                    if (cameFrom.putIfAbsent(holder, at) == null) {
                        next.add(holder);
                    }
                }
            }
            for (Owner owner = waiter.who; owner != null; owner = owner.parent) {
                WAITING.computeIfAbsent(owner.id, id -> new ArrayList<>(1)).add(waiter);
            }
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
            for (Owner owner = waiter.who; owner != null; owner = owner.parent) {
                List<Waiter> all = WAITING.get(owner.id);
                if (all != null && all.remove(waiter) && all.isEmpty()) {
                    WAITING.remove(owner.id);
                }
            }
        }
    }
}
