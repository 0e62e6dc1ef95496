package io.sherd.spi;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds by the hash of their key. Guarded by the lock of the part of the map that they belong to.
 *
 * <p>The links are the table's own: a hold may stand in two tables, while one is a copy that may yet be thrown away. What fails
 * for want of memory leaves the table as it was.
 */
public final class HoldTable {
    private static final int SMALL = 4;

    private @Nullable Link[] chains = new @Nullable Link[SMALL];
    private int size;

    /** A hold in its chain. */
    public static final class Link {
        private final Hold hold;
        private @Nullable Link next;

        private Link(Hold hold, @Nullable Link next) {
            this.hold = hold;
            this.next = next;
        }

        /**
         * The hold.
         *
         * @return the hold
         */
        public Hold hold() {
            return hold;
        }

        /**
         * The next in the chain.
         *
         * @return the next, or null
         */
        public @Nullable Link next() {
            return next;
        }
    }

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

    private static int chainOf(int hash, int chains) {
        return (hash ^ hash >>> 16) & (chains - 1);
    }

    /**
     * The holds among which that of a key is, if there is one.
     *
     * @param hash the hash of the key
     * @return the first link
     */
    public @Nullable Link chain(int hash) {
        return chains[chainOf(hash, chains.length)];
    }

    /**
     * Adds a hold.
     *
     * @param hold a hold that is not in this table
     */
    public void add(Hold hold) {
        if (size == 2 * chains.length) {
            @Nullable Link[] more = new @Nullable Link[4 * chains.length];
            for (Link chain : chains) {
                for (Link link = chain; link != null; link = link.next) {
                    int place = chainOf(link.hold.hash, more.length);
                    more[place] = new Link(link.hold, more[place]);
                }
            }
            chains = more;
        }
        int place = chainOf(hold.hash, chains.length);
        chains[place] = new Link(hold, chains[place]);
        size++;
    }

    /**
     * Takes a hold out.
     *
     * @param gone a hold that is in this table
     */
    @SuppressWarnings("ReferenceEquality") // this very hold
    public void remove(Hold gone) {
        int place = chainOf(gone.hash, chains.length);
        Link before = null;
        for (Link link = chains[place]; link != null; before = link, link = link.next) {
            if (link.hold == gone) {
                if (before == null) {
                    chains[place] = link.next;
                } else {
                    before.next = link.next;
                }
                size--;
                return;
            }
        }
    }

    /**
     * Calls for each hold.
     *
     * @param action what to call; it must leave this table alone
     */
    public void forEach(Consumer<Hold> action) {
        for (Link chain : chains) {
            for (Link link = chain; link != null; link = link.next) {
                action.accept(link.hold);
            }
        }
    }
}
