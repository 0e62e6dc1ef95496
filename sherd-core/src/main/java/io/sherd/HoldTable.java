package io.sherd;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The holds of a segment, by hash. Guarded by the segment's lock. */
final class HoldTable {
    private static final int SMALL = 4;

    private @Nullable KeyHold[] chains = new @Nullable KeyHold[SMALL];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    /** Whether it was never large, so that keeping it costs little. */
    boolean isSmall() {
        return chains.length == SMALL;
    }

    private int chainOf(int hash) {
        return (hash ^ hash >>> 16) & (chains.length - 1);
    }

    @Nullable
    KeyHold get(int hash, Object key) {
        for (KeyHold hold = chains[chainOf(hash)]; hold != null; hold = hold.next) {
            if (hold.hash == hash && hold.isFor(key)) {
                return hold;
            }
        }
        return null;
    }

    void add(KeyHold hold) {
        if (size == 2 * chains.length) {
            @Nullable KeyHold[] before = chains;
            chains = new @Nullable KeyHold[4 * before.length];
            for (KeyHold chain : before) {
                while (chain != null) {
                    KeyHold next = chain.next;
                    link(chain);
                    chain = next;
                }
            }
        }
        link(hold);
        size++;
    }

    private void link(KeyHold hold) {
        int chain = chainOf(hold.hash);
        hold.next = chains[chain];
        chains[chain] = hold;
    }

    void remove(KeyHold gone) {
        int chain = chainOf(gone.hash);
        KeyHold before = null;
        for (KeyHold hold = chains[chain]; hold != null; before = hold, hold = hold.next) {
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

    /** Calls for each hold; the callee may add it to another table. */
    void forEach(Consumer<KeyHold> action) {
        for (KeyHold hold : chains) {
            while (hold != null) {
                KeyHold next = hold.next;
                action.accept(hold);
                hold = next;
            }
        }
    }
}
