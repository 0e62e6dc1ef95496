package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import io.sherd.Transaction;
import io.sherd.TransactionConflictException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every map promises about transactions: all or nothing, one state, one instant. */
public abstract class TransactionContract extends MapContract {
    private static final int ACCOUNTS = 8;
    private static final int EACH = 8;

    /** For subclasses, which need nothing but a name. */
    protected TransactionContract() {}

    /**
     * Whether somebody else changes how the map keeps its entries, which a transaction may take for a conflict.
     *
     * @return whether bodies may run more often than the keys alone make them
     */
    protected boolean isReshaped() {
        return false;
    }

    private void assertRuns(int runs, int ofConflicts) {
        if (isReshaped()) {
            assertThat(runs).isGreaterThanOrEqualTo(ofConflicts);
        } else {
            assertThat(runs).isEqualTo(ofConflicts);
        }
    }

    private int number(@Nullable Object value) {
        return value == null ? 0 : numberOfValue(value);
    }

    private Object oneMore(@Nullable Object value) {
        return value(number(value) + 1);
    }

    // ---- one transaction

    @Test
    void writesAppearAndTheResultReturns() {
        ShardedMap<Object, Object> map = open();
        map.put(key(1), value(1));
        map.put(key(9), value(9));
        Integer sum = map.transact(tx -> {
            assertThat(tx.get(key(1))).isEqualTo(value(1));
            assertThat(tx.put(key(2), value(2))).isNull();
            assertThat(tx.get(key(2))).isEqualTo(value(2));
            assertThat(tx.remove(key(9))).isEqualTo(value(9));
            assertThat(tx.containsKey(key(9))).isFalse();
            assertThat(tx.compute(key(1), (key, old) -> value(number(old) + 10)))
                    .isEqualTo(value(11));
            assertThat(tx.getAll(List.of(key(2), key(3), key(1))))
                    .containsExactly(Map.entry(key(2), value(2)), Map.entry(key(1), value(11)));
            assertThat(map.get(key(2))).as("nobody else sees it yet").isNull();
            assertThat(map.get(key(9))).as("nobody else sees it yet").isEqualTo(value(9));
            return 13;
        });
        assertThat(sum).isEqualTo(13);
        assertThat(map.equals(Map.of(key(1), value(11), key(2), value(2)))).isTrue();
        assertThat(map.transactionStats().commits()).isEqualTo(1);
    }

    @Test
    void aKeyThatComesAndGoesInOneLeavesNothing() {
        ShardedMap<Object, Object> map = open();
        map.<@Nullable Object>transact(tx -> {
            tx.put(key(1), value(1));
            return tx.remove(key(1));
        });
        map.<@Nullable Object>transact(tx -> tx.remove(key(2)));
        assertThat(map.isEmpty()).isTrue();
        assertThat(map.transactionStats().commits()).isEqualTo(2);
    }

