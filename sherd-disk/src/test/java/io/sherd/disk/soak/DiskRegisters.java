package io.sherd.disk.soak;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.testkit.history.Registers;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Makes disk maps for histories. */
final class DiskRegisters implements Supplier<Registers> {
    private final Path directory;
    private final AtomicInteger number = new AtomicInteger();

    DiskRegisters(Path directory) {
        this.directory = directory;
    }

    @Override
    public Registers get() {
        DiskMap<Integer, Long> map = DiskMap.builder(Codecs.int32(), Codecs.int64())
                .shards(2)
                .open(directory.resolve("history-" + number.incrementAndGet()));
        return new Registers(map, true, map::close);
    }
}
