package io.sherd.testkit.history;

import io.sherd.ShardedMap;
import io.sherd.Transaction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The map whose histories are recorded. Planted faults are subclasses. */
public class Registers implements AutoCloseable {
    private final ShardedMap<Integer, Long> map;
    private final boolean together;
    private final Runnable close;

    /**
     * Takes a map.
     *
     * @param map an empty map
     * @param together whether what was set under one {@code lockAll} is seen at one instant
     * @param close closes the map
     */
    public Registers(ShardedMap<Integer, Long> map, boolean together, Runnable close) {
        this.map = map;
        this.together = together;
        this.close = close;
    }

    /**
     * The map itself.
     *
     * @return the map
     */
    public final ShardedMap<Integer, Long> map() {
        return map;
    }

    final boolean together() {
        return together;
    }

    /** Whether the map has transactions: one kept on disk may have none. */
    final boolean transacts() {
        try {
            map.transact(tx -> tx.containsKey(0));
            return true;
        } catch (UnsupportedOperationException none) {
            return false;
        }
    }

    @Nullable
    Long get(int key) {
        return map.get(key);
    }

    <R extends @Nullable Object> @Nullable R transact(Function<Transaction<Integer, Long>, R> body) {
        return map.transact(body);
    }

    @Override
    public final void close() {
        close.run();
    }
}