    @Test
    void abortAndExceptionLeaveNothing() {
        ShardedMap<Object, Object> map = filled(2);
        Object answer = map.<@Nullable Object>transact(tx -> {
            tx.put(key(1), value(5));
            tx.put(key(7), value(5));
            throw tx.abort();
        });
        assertThat(answer).isNull();
        IllegalArgumentException failure = new IllegalArgumentException("mine");
        assertThatThrownBy(() -> map.<@Nullable Object>transact(tx -> {
                    tx.remove(key(1));
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(map.equals(model(2))).isTrue();
        assertThat(map.transactionStats().aborts()).isEqualTo(2);
        assertThat(map.transactionStats().commits()).isZero();
    }

    @Test
    void refusesUseAfterTheEnd() {
        ShardedMap<Object, Object> map = open();
        AtomicReference<@Nullable Transaction<Object, Object>> kept = new AtomicReference<>();
        map.<@Nullable Object>transact(tx -> {
            kept.set(tx);
            return null;
        });
        assertThatThrownBy(() -> Objects.requireNonNull(kept.get()).get(key(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended");
    }

    @Test
    void refusesNulls() {
        ShardedMap<Object, Object> map = filled(3);
        assertThatThrownBy(() -> map.transact(Nulls.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.<@Nullable Object>transact(tx -> tx.get(Nulls.none())))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.<@Nullable Object>transact(tx -> tx.put(key(1), Nulls.none())))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.<@Nullable Object>transact(tx -> tx.put(Nulls.none(), value(1))))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.<@Nullable Object>transact(tx -> tx.remove(Nulls.none())))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> map.<@Nullable Object>transact(tx -> tx.compute(key(1), Nulls.none())))
                .isInstanceOf(NullPointerException.class);
        assertThat(map.equals(model(3))).isTrue();
    }

    @Test
    void aLargeOneCommitsAndGrowsTheMap() {
        ShardedMap<Object, Object> map = open();
        int count = atMostPlenty(1_000);
        map.<@Nullable Object>transact(tx -> {
            for (int i = 0; i < count; i++) {
                tx.put(key(i), value(i));
            }
            return null;
        });
        assertThat(map.mappingCount()).isEqualTo(count);
        assertThat(map.equals(model(count))).isTrue();
        map.<@Nullable Object>transact(tx -> {
            for (int i = 0; i < count; i += 2) {
                tx.remove(key(i));
            }
            return null;
        });
        for (int i = 0; i < count; i++) {
            assertThat(map.get(key(i))).isEqualTo(i % 2 == 0 ? null : value(i));
        }
    }

    // ---- conflicts

    @ParameterizedTest
    @ValueSource(strings = {"changed", "removed", "removed and put back", "added", "added and removed"})
    void runsAgainWhenOthersChangedWhatItRead(String how) {
        ShardedMap<Object, Object> map = filled(2);
        boolean present = !how.startsWith("added");
        Object key = key(present ? 1 : 5);
        AtomicInteger runs = new AtomicInteger();
        Object result = map.<@Nullable Object>transact(tx -> {
            Object before = tx.get(key);
            if (runs.incrementAndGet() == 1) {
                if (present) {
                    map.put(key, value(5)); // as another would
                    if (how.startsWith("removed")) {
                        map.remove(key);
                    }
                    if (how.endsWith("back")) {
                        map.put(key, value(6));
                    }
                } else {
                    map.put(key, value(5));
                    if (how.endsWith("removed")) {
                        map.remove(key);
                    }
                }
            }
            Object other = tx.get(key(0)); // what was read before is looked at again
            tx.put(key(9), value(40));
            assertThat(other).isEqualTo(value(0));
            return before;
        });
        assertRuns(runs.get(), 2);
        assertThat(result).isEqualTo(map.get(key));
        assertThat(map.get(key(9))).isEqualTo(value(40));
        assertThat(map.transactionStats().conflicts()).isEqualTo(runs.get() - 1);
    }

    @Test
    void givesUpWithTheKeyWhenItNeverFits() {
        ShardedMap<Object, Object> map = open();
        AtomicInteger fresh = new AtomicInteger();
        assertThatThrownBy(() -> map.<@Nullable Object>transact(tx -> {
                    Object key = key(100 + fresh.incrementAndGet()); // another each time: holding does not help
                    tx.get(key);
                    map.put(key, value(1));
                    tx.put(key(2), value(1));
                    return 0;
                }))
                .isInstanceOfSatisfying(TransactionConflictException.class, e -> {
                    assertThat(e.key()).isEqualTo(key(100 + fresh.get()));
                    assertThat(e.attempts()).isEqualTo(fresh.get());
                });
        assertThat(map.get(key(2))).isNull();
        assertThat(map.transactionStats().aborts()).isEqualTo(1);
        assertThat(map.transactionStats().conflicts()).isEqualTo(fresh.get());
    }

    @Test
    void getsDoneWhenTheSameKeyIsAlwaysInTheWay() {
        ShardedMap<Object, Object> map = filled(3);
        AtomicInteger runs = new AtomicInteger();
        map.<@Nullable Object>transact(tx -> {
            tx.get(key(1));
            if (runs.incrementAndGet() <= 8) {
                map.put(key(1), value(runs.get()));
            }
            return tx.put(key(2), value(30));
        });
        assertRuns(runs.get(), 9);
        assertThat(map.get(key(2))).isEqualTo(value(30));
        try (LockedEntry<Object, Object> free = map.lock(key(1))) {
            assertThat(free.value()).isEqualTo(value(8));
        }
    }

    // ---- held keys

    @Test
    void refusesToWriteAKeyOfItsOwnThreadsHold() {
        ShardedMap<Object, Object> map = open();
        try (LockedEntry<Object, Object> held = map.lock(key(1))) {
            held.setValue(value(1));
            assertThatThrownBy(() -> map.<@Nullable Object>transact(tx -> tx.put(key(1), value(2))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already holds key");
            map.<@Nullable Object>transact(tx -> tx.put(key(2), value(2)));
        }
        assertThat(map.equals(Map.of(key(1), value(1), key(2), value(2)))).isTrue();
    }

    @Test
    void theCommitWaitsForAHeldKeyAndSeesWhatTheHolderLeft() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(3);
        try (Crew crew = Crew.ofPlatformThreads()) {
            LockedEntry<Object, Object> held = map.lock(key(1));
            Crew.Job<@Nullable Object> sum = crew.start(() -> map.<@Nullable Object>transact(tx -> {
                tx.compute(key(1), (key, old) -> oneMore(old));
                return tx.compute(key(2), (key, old) -> oneMore(old));
            }));
            sum.awaitWaiting();
            assertThat(map.get(key(2))).isEqualTo(value(2));
            held.setValue(value(20));
            held.close();
            assertThat(sum.result()).isEqualTo(value(3));
            assertThat(map.get(key(1))).isEqualTo(value(21));
        }
    }

    @Test
    void readOnlyOnesNeverWait() {
        ShardedMap<Object, Object> map = filled(3);
        try (LockedEntries<Object, Object> held = map.lockAll(List.of(key(0), key(1), key(2)))) {
            held.get(key(1)).setValue(value(30));
            assertThat(map.<Map<Object, Object>>transact(tx -> tx.getAll(List.of(key(0), key(1), key(2)))))
                    .isEqualTo(model(3));
        }
        assertThat(map.<@Nullable Object>transact(tx -> tx.get(key(1)))).isEqualTo(value(30));
    }

    // ---- many at once

    /** Transfers keep the sum, and transactions that read all always see it kept. */
    @Test
    void transfersAreSeenWhole() throws InterruptedException {
        ShardedMap<Object, Object> map = open();
        for (int i = 0; i < ACCOUNTS; i++) {
            map.put(key(i), value(EACH));
        }
        int rounds = atMostPlenty(4_000);
        AtomicBoolean stop = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<Integer> reader = crew.start(() -> {
                int seen = 0;
                while (!stop.get() || seen == 0) {
                    assertThat(map.<Integer>transact(this::sum)).isEqualTo(ACCOUNTS * EACH);
                    seen++;
                }
                return seen;
            });
            try {
                crew.together(2, index -> {
                    Random random = new Random(index);
                    for (int i = 0; i < rounds; i++) {
                        transfer(map, key(random.nextInt(ACCOUNTS)), key(random.nextInt(ACCOUNTS)));
                    }
                });
            } finally {
                stop.set(true);
            }
            assertThat(reader.result()).isPositive();
        }
        assertThat(map.<Integer>transact(this::sum)).isEqualTo(ACCOUNTS * EACH);
    }

    private int sum(Transaction<Object, Object> tx) {
        int sum = 0;
        for (int i = 0; i < ACCOUNTS; i++) {
            sum += number(tx.get(key(i)));
        }
        return sum;
    }

    /** An empty account is no entry, so that keys come and go. */
    private void transfer(ShardedMap<Object, Object> map, Object from, Object to) {
        map.<@Nullable Object>transact(tx -> {
            int left = number(tx.get(from));
            if (left > 0) {
                Object ignored = left == 1 ? tx.remove(from) : tx.put(from, value(left - 1));
                tx.compute(to, (key, old) -> oneMore(old));
                return ignored;
            }
            return null;
        });
    }

    /** Two keys always change together; plain reads, which take no lock, never find the second behind the first. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bothKeysChangeAtOneInstantForPlainReads(boolean byTransaction) throws InterruptedException {
        ShardedMap<Object, Object> map = filled(3);
        int rounds = atMostPlenty(20_000);
        map.put(key(1), value(0));
        map.put(key(2), value(0));
        AtomicBoolean stop = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<Long> reader = crew.start(() -> {
                long reads = 0;
                while (!stop.get() || reads == 0) {
                    int first = number(map.get(key(1)));
                    assertThat(number(map.get(key(2)))).isGreaterThanOrEqualTo(first);
                    int second = number(map.get(key(2)));
                    assertThat(number(map.get(key(1)))).isGreaterThanOrEqualTo(second);
                    reads++;
                }
                return reads;
            });
            try {
                for (int i = 1; i < rounds; i++) {
                    Object value = value(i);
                    if (byTransaction) {
                        map.<@Nullable Object>transact(tx -> {
                            tx.put(key(1), value);
                            return tx.put(key(2), value);
                        });
                    } else {
                        try (LockedEntries<Object, Object> pair = map.lockAll(List.of(key(2), key(1)))) {
                            pair.get(key(1)).setValue(value);
                            pair.get(key(2)).setValue(value);
                        }
                    }
                }
            } finally {
                stop.set(true);
            }
            assertThat(reader.result()).isPositive();
        }
    }

    /** A key moves from one place to the other, and is always in one of them, for a plain {@code getAll} inside a transaction. */
    @Test
    void aValueThatMovesIsNeverInBothPlacesOrNone() throws InterruptedException {
        ShardedMap<Object, Object> map = filled(1);
        int rounds = atMostPlenty(4_000);
        List<Object> places = List.of(key(0), key(1));
        AtomicBoolean stop = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<Integer> reader = crew.start(() -> {
                int seen = 0;
                while (!stop.get() || seen == 0) {
                    assertThat(map.<Integer>transact(tx -> tx.getAll(places).size()))
                            .isEqualTo(1);
                    seen++;
                }
                return seen;
            });
            try {
                for (int i = 0; i < rounds; i++) {
                    Object from = key(i % 2);
                    Object to = key((i + 1) % 2);
                    map.<@Nullable Object>transact(tx -> tx.put(to, Objects.requireNonNull(tx.remove(from))));
                }
            } finally {
                stop.set(true);
            }
            assertThat(reader.result()).isPositive();
        }
    }

    /** Each of two transactions reads what the other writes: if both could commit on the old state, both keys would be set. */
    @Test
    void writeSkewCannotHappen() throws InterruptedException {
        ShardedMap<Object, Object> map = open();
        int rounds = Math.min(plenty(), 200);
        try (Crew crew = Crew.ofPlatformThreads()) {
            for (int round = 0; round < rounds; round++) {
                crew.together(
                        2,
                        index -> map.<@Nullable Object>transact(tx -> {
                            Object other = tx.get(key(1 - index));
                            return other == null ? tx.put(key(index), value(1)) : null;
                        }));
                assertThat(map.size()).isEqualTo(1);
                map.clear();
            }
        }
    }

    /** Many on one pair of keys: all get done, none is lost. */
    @Test
    void oneHotPairEndsInNoLivelock() throws InterruptedException {
        ShardedMap<Object, Object> map = open();
        int rounds = atMostPlenty(1_000) / 8;
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(8, index -> {
                for (int i = 0; i < rounds; i++) {
                    map.<@Nullable Object>transact(tx -> {
                        tx.compute(key(1), (key, old) -> oneMore(old));
                        return tx.compute(key(2), (key, old) -> oneMore(old));
                    });
                }
            });
        }
        assertThat(map.equals(Map.of(key(1), value(8 * rounds), key(2), value(8 * rounds))))
                .isTrue();
        assertThat(map.transactionStats().commits()).isEqualTo(8L * rounds);
    }

    /** Whoever has written what a transaction had read does not see the writes of that transaction come afterwards. */
    @Test
    void whatWasReadIsNotWrittenBetweenTheLookAndTheCommit() throws InterruptedException {
        ShardedMap<Object, Object> map = open();
        int others = 40; // so that the commit takes its time
        int rounds = atMostPlenty(4_000);
        map.put(key(0), value(0));
        map.put(key(1), value(0));
        AtomicBoolean stop = new AtomicBoolean();
        try (Crew crew = Crew.ofPlatformThreads()) {
            Crew.Job<Boolean> copies = crew.start(() -> {
                while (!stop.get()) {
                    map.<@Nullable Object>transact(tx -> {
                        Object read = Objects.requireNonNull(tx.get(key(0)));
                        for (int i = 1; i <= others; i++) {
                            tx.put(key(i), read);
                        }
                        return null;
                    });
                }
                return true;
            });
            try {
                for (int i = 1; i <= rounds; i++) {
                    map.put(key(0), value(i));
                    int first = number(map.get(key(1)));
                    for (int again = 0; again < 200; again++) {
                        int later = number(map.get(key(1)));
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

    @Test
    void mixesWithFunctionsAndHolds() throws InterruptedException {
        ShardedMap<Object, Object> map = open();
        int keys = 4;
        int rounds = atMostPlenty(2_000) / 4;
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(4, index -> {
                Random random = new Random(index);
                for (int i = 0; i < rounds; i++) {
                    int first = random.nextInt(keys);
                    Object a = key(first);
                    Object b = key((first + 1) % keys);
                    switch (random.nextInt(4)) {
                        case 0 -> {
                            map.compute(a, (key, old) -> oneMore(old));
                            map.compute(b, (key, old) -> oneMore(old));
                        }
                        case 1 -> {
                            try (LockedEntries<Object, Object> both = map.lockAll(List.of(a, b))) {
                                both.forEach(entry -> entry.setValue(oneMore(entry.value())));
                            }
                        }
                        case 2 -> {
                            for (Object key : List.of(a, b)) {
                                try (LockedEntry<Object, Object> entry = map.lock(key)) {
                                    entry.setValue(oneMore(entry.value()));
                                }
                            }
                        }
                        default ->
                            map.<@Nullable Object>transact(tx -> {
                                tx.compute(a, (key, old) -> oneMore(old));
                                return tx.compute(b, (key, old) -> oneMore(old));
                            });
                    }
                }
            });
        }
        List<Integer> counts = new ArrayList<>();
        map.forEach((key, value) -> counts.add(number(value)));
        assertThat(counts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(2 * 4 * rounds);
    }
}
