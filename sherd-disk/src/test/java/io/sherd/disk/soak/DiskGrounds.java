package io.sherd.disk.soak;

import io.sherd.ShardedMap;
import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.testkit.storm.Ground;
import io.sherd.testkit.storm.LocksGround;
import io.sherd.testkit.storm.MapGround;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** What storms blow over: maps of both kinds, and locks. */
final class DiskGrounds {
    private DiskGrounds() {}

    static List<Supplier<Ground>> all(Path directory) {
        AtomicInteger number = new AtomicInteger();
        return List.of(
                () -> new MapGround("heap map", ShardedMap.onHeap().build(), () -> {}),
                () -> new MapGround(
                        "heap map with one hash",
                        ShardedMap.onHeap().shards(1).hasher(key -> 7).build(),
                        () -> {}),
                () -> disk(directory.resolve("map-" + number.incrementAndGet())),
                LocksGround::new);
    }

    static Ground disk(Path directory) {
        DiskMap<Integer, Long> map =
                DiskMap.builder(Codecs.int32(), Codecs.int64()).shards(2).open(directory);
        return new MapGround("disk map", map, map::close);
    }
}
