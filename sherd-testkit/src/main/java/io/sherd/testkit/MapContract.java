package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardLoad;
import io.sherd.ShardedMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * What the contract suites share: where maps, keys and values come from, and a look at every map when its test is over.
 */
@ParameterizedClass(name = "{0}")
@ArgumentsSource(FixtureArguments.class)
@ExtendWith(FixtureInFailure.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class MapContract {

    @Parameter
    @SuppressWarnings("NullAway.Init") // JUnit sets it before any method runs
    MapFixture fixture;

    private final Queue<ShardedMap<Object, Object>> opened = new ConcurrentLinkedQueue<>();

    /** For suites. */
    MapContract() {}

    /** A new empty map, which is examined and closed after the test. */
    final ShardedMap<Object, Object> open() {
        ShardedMap<Object, Object> map = fixture.opener().get();
        opened.add(map);
        return map;
    }

    /** A new map in which keys 0 to {@code count - 1} have the values of the same number. */
    final ShardedMap<Object, Object> filled(int count) {
        ShardedMap<Object, Object> map = open();
        refill(map, count);
        return map;
    }

    /** Brings a map back to what {@link #filled} gives: a new one for each step of a test costs some maps much time. */
    final void refill(ShardedMap<Object, Object> map, int count) {
        map.clear();
        for (int i = 0; i < count; i++) {
            map.put(key(i), value(i));
        }
    }

    /** What {@link #filled} holds. */
    final Map<Object, Object> model(int count) {
        Map<Object, Object> model = new HashMap<>();
        for (int i = 0; i < count; i++) {
            model.put(key(i), value(i));
        }
        return model;
    }

    final Object key(int number) {
        return fixture.keys().at(number);
    }

    final Object value(int number) {
        return fixture.values().at(number);
    }

    final int numberOfKey(Object key) {
        return fixture.keys().numberOf(key);
    }

    final int numberOfValue(Object value) {
        return fixture.values().numberOf(value);
    }

    /** The value whose number is larger by {@code more}. */
    final Object plus(Object value, int more) {
        return value(numberOfValue(value) + more);
    }

    final int plenty() {
        return fixture.plenty();
    }

    /** As many as asked for, or {@link #plenty} if that is less. */
    final int atMostPlenty(int count) {
        return Math.min(count, plenty());
    }

    @AfterEach
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    final void everyMapIsWholeAfterwards() {
        try {
            opened.forEach(MapContract::checkAtRest);
        } finally {
            opened.forEach(fixture.closer());
        }
    }

    /** At rest all ways to look at a map show the same. */
    static void checkAtRest(ShardedMap<Object, Object> map) {
        Map<Object, Object> seen = new HashMap<>();
        map.entrySet()
                .forEach(entry -> assertThat(seen.put(entry.getKey(), entry.getValue()))
                        .as("iteration shows %s once", entry.getKey())
                        .isNull());
        seen.forEach((key, value) ->
                assertThat(map.get(key)).as("iteration shows what get answers").isEqualTo(value));
        assertThat(map.mappingCount()).as("mappingCount at rest").isEqualTo(seen.size());
        assertThat(map.size()).as("size at rest").isEqualTo(seen.size());
        assertThat(map.isEmpty()).as("isEmpty at rest").isEqualTo(seen.isEmpty());
        assertThat(map.shards().loads().stream().mapToLong(ShardLoad::entries).sum())
                .as("entries of all shards at rest")
                .isEqualTo(seen.size());
    }
}
