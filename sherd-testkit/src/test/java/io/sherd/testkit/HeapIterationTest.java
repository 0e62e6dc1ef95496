package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A traversal that stands between two slots while the next one is freed and used again hands out no mixture: the key that was
 * there with the value that is coming.
 */
@Timeout(120)
final class HeapIterationTest {
    private static final int SLOTS = 8;
    private static final int TRAVERSALS = 60_000;

    /** Where in the first table of eight slots a key belongs. */
    private static int home(long key) {
        return (int) ((Long.hashCode(key) * 0x9E3779B97F4A7C15L) >>> 33) >>> 28;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noEntryThatNeverWas(boolean numbers) throws Exception {
        ShardedMap<Long, Long> map = numbers
                ? ShardedMap.onHeap().shards(1).maxShards(1).build()
                : ShardedMap.onHeap()
                        .shards(1)
                        .maxShards(1)
                        .hasher(Object::hashCode)
                        .build();
        List<Long> first = new ArrayList<>();
        List<Long> later = new ArrayList<>();
        for (long key = 1; later.size() < 2 || first.isEmpty(); key++) {
            if (home(key) == 0) {
                first.add(key);
            } else if (home(key) == SLOTS / 2 - 1) {
                later.add(key);
            }
        }
        Long stays = first.get(0);
        map.put(stays, stays);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<String> wrong = new AtomicReference<>();
        Thread writer = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                for (Long key : List.of(later.get(0), later.get(1))) {
                    map.put(key, key);
                    map.remove(key);
                }
            }
        });
        try {
            for (int traversal = 0; traversal < TRAVERSALS; traversal++) {
                int pause = traversal * 7 % 97;
                map.forEach((key, value) -> {
                    if (key.equals(stays)) {
                        for (int i = 0; i < pause; i++) {
                            Thread.onSpinWait(); // lets the writer come and go between two slots of one word
                        }
                    }
                    if (!key.equals(value)) {
                        wrong.set(key + "=" + value);
                    }
                });
            }
        } finally {
            stop.set(true);
            writer.join();
        }
        assertThat(wrong).as("an entry that never was").hasValue(null);
    }
}
