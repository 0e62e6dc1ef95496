package io.sherd.disk.contract;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.disk.DiskMapBuilder;
import io.sherd.testkit.GuavaMapSuite;
import junit.framework.Test;
import junit.framework.TestSuite;

/** Guava's concurrent-map suites over the disk map. */
public final class DiskMapSuite {
    private DiskMapSuite() {}

    /**
     * Generates the tests.
     *
     * @return a JUnit 3 suite
     */
    public static Test suite() {
        TestSuite suite = new TestSuite("DiskMap");
        suite.addTest(generated("DiskMap", builder()));
        suite.addTest(generated("DiskMap of 1 shard", builder().shards(1)));
        return suite;
    }

    private static DiskMapBuilder<String, String> builder() {
        return DiskMap.builder(Codecs.utf8(), Codecs.utf8());
    }

    private static Test generated(String name, DiskMapBuilder<String, String> builder) {
        Maps<String, String> maps = Maps.inMemory(builder);
        return GuavaMapSuite.of(name, maps::open, map -> maps.close((DiskMap<String, String>) map));
    }
}
