package io.sherd.disk.lincheck;

import static java.util.Objects.requireNonNull;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.testkit.lincheck.LincheckRuns;
import io.sherd.testkit.lincheck.LockOperations;
import io.sherd.testkit.lincheck.MapOperations;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disk map is linearizable per key, while its index grows. Only by stress: model checking does not see mapped memory.
 *
 * <p>All checks share one map, because opening one takes longer than a check. Each takes the next three keys, so the map
 * grows all the time.
 */
@Tag("lincheck")
final class DiskMapLincheckTest {
    private static final AtomicInteger INSTANCES = new AtomicInteger();
    private static final int KEYS = 3;

    private static volatile DiskMap<Integer, Integer> map;
    private static volatile DiskMap<String, Integer> texts;

    @BeforeAll
    static void open(@TempDir Path directory) {
        map = DiskMap.builder(Codecs.int32(), Codecs.int32()).shards(1).open(directory.resolve("map"));
        texts = DiskMap.builder(Codecs.utf8(), Codecs.int32()).shards(1).open(directory.resolve("texts"));
    }

    @AfterAll
    static void close() {
        map.close();
        texts.close();
    }

    /** Three keys of the map that all share. */
    public static final class Growing extends MapOperations {
        public Growing() {
            super(requireNonNull(map), KEYS * INSTANCES.getAndIncrement());
        }
    }

    /** Three keys of another map, whose keys are strings that are looked up in a way of their own. */
    public static final class GrowingTexts extends MapOperations {
        public GrowingTexts() {
            this(KEYS * INSTANCES.getAndIncrement());
        }

        private GrowingTexts(int before) {
            super(requireNonNull(texts), key -> "some text " + (before + key));
        }
    }

    /** Two keys of the same map, held across statements. */
    public static final class Locks extends LockOperations {
        public Locks() {
            super(requireNonNull(map), KEYS * INSTANCES.getAndIncrement());
        }
    }

    @Test
    void racingHoldersAreLinearizable() {
        LincheckRuns.stressLocks(Locks.class);
    }

    @Test
    void racingThreadsAreLinearizable() {
        LincheckRuns.stress(Growing.class);
    }

    @Test
    void racingThreadsWithShortTextsAreLinearizable() {
        LincheckRuns.stress(GrowingTexts.class);
    }
}
