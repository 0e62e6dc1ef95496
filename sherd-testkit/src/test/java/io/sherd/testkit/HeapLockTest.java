package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the heap map promises of held keys beyond the contract: several keys change at one instant; and what holds cost. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HeapLockTest {
    private static final int MANY = 100_000;
    private static final int VERY_MANY = 1_000_000;
    private static final int PAIRS = 3_000;

    /** How the keys of a pair lie: numbers, in one segment or in several, or objects. */
    private static Object key(String kind, int number) {
        return kind.equals("objects") ? "key " + number : number;
    }

    private static ShardedMap<Object, Object> map(String kind) {
        return kind.equals("one shard")
                ? ShardedMap.onHeap().shards(1).maxShards(1).build()
                : ShardedMap.onHeap().shards(64).build();
    }

    /** Reads one key, then the other, again and again, while a third thread makes the tables grow. */
    @ParameterizedTest
    @ValueSource(strings = {"numbers", "objects", "one shard"})
    void keysThatChangeTogetherAreNeverSeenOneNewThenTheOtherOld(String kind) throws InterruptedException {
        ShardedMap<Object, Object> map = map(kind);
        Object one = key(kind, 1);
        Object other = key(kind, 2);
        map.putAll(Map.of(one, 0, other, 0));
        AtomicBoolean done = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int reader = 0; reader < 2; reader++) {
                Object first = reader == 0 ? one : other;
                Object second = reader == 0 ? other : one;
                crew.start(() -> {
                    while (!done.get()) {
                        int before = (Integer) map.get(first);
                        assertThat((Integer) map.get(second)).isGreaterThanOrEqualTo(before);
                    }
                    return null;
                });
            }
            crew.start(() -> {
                for (int i = 10; !done.get(); i++) {
                    map.put(key(kind, i), 0);
                    if (i == 20_000) {
                        IntStream.rangeClosed(10, i).forEach(filler -> map.remove(key(kind, filler)));
                        i = 10;
                    }
                }
                return null;
            });
            try {
                for (int value = 1; value <= PAIRS; value++) {
                    try (LockedEntries<Object, Object> entries = map.lockAll(List.of(one, other))) {
                        entries.get(one).setValue(value);
                        entries.get(other).setValue(value);
                    }
                }
            } finally {
                done.set(true);
            }
        }
        assertThat(map.get(one)).isEqualTo(PAIRS);
    }

    /** One key comes as the other goes: never are both seen absent, or both present, by one who reads against the order. */
    @ParameterizedTest
    @ValueSource(strings = {"numbers", "objects", "one shard"})
    void keysThatComeAndGoTogether(String kind) throws InterruptedException {
        ShardedMap<Object, Object> map = map(kind);
        Object even = key(kind, 1);
        Object odd = key(kind, 2);
        Object round = key(kind, 3);
        map.putAll(Map.of(even, 0, round, 0));
        AtomicBoolean done = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int reader = 0; reader < 2; reader++) {
                crew.start(() -> {
                    while (!done.get()) {
                        int before = (Integer) map.get(round);
                        boolean evenThere = map.containsKey(even);
                        boolean oddThere = map.containsKey(odd);
                        if ((int) (Integer) map.get(round) == before) {
                            assertThat(evenThere).isEqualTo(before % 2 == 0);
                            assertThat(oddThere).isEqualTo(before % 2 == 1);
                        }
                    }
                    return null;
                });
            }
            try {
                for (int value = 1; value <= PAIRS; value++) {
                    try (LockedEntries<Object, Object> entries = map.lockAll(List.of(odd, round, even))) {
                        entries.get(value % 2 == 0 ? even : odd).setValue(value);
                        entries.get(value % 2 == 0 ? odd : even).remove();
                        entries.get(round).setValue(value);
                    }
                }
            } finally {
                done.set(true);
            }
        }
        assertThat(map.keySet()).containsExactlyInAnyOrder(even, round);
    }

    /** A key that was given back belongs to whoever writes it next: the value of the commit never comes back. */
    @ParameterizedTest
    @ValueSource(strings = {"numbers", "objects", "one shard"})
    void whatIsWrittenAfterACommitIsRead(String kind) throws InterruptedException {
        int keys = 40;
        ShardedMap<Object, Object> map = map(kind);
        List<Object> all = IntStream.range(0, keys).mapToObj(i -> key(kind, i)).toList();
        all.forEach(key -> map.put(key, 0));
        AtomicBoolean done = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int writer = 0; writer < 2; writer++) {
                int start = writer * keys / 2;
                crew.start(() -> {
                    int value = 0;
                    while (!done.get()) {
                        for (int i = start; i < start + keys / 2; i++) {
                            value--;
                            map.put(all.get(i), value);
                            int seen = (Integer) map.get(all.get(i));
                            if (seen
                                    != value) { // then it is that of a commit which came afterwards, and stays or grows
                                assertThat(seen).isPositive();
                                assertThat((Integer) map.get(all.get(i))).isGreaterThanOrEqualTo(seen);
                            }
                        }
                    }
                    return null;
                });
            }
            try {
                for (int value = 1; value <= PAIRS / 10; value++) {
                    try (LockedEntries<Object, Object> entries = map.lockAll(all)) {
                        for (LockedEntry<Object, Object> entry : entries) {
                            entry.setValue(value);
                        }
                    }
                }
            } finally {
                done.set(true);
            }
        }
    }

    /** Iteration and batches show the same as {@code get}. */
    @Test
    void traversalsSeeACommitToo() throws InterruptedException {
        ShardedMap<Object, Object> map = ShardedMap.onHeap().shards(64).build();
        IntStream.range(0, 64).forEach(i -> map.put(i, 0));
        AtomicBoolean done = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.start(() -> {
                while (!done.get()) {
                    int before = (Integer) map.get(63);
                    map.forEach((key, value) -> assertThat((Integer) value).isGreaterThanOrEqualTo(before));
                    map.getAll(List.of(1, 7, 50))
                            .values()
                            .forEach(value -> assertThat((Integer) value).isGreaterThanOrEqualTo(before));
                }
                return null;
            });
            try {
                for (int round = 1; round <= PAIRS / 10; round++) {
                    try (LockedEntries<Object, Object> entries = map.lockAll(map.keySet())) {
                        for (LockedEntry<Object, Object> entry : entries) {
                            entry.setValue(round);
                        }
                    }
                }
            } finally {
                done.set(true);
            }
        }
    }

    /** Transfers between accounts: nothing is lost, and no reader of a pair of accounts sees money twice. */
    @Test
    void transfers() throws InterruptedException {
        int accounts = 8;
        int threads = 3;
        ShardedMap<Object, Object> map = ShardedMap.onHeap().build();
        IntStream.range(0, accounts).forEach(account -> map.put(account, 1_000));
        AtomicInteger seed = new AtomicInteger();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                for (int i = 0; i < 2_000; i++) {
                    int from = Math.floorMod(seed.incrementAndGet() * 31, accounts);
                    int to = Math.floorMod(from + 1 + seed.get() % (accounts - 1), accounts);
                    if (from == to) {
                        continue;
                    }
                    try (LockedEntries<Object, Object> entries = map.lockAll(List.of(from, to))) {
                        entries.get(from).setValue((Integer) entries.value(from) - 1);
                        entries.get(to).setValue((Integer) entries.value(to) + 1);
                    }
                }
            });
        }
        assertThat(map.values().stream().mapToInt(balance -> (Integer) balance).sum())
                .isEqualTo(1_000 * accounts);
    }

    @Test
    void aHundredThousandKeysAtOnce() {
        ShardedMap<Object, Object> map = ShardedMap.onHeap().build();
        List<Object> keys = new ArrayList<>(IntStream.range(0, MANY).boxed().toList());
        Collections.reverse(keys);
        try (LockedEntries<Object, Object> entries = map.lockAll(keys)) {
            for (LockedEntry<Object, Object> entry : entries) {
                entry.setValue(entry.key());
            }
            assertThat(map.isEmpty()).isTrue();
            assertThat(map.shards().bytes()).as("absent keys take no room").isLessThan(100_000);
        }
        assertThat(map.mappingCount()).isEqualTo(MANY);
        assertThat(map.get(MANY - 1)).isEqualTo(MANY - 1);
        try (LockedEntries<Object, Object> entries = map.lockAll(keys)) {
            entries.forEach(LockedEntry::remove);
        }
        assertThat(map.isEmpty()).isTrue();
    }

    /**
     * A change that follows from a key that was only read is seen before that key can be written: whoever has written it does not see
     * the change come afterwards.
     */
    @Test
    void whatWasOnlyReadIsKeptUntilTheChangeIsSeen() throws Exception {
        ShardedMap<String, Integer> map = ShardedMap.onHeap().shards(64).build();
        map.put("read", 0);
        map.put("changed", 0);
        List<String> keys = new ArrayList<>(List.of("read"));
        IntStream.range(0, 500).mapToObj(i -> "between " + i).forEach(keys::add); // giving these back takes its time
        keys.add("changed");
        AtomicBoolean stop = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<Boolean> copies = crew.start(() -> {
                while (!stop.get()) {
                    try (LockedEntries<String, Integer> both = map.lockAll(keys)) {
                        both.get("changed").setValue(both.get("read").value());
                    }
                }
                return true;
            });
            try {
                for (int i = 1; i <= 50_000; i++) {
                    map.put("read", i);
                    int first = map.get("changed");
                    for (int again = 0; again < 200; again++) {
                        int later = map.get("changed");
                        assertThat(later == first || later >= i)
                                .as("%d came after %d, when %d had been written", later, first, i)
                                .isTrue();
                    }
                }
            } finally {
                stop.set(true);
            }
            assertThat(copies.result()).isTrue();
        }
    }

    /** Whatever was held, nothing of it stays: neither in the tables nor anywhere else that the map can reach. */
    @Test
    void aMillionKeysThatWereHeldLeaveNothing() {
        ShardedMap<Object, Object> map = ShardedMap.onHeap().build();
        map.put("there", 0);
        lockEach(map, 0, VERY_MANY / 4);
        long bytes = map.shards().bytes();
        long used = usedMemory();
        lockEach(map, VERY_MANY / 4, VERY_MANY);
        assertThat(map.mappingCount()).isEqualTo(1);
        assertThat(map.shards().bytes()).isEqualTo(bytes);
        assertThat(usedMemory() - used).isLessThan(1 << 21); // a tenth of what the keys alone would be
        assertThat(map.get("there")).isEqualTo(0);
    }

    private static void lockEach(ShardedMap<Object, Object> map, int from, int to) {
        LockedEntry<Object, Object> outer = map.lock("outer");
        for (int i = from; i < to; i++) {
            map.lock("key " + i).close();
        }
        outer.close();
    }

    private static long usedMemory() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
