package io.sherd.testkit.storm;

import java.util.List;

/**
 * One thing that a participant asks for while it holds what it asked for before.
 *
 * @param how by what means
 * @param ground the index of the ground
 * @param keys the keys, one unless {@code how} takes several
 */
record Step(How how, int ground, List<Integer> keys) {
    /** By what means a key is asked for. */
    enum How {
        LOCK,
        TRY_LOCK,
        TRY_LOCK_FOR_SOME_TIME,
        COMPUTE,
        LOCK_ALL,
        /** Holds nothing afterwards. */
        ADD,
        /** Holds nothing afterwards. */
        TRANSACT
    }

    int key() {
        return keys.getFirst();
    }
}
