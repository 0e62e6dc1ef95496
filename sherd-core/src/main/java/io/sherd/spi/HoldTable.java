package io.sherd.spi;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds by the hash of their key. Guarded by the lock of the part of the map that they belong to. */
public final class HoldTable {
    private static final int SMALL = 4;

    private @Nullable Hold[] chains = new @Nullable Hold[SMALL];
    private int size;

    /** Creates an empty table. */
    public HoldTable() {}

    /**
     * Whether there are none.
     *
     * @return whether the table is empty
     */
    public boolean isEmpty() {
        return size == 0;
    }

    /**
     * Whether the table was never large, so that keeping it costs little.
     *
     * @return whether it has the size that it began with
     */
    public boolean isSmall() {
        return chains.length == SMALL;
    }

    private int chainOf(int hash) {
        return (hash ^ hash >>> 16) & (chains.length - 1);
    }

    /**
     * The holds among which that of a key is, if there is one.
     *
     * @param hash the hash of the key
     * @return the first; {@link Hold#next} leads on
     */
    public @Nullable Hold chain(int hash) {
        return chains[chainOf(hash)];
    }

    /**
     * Adds a hold that is in no table, or in one that is forgotten.
     *
     * @param hold the hold
     */
    public void add(Hold hold) {
        if (size == 2 * chains.length) {
            @Nullable Hold[] before = chains;
            chains = new @Nullable Hold[4 * before.length];
            for (Hold chain : before) {
                while (chain != null) {
                    Hold next = chain.next;
                    link(chain);
                    chain = next;
                }
            }
        }
        link(hold);
        size++;
    }

    private void link(Hold hold) {
        int chain = chainOf(hold.hash);
        hold.next = chains[chain];
        chains[chain] = hold;
    }

    /**
     * Takes a hold out.
     *
     * @param gone a hold that is in this table
     */
    @SuppressWarnings("ReferenceEquality") // this very hold
    public void remove(Hold gone) {
        int chain = chainOf(gone.hash);
        Hold before = null;
        for (Hold hold = chains[chain]; hold != null; before = hold, hold = hold.next) {
            if (hold == gone) {
                if (before == null) {
                    chains[chain] = hold.next;
                } else {
                    before.next = hold.next;
                }
                size--;
                return;
            }
        }
    }

    /**
     * Calls for each hold.
     *
     * @param action what to call; it may add the hold to another table, after which this one is forgotten
     */
    public void forEach(Consumer<Hold> action) {
        for (Hold hold : chains) {
            while (hold != null) {
                Hold next = hold.next;
                action.accept(hold);
                hold = next;
            }
        }
    }
}
