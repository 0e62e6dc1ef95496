package io.sherd.testkit;

import io.sherd.HeapMapBuilder;
import io.sherd.ShardedMap;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The heap map by its settings, by the classes of its keys and values (numbers are kept in another way than objects, until something of
 * another class comes; values that are numbers in large tables only), and by how hash codes collide.
 */
final class HeapFixtures implements MapFixtures {
    /** Hash codes that the map's own mixing leaves alike in the bits that choose a shard, or in the other end. */
    private static final int[] ALIKE_ABOVE = hashCodes(hash -> hash >>> 21 == 0);

    private static final int[] ALIKE_BELOW = hashCodes(hash -> (hash & 0x3ff) == 0);

    @Override
    public Stream<MapFixture> fixtures() {
        return Stream.of(
                plain("default", builder -> builder, Samples.integers(), 60_000),
                plain("1 shard", builder -> builder.shards(1), Samples.strings(), 30_000),
                plain("64 shards", builder -> builder.shards(64), Samples.strings(), 10_000),
                plain("1 shard, integers", builder -> builder.shards(1), Samples.integers(), 10_000),
                plain("64 shards, integers", builder -> builder.shards(64), Samples.integers(), 10_000),
                plain("integers as objects", builder -> builder.hasher(Object::hashCode), Samples.integers(), 10_000),
                plain("longs", builder -> builder, Samples.longs(), 30_000),
                plain("1 shard, longs", builder -> builder.shards(1), Samples.longs(), 10_000),
                plain("64 shards, longs", builder -> builder.shards(64), Samples.longs(), 10_000),
                plain("several classes", builder -> builder, Samples.mixed(1_000), 10_000),
                plain("1 shard, several classes", builder -> builder.shards(1), Samples.mixed(30), 10_000),
                plain("64 shards, several classes", builder -> builder.shards(64), Samples.mixed(0), 10_000),
                inside("1 shard, never more", builder -> builder.shards(1).maxShards(1), Samples.integers(), 30_000),
                plain("capacity for 100,000", builder -> builder.initialCapacity(100_000), Samples.integers(), 10_000),
                values("numbers", Samples.of(i -> (long) i, value -> ((Long) value).intValue())),
                values("larger and larger numbers", Samples.longs()),
                values("numbers, then other values", Samples.mixed(300)),
                values("values of several classes", Samples.mixed(0)),
                plain("capacity for 1", builder -> builder.shards(1).initialCapacity(1), Samples.strings(), 10_000),
                inside("equal hash codes, ordered", builder -> builder, Samples.ordered(i -> 42), 1_000),
                inside("equal hash codes, unordered", builder -> builder.shards(64), Samples.unordered(i -> -1), 200),
                inside("seven hash codes, ordered", builder -> builder, Samples.ordered(i -> i % 7), 1_000),
                inside("hashes alike above", builder -> builder, Samples.unordered(in(ALIKE_ABOVE)), 4_000),
                plain("hashes alike below", builder -> builder, Samples.unordered(in(ALIKE_BELOW)), 4_000),
                inside("constant hasher", builder -> builder.shards(1).hasher(key -> 7), Samples.integers(), 400));
    }

    private static MapFixture plain(
            String name, UnaryOperator<HeapMapBuilder<Object, Object>> settings, Samples keys, int plenty) {
        return fixture(name, settings, keys, Samples.integers(), plenty, true);
    }

    /** One large table, so that values that are numbers are kept as such. */
    private static MapFixture values(String name, Samples values) {
        return fixture(
                "one large table, " + name,
                builder -> builder.shards(1).initialCapacity(5_000),
                Samples.longs(),
                values,
                10_000,
                true);
    }

    private static MapFixture inside(
            String name, UnaryOperator<HeapMapBuilder<Object, Object>> settings, Samples keys, int plenty) {
        return fixture(name, settings, keys, Samples.integers(), plenty, false);
    }

    private static MapFixture fixture(
            String name,
            UnaryOperator<HeapMapBuilder<Object, Object>> settings,
            Samples keys,
            Samples values,
            int plenty,
            boolean spread) {
        return new MapFixture(
                name, () -> settings.apply(ShardedMap.onHeap()).build(), map -> {}, keys, values, plenty, spread);
    }

    /** Searches hash codes by what the heap map makes of them; should it mix otherwise one day, they are ordinary ones. */
    private static int[] hashCodes(IntPredicate mixed) {
        return IntStream.iterate(1, code -> code + 1)
                .filter(code -> mixed.test((int) ((code * 0x9E3779B97F4A7C15L) >>> 33)))
                .limit(4_096)
                .toArray();
    }

    /** The hash code for a number; the list begins again at its end. */
    private static IntUnaryOperator in(int[] codes) {
        return number -> codes[number % codes.length];
    }
}
