package io.sherd.testkit;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import junit.framework.Test;

/** The suites that Guava's authors wrote for any concurrent map, with the features that a sharded map promises. */
public final class GuavaMapSuite {
    private GuavaMapSuite() {}

    /**
     * Generates the tests for one kind of map.
     *
     * @param name what the test report calls it
     * @param opener gives a new empty map, for each test
     * @param closer gets the map of each test when that is over
     * @return a JUnit 3 suite
     */
    public static Test of(
            String name,
            Supplier<? extends ShardedMap<String, String>> opener,
            Consumer<ShardedMap<String, String>> closer) {
        Opened opened = new Opened(opener);
        return ConcurrentMapTestSuiteBuilder.using(new TestStringMapGenerator() {
                    @Override
                    protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                        ShardedMap<String, String> map = opened.next();
                        for (Map.Entry<String, String> entry : entries) {
                            map.put(entry.getKey(), entry.getValue());
                        }
                        return map;
                    }
                })
                .named(name)
                .withFeatures(
                        MapFeature.GENERAL_PURPOSE, CollectionFeature.SUPPORTS_ITERATOR_REMOVE, CollectionSize.ANY)
                .withTearDown(() -> opened.closeAll(closer))
                .createTestSuite();
    }

    /** The maps that the running test has opened. */
    private static final class Opened {
        private final Supplier<? extends ShardedMap<String, String>> opener;
        private final List<ShardedMap<String, String>> maps = new ArrayList<>();

        Opened(Supplier<? extends ShardedMap<String, String>> opener) {
            this.opener = opener;
        }

        ShardedMap<String, String> next() {
            ShardedMap<String, String> map = opener.get();
            maps.add(map);
            return map;
        }

        void closeAll(Consumer<ShardedMap<String, String>> closer) {
            maps.forEach(closer);
            maps.clear();
        }
    }
}
