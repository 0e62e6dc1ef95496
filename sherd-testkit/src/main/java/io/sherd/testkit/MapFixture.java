package io.sherd.testkit;

import io.sherd.ShardedMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One kind of map under one configuration, and what to put into it.
 *
 * @param name what the test report calls it
 * @param opener gives a new empty map
 * @param closer gets each map that was opened when its test is over
 * @param keys keys that the map accepts
 * @param values values that the map accepts
 * @param plenty how many entries "many" are to this map: as many as a test may write within some tens of milliseconds
 * @param spread whether {@code plenty} keys lie in more than one shard, so that a traversal can be split
 */
public record MapFixture(
        String name,
        Supplier<ShardedMap<Object, Object>> opener,
        Consumer<ShardedMap<Object, Object>> closer,
        Samples keys,
        Samples values,
        int plenty,
        boolean spread) {

    /** The fewest entries that "many" may mean: the suites give each of their threads some keys of its own. */
    public static final int LEAST_PLENTY = 128;

    /** Checks the components. */
    public MapFixture {
        if (plenty < LEAST_PLENTY) {
            throw new IllegalArgumentException(
                    "plenty: " + plenty + " given, but the suites need at least " + LEAST_PLENTY);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
