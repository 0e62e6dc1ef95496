package io.sherd.testkit;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.SampleElements;
import com.google.common.collect.testing.TestMapGenerator;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
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
        Opened<String> opened = new Opened<>(opener);
        return suite(
                name,
                new TestStringMapGenerator() {
                    @Override
                    protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                        return opened.with(List.of(entries));
                    }
                },
                () -> opened.closeAll(closer));
    }

    /**
     * Generates the tests for one kind of map with keys that are numbers.
     *
     * @param <K> the class of keys
     * @param name what the test report calls it
     * @param opener gives a new empty map, for each test
     * @param closer gets the map of each test when that is over
     * @param keys from the numbers 0 to 4 to keys that differ
     * @param arrays makes arrays of keys
     * @return a JUnit 3 suite
     */
    public static <K> Test ofNumbers(
            String name,
            Supplier<? extends ShardedMap<K, String>> opener,
            Consumer<ShardedMap<K, String>> closer,
            IntFunction<K> keys,
            IntFunction<K[]> arrays) {
        Opened<K> opened = new Opened<>(opener);
        return suite(name, new NumberMaps<>(opened, keys, arrays), () -> opened.closeAll(closer));
    }

    private static <K> Test suite(String name, TestMapGenerator<K, String> maps, Runnable tearDown) {
        return ConcurrentMapTestSuiteBuilder.using(maps)
                .named(name)
                .withFeatures(
                        MapFeature.GENERAL_PURPOSE, CollectionFeature.SUPPORTS_ITERATOR_REMOVE, CollectionSize.ANY)
                .withTearDown(tearDown)
                .createTestSuite();
    }

    private record NumberMaps<K>(Opened<K> opened, IntFunction<K> keys, IntFunction<K[]> arrays)
            implements TestMapGenerator<K, String> {
        @Override
        public SampleElements<Map.Entry<K, String>> samples() {
            return new SampleElements<>(sample(0), sample(1), sample(2), sample(3), sample(4));
        }

        private Map.Entry<K, String> sample(int number) {
            return Map.entry(keys.apply(number), "value " + number);
        }

        @Override
        @SuppressWarnings("unchecked") // the suite passes the entries it was given
        public Map<K, String> create(Object... elements) {
            List<Map.Entry<K, String>> entries = new ArrayList<>();
            for (Object element : elements) {
                entries.add((Map.Entry<K, String>) element);
            }
            return opened.with(entries);
        }

        @Override
        @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of a parameterized class
        public Map.Entry<K, String>[] createArray(int length) {
            return new Map.Entry[length];
        }

        @Override
        public K[] createKeyArray(int length) {
            return arrays.apply(length);
        }

        @Override
        public String[] createValueArray(int length) {
            return new String[length];
        }

        @Override
        public Iterable<Map.Entry<K, String>> order(List<Map.Entry<K, String>> insertionOrder) {
            return insertionOrder;
        }
    }

    /** The maps that the running test has opened. */
    private static final class Opened<K> {
        private final Supplier<? extends ShardedMap<K, String>> opener;
        private final List<ShardedMap<K, String>> maps = new ArrayList<>();

        Opened(Supplier<? extends ShardedMap<K, String>> opener) {
            this.opener = opener;
        }

        ShardedMap<K, String> with(List<Map.Entry<K, String>> entries) {
            ShardedMap<K, String> map = opener.get();
            maps.add(map);
            for (Map.Entry<K, String> entry : entries) {
                map.put(entry.getKey(), entry.getValue());
            }
            return map;
        }

        void closeAll(Consumer<ShardedMap<K, String>> closer) {
            maps.forEach(closer);
            maps.clear();
        }
    }
}
