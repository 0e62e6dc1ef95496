package io.sherd.disk.lincheck;

import static java.util.Objects.requireNonNull;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.testkit.lincheck.AsyncOperations;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Transactions, holds, and asynchronous operations of disk maps, for the tests and for a long run. All checks of a state share one map,
 * and each takes the next keys.
 */
public final class DiskTransactions implements AutoCloseable {
    private static final AtomicInteger INSTANCES = new AtomicInteger();
    private static final int KEYS = 3;

    private static volatile @Nullable DiskMap<Integer, Integer> one;
    private static volatile @Nullable DiskMap<Integer, Integer> many;

    private DiskTransactions() {}

    /**
     * Opens the maps, which are there for all checks until they are closed.
     *
     * @param directory where
     * @return closes them
     */
    public static DiskTransactions open(Path directory) {
        one = open(directory.resolve("one"), 1);
        many = open(directory.resolve("many"), 16);
        return new DiskTransactions();
    }

    private static DiskMap<Integer, Integer> open(Path directory, int shards) {
        return DiskMap.builder(Codecs.int32(), Codecs.int32()).shards(shards).open(directory);
    }

    /** Both keys are in one shard, whose table grows. */
    public static final class OneShard extends AsyncOperations {
        /** Takes the next keys. */
        public OneShard() {
            super(requireNonNull(one), KEYS * INSTANCES.getAndIncrement());
        }
    }

    /** The keys may be in different shards. */
    public static final class ManyShards extends AsyncOperations {
        /** Takes the next keys. */
        public ManyShards() {
            super(requireNonNull(many), KEYS * INSTANCES.getAndIncrement());
        }
    }

    /**
     * All states.
     *
     * @return their classes
     */
    public static List<Class<? extends AsyncOperations>> all() {
        return List.of(OneShard.class, ManyShards.class);
    }

    @Override
    public void close() {
        requireNonNull(one).close();
        requireNonNull(many).close();
    }
}
