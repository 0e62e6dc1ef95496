package io.sherd.disk.contract;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.disk.Durability;
import io.sherd.testkit.MapFixture;
import io.sherd.testkit.MapFixtures;
import io.sherd.testkit.Samples;
import java.util.stream.Stream;

/** The disk map that flushes every write before it returns, so that writers wait for a flush as well. */
final class FlushedFixture implements MapFixtures {

    @Override
    public Stream<MapFixture> fixtures() {
        Maps<String, Integer> maps = Maps.onDisk(
                DiskMap.builder(Codecs.utf8(), Codecs.int32()).shards(16).durability(Durability.SYNC));
        return Stream.of(new MapFixture(
                "every write flushed",
                maps::openUntyped,
                maps::closeUntyped,
                Samples.strings(),
                Samples.integers(),
                MapFixture.LEAST_PLENTY,
                true));
    }
}
