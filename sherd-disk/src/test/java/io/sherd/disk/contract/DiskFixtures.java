package io.sherd.disk.contract;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.disk.DiskMapBuilder;
import io.sherd.testkit.MapFixture;
import io.sherd.testkit.MapFixtures;
import io.sherd.testkit.Samples;
import java.util.stream.Stream;

/** The disk map by its settings, and by the sizes of its keys and values. */
final class DiskFixtures implements MapFixtures {
    private static final int MIB = 1 << 20;

    @Override
    public Stream<MapFixture> fixtures() {
        return Stream.of(
                fixture(
                        "default",
                        DiskMap.builder(Codecs.int32(), Codecs.int32()),
                        Samples.integers(),
                        Samples.integers(),
                        20_000,
                        true),
                fixture(
                        "1 shard",
                        DiskMap.builder(Codecs.utf8(), Codecs.utf8()).shards(1),
                        Samples.strings(),
                        Samples.strings(),
                        8_000,
                        false),
                fixture(
                        "64 shards, checkpoints on the way",
                        DiskMap.builder(Codecs.utf8(), Codecs.int32())
                                .shards(64)
                                .checkpointEvery(MIB)
                                .verifyReads(true),
                        Samples.strings(),
                        Samples.integers(),
                        8_000,
                        true),
                fixture(
                        "capacity for 100,000",
                        DiskMap.builder(Codecs.int32(), Codecs.utf8()).shards(1).initialCapacity(100_000),
                        Samples.integers(),
                        Samples.strings(),
                        4_000,
                        false),
                fixture(
                        "keys of 0 bytes to 64 KiB",
                        DiskMap.builder(Blob.CODEC, Codecs.int32()).shards(4),
                        Blob.samples(number -> number % 64 == 5 ? 1 << 16 : number % 100),
                        Samples.integers(),
                        1_000,
                        true),
                fixture(
                        "values of 0 bytes to 5 MiB",
                        DiskMap.builder(Codecs.int32(), Blob.CODEC).shards(4),
                        Samples.integers(),
                        Blob.samples(DiskFixtures::valueSize),
                        MapFixture.LEAST_PLENTY,
                        true));
    }

    /** Most are small; of 128 one is larger than any extent of the log, and one as large as an extent. */
    private static int valueSize(int number) {
        return switch (number % 128) {
            case 70 -> 5 * MIB;
            case 71 -> MIB;
            case 72 -> 1 << 16;
            case 73 -> (1 << 16) - 1;
            default -> number % 500;
        };
    }

    private static <K, V> MapFixture fixture(
            String name, DiskMapBuilder<K, V> builder, Samples keys, Samples values, int plenty, boolean spread) {
        Maps<K, V> maps = Maps.inMemory(builder);
        return new MapFixture(name, maps::openUntyped, maps::closeUntyped, keys, values, plenty, spread);
    }
}
