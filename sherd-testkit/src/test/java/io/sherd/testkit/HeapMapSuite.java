package io.sherd.testkit;

import io.sherd.ShardedMap;
import junit.framework.Test;
import junit.framework.TestSuite;

/** Guava's concurrent-map suites over the heap map. */
public final class HeapMapSuite {
    private HeapMapSuite() {}

    /**
     * Generates the tests.
     *
     * @return a JUnit 3 suite
     */
    public static Test suite() {
        TestSuite suite = new TestSuite("HeapMap");
        suite.addTest(GuavaMapSuite.of("HeapMap", () -> ShardedMap.onHeap().build(), map -> {}));
        suite.addTest(GuavaMapSuite.of(
                "HeapMap of 1 shard",
                () -> ShardedMap.onHeap().shards(1).maxShards(1).build(),
                map -> {}));
        suite.addTest(GuavaMapSuite.of(
                "HeapMap of 64 shards", () -> ShardedMap.onHeap().shards(64).build(), map -> {}));
        suite.addTest(GuavaMapSuite.of(
                "HeapMap with equal hashes",
                () -> ShardedMap.onHeap().hasher(key -> 7).build(),
                map -> {}));
        suite.addTest(GuavaMapSuite.ofNumbers(
                "HeapMap of longs",
                () -> ShardedMap.onHeap().shards(1).build(),
                map -> {},
                number -> number - 2L,
                Long[]::new));
        suite.addTest(GuavaMapSuite.ofNumbers(
                "HeapMap of integers",
                () -> ShardedMap.onHeap().build(),
                map -> {},
                number -> number - 2,
                Integer[]::new));
        return suite;
    }
}
