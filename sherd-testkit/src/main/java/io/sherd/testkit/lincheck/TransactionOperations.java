package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import io.sherd.Transaction;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/** Transactions of two keys beside {@link PairOperations}. {@link SequentialTransactions} says what the answers must be. */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public abstract class TransactionOperations extends PairOperations {
    /**
     * Takes the map to check.
     *
     * @param map a map without the keys 1 and 2; it may have others, which nobody touches
     */
    protected TransactionOperations(ShardedMap<Integer, Integer> map) {
        this(map, 0);
    }

    /**
     * Takes a map that other checks use as well, each with keys of its own.
     *
     * @param map the map
     * @param before the keys of this check are {@code before + 1} and {@code before + 2}
     */
    protected TransactionOperations(ShardedMap<Integer, Integer> map, int before) {
        super(map, before);
        Invocations.count();
    }

    static int orZero(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    /**
     * Compares and swaps; zero stands for null.
     *
     * @param key the key
     * @param expected the value before, or 0
     * @param update the value after, or 0
     * @return the witness
     */
    @Operation
    public @Nullable Integer compareAndExchange(
            @Param(name = "key") int key,
            @Param(gen = IntGen.class, conf = "0:4") int expected,
            @Param(gen = IntGen.class, conf = "0:4") int update) {
        return map.compareAndExchange(before + key, expected == 0 ? null : expected, update == 0 ? null : update);
    }

    /**
     * Reads both keys.
     *
     * @return the values
     */
    @Operation
    public @Nullable String readBoth() {
        return map.transact(tx -> tx.get(before + 1) + " " + tx.get(before + 2));
    }

    /**
     * Reads both keys and writes one of them.
     *
     * @param key which one
     * @return their sum before
     */
    @Operation
    public @Nullable Integer writeOne(@Param(name = "key") int key) {
        return map.transact(tx -> {
            int sum = orZero(tx.get(before + 1)) + orZero(tx.get(before + 2));
            tx.put(before + key, sum + 1);
            return sum;
        });
    }

    /**
     * Reads both keys and writes both; or removes them, if their sum is even.
     *
     * @param value what to write
     * @return their sum before
     */
    @Operation
    public @Nullable Integer writeBoth(@Param(name = "value") int value) {
        return map.transact(tx -> {
            int sum = orZero(tx.get(before + 2)) + orZero(tx.get(before + 1));
            write(tx, before + 1, sum % 2 == 0 ? null : value);
            write(tx, before + 2, sum % 2 == 0 ? null : value + sum);
            return sum;
        });
    }

    private static void write(Transaction<Integer, Integer> tx, int key, @Nullable Integer value) {
        if (value == null) {
            tx.remove(key);
        } else {
            tx.put(key, value);
        }
    }

    /**
     * Writes both keys, and then aborts if the first is absent.
     *
     * @param value what to write
     * @return the first value before, or null if it aborted
     */
    @Operation
    public @Nullable Integer writeOrAbort(@Param(name = "value") int value) {
        return map.transact(tx -> {
            Integer first = tx.put(before + 1, value);
            tx.put(before + 2, value);
            if (first == null) {
                throw tx.abort();
            }
            return first;
        });
    }
}
