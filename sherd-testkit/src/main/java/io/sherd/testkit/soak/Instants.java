package io.sherd.testkit.soak;

import io.sherd.Changes;
import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import io.sherd.Snapshot;
import io.sherd.SnapshotMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a snapshot is one instant: writers keep invariants over keys of different shards, and each snapshot is looked at
 * for a violation.
 *
 * <ul>
 *   <li>Accounts: transactions move money between them, so their sum is constant.
 *   <li>Pairs: two keys are locked together and get one value, or are removed together, so they are equal.
 *   <li>A relay: two threads in turn give each of some keys the number of the round, in the order of the keys, by put, merge, compute
 *       and lock; each begins when it has read what the other wrote. So the numbers never go up from key to key, and differ by one at most.
 *   <li>A window: keys are added at one end and removed at the other, in order, so the shards grow and split, and what is there has no
 *       gap.
 * </ul>
 *
 * <p>Older snapshots are kept for a while and must not have changed, and the changes between two must lead from one to the other.
 */
public final class Instants {
    private static final int ACCOUNTS = 64;
    private static final int MONEY = 100;
    private static final int PAIRS = 1_000;
    private static final int PAIR_KEYS = 32;
    private static final int RELAY = 2_000;
    private static final int RELAY_KEYS = 12;
    private static final int WINDOW = 1_000_000;
    private static final int WIDEST = 3_000;
    private static final int KEPT = 3;

    private final ShardedMap<Object, Integer> map;
    private final long seed;
    private final boolean objects;
    private final boolean rebalanced;
    private final AtomicLong writes = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final ArrayDeque<Older> kept = new ArrayDeque<>();
    private volatile boolean over;
    private long wrong;
    private @Nullable String firstWrong;

    private record Older(Snapshot<Object, Integer> snapshot, Map<Object, Integer> copy) {}

    /**
     * What came of it.
     *
     * @param snapshots how many were looked at
     * @param writes how many writes were done meanwhile
     * @param wrong how many snapshots violated an invariant
     * @param firstWrong what was wrong with the first of them
     */
    public record Result(
            int snapshots,
            long writes,
            long wrong,
            @Nullable String firstWrong) {}

    /**
     * Prepares a map.
     *
     * @param mode how it makes snapshots
     * @param shards how many shards it begins with
     * @param objects whether keys are strings, rather than integers
     * @param seed what the writers' choices are drawn from
     */
    public Instants(SnapshotMode mode, int shards, boolean objects, long seed) {
        this(mode, shards, objects, false, seed);
    }

    /**
     * Prepares a heap map.
     *
     * @param mode how it makes snapshots
     * @param shards how many shards it begins with
     * @param objects whether keys are strings, rather than integers
     * @param rebalanced whether the map is rebalanced to 1 and to 64 shards all the time
     * @param seed what the writers' choices are drawn from
     */
    public Instants(SnapshotMode mode, int shards, boolean objects, boolean rebalanced, long seed) {
        this(ShardedMap.onHeap().shards(shards).snapshotMode(mode).build(), objects, rebalanced, seed);
    }

    /**
     * Prepares a map of any kind.
     *
     * @param map an empty map, whose snapshots are to be of one instant
     * @param objects whether keys are strings, rather than integers
     * @param seed what the writers' choices are drawn from
     */
    public Instants(ShardedMap<Object, Integer> map, boolean objects, long seed) {
        this(map, objects, false, seed);
    }

    private Instants(ShardedMap<Object, Integer> map, boolean objects, boolean rebalanced, long seed) {
        this.rebalanced = rebalanced;
        this.map = map;
        this.seed = seed;
        this.objects = objects;
        for (int i = 0; i < ACCOUNTS; i++) {
            map.put(key(i), MONEY);
        }
        for (int i = 0; i < RELAY_KEYS; i++) {
            map.put(key(RELAY + i), 0);
        }
    }

    private Object key(int number) {
        return objects ? (Object) ("key " + number) : number;
    }

    private int number(Object key) {
        return key instanceof Integer number ? number : Integer.parseInt(((String) key).substring(4));
    }

    /**
     * Takes snapshots while all writers run.
     *
     * @param snapshots how many
     * @return what came of it
     * @throws InterruptedException if this thread is interrupted
     */
    public Result run(int snapshots) throws InterruptedException {
        List<Thread> writers = new ArrayList<>();
        writers.add(start("accounts", this::moveMoney));
        writers.add(start("pairs", this::setPairs));
        writers.add(start("relay 0", random -> relay(0)));
        writers.add(start("relay 1", random -> relay(1)));
        writers.add(start("window", this::moveWindow));
        if (rebalanced) {
            writers.add(start("rebalance", random -> rebalance()));
        }
        try {
            Random random = new Random(seed);
            for (int i = 0; i < snapshots && failure.get() == null; i++) {
                look(map.snapshot(), i % 20 == 0, random);
                if (i % 4 == 0) {
                    Thread.sleep(0, random.nextInt(100_000));
                }
            }
        } finally {
            over = true;
            for (Thread writer : writers) {
                writer.join();
            }
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw new AssertionError("A writer failed", failed);
        }
        return new Result(snapshots, writes.get(), wrong, firstWrong);
    }

    private interface Writer {
        void write(Random random);
    }

    private Thread start(String name, Writer writer) {
        return Thread.ofPlatform().name(name).start(() -> {
            try {
                writer.write(new Random(seed ^ name.hashCode()));
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        });
    }

    // ---- writers

    private void moveMoney(Random random) {
        while (!over) {
            Object from = key(random.nextInt(ACCOUNTS));
            Object to = key(random.nextInt(ACCOUNTS));
            int sum = random.nextInt(10);
            map.<Boolean>transact(transaction -> {
                transaction.compute(from, (key, money) -> (money == null ? 0 : money) - sum);
                transaction.compute(to, (key, money) -> (money == null ? 0 : money) + sum);
                return true;
            });
            writes.getAndAdd(2);
        }
    }

    private void setPairs(Random random) {
        while (!over) {
            int pair = random.nextInt(PAIR_KEYS);
            Object one = key(PAIRS + 2 * pair);
            Object other = key(PAIRS + 2 * pair + 1);
            boolean remove = random.nextInt(4) == 0;
            int value = random.nextInt();
            try (LockedEntries<Object, Integer> entries = map.lockAll(List.of(one, other))) {
                for (LockedEntry<Object, Integer> entry : entries) {
                    if (remove) {
                        entry.remove();
                    } else {
                        entry.setValue(value);
                    }
                }
            }
            writes.getAndAdd(2);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // the other thread's turn
    private void relay(int who) {
        for (int round = 1; !over; round++) {
            int now = round;
            for (int i = who; i < RELAY_KEYS; i += 2) {
                Object before = key(RELAY + (i + RELAY_KEYS - 1) % RELAY_KEYS);
                int awaited = i == 0 ? now - 1 : now;
                for (int spins = 0; Objects.requireNonNull(map.get(before)) < awaited; spins++) {
                    if (over) {
                        return;
                    }
                    if (spins > 50) {
                        Thread.yield();
                    }
                }
                Object key = key(RELAY + i);
                switch ((i + round) % 5) {
                    case 0 -> map.put(key, now);
                    case 1 -> map.merge(key, now, (old, other) -> other);
                    case 2 -> map.compute(key, (same, old) -> now);
                    case 3 -> map.replace(key, now - 1, now);
                    default -> {
                        try (LockedEntry<Object, Integer> entry = map.lock(key)) {
                            entry.setValue(now);
                        }
                    }
                }
                writes.getAndIncrement();
            }
        }
    }

    private void rebalance() {
        while (!over) {
            map.shards().rebalanceTo(64);
            map.shards().rebalanceTo(1);
        }
    }

    private void moveWindow(Random random) {
        int from = 0;
        int to = 0;
        while (!over) {
            int steps = random.nextInt(200);
            if (random.nextInt(WIDEST) > to - from) {
                for (int i = 0; i < steps; i++, to++) {
                    map.put(key(WINDOW + to), to);
                }
            } else {
                for (int i = 0; i < steps && from < to; i++, from++) {
                    map.remove(key(WINDOW + from));
                }
            }
            writes.getAndAdd(steps);
        }
    }

    // ---- the check

    private void look(Snapshot<Object, Integer> snapshot, boolean keep, Random random) {
        Map<Object, Integer> copy = new HashMap<>(snapshot);
        String found = wrong(copy);
        if (found == null && snapshot.size() != copy.size()) {
            found = "size " + snapshot.size() + " of " + copy.size() + " entries";
        }
        if (found == null) {
            for (int i = 0; i < RELAY_KEYS && found == null; i++) {
                Object key = key(RELAY + i);
                if (!Objects.equals(copy.get(key), snapshot.get(key))) {
                    found = "look-up of " + key + " found " + snapshot.get(key) + ", iteration " + copy.get(key);
                }
            }
        }
        if (keep) {
            if (found == null && !kept.isEmpty()) {
                Older last = kept.getLast();
                if (!applied(last.copy, snapshot.changesSince(last.snapshot)).equals(copy)) {
                    found = "the changes since version " + last.snapshot.version() + " do not lead to version "
                            + snapshot.version();
                }
            }
            kept.addLast(new Older(snapshot, copy));
            if (kept.size() > KEPT) {
                Older older = kept.removeFirst();
                if (found == null && !older.copy.equals(older.snapshot)) {
                    found = "version " + older.snapshot.version() + " changed";
                }
                if (random.nextBoolean()) {
                    older.snapshot.close();
                }
            }
        } else if (random.nextBoolean()) {
            snapshot.close();
        }
        if (found != null) {
            wrong++;
            firstWrong = firstWrong == null ? "version " + snapshot.version() + ": " + found : firstWrong;
        }
    }

    private static Map<Object, Integer> applied(Map<Object, Integer> older, Changes<Object, Integer> changes) {
        Map<Object, Integer> result = new HashMap<>(older);
        result.putAll(changes.added());
        changes.changed().forEach((key, values) -> result.put(key, values.after()));
        result.keySet().removeAll(changes.removed().keySet());
        return result;
    }

    private @Nullable String wrong(Map<Object, Integer> copy) {
        int money = 0;
        for (int i = 0; i < ACCOUNTS; i++) {
            money += copy.getOrDefault(key(i), 1_000_000);
        }
        if (money != ACCOUNTS * MONEY) {
            return "all accounts have " + money + " together";
        }
        for (int i = 0; i < PAIR_KEYS; i++) {
            Integer one = copy.get(key(PAIRS + 2 * i));
            Integer other = copy.get(key(PAIRS + 2 * i + 1));
            if (one == null ? other != null : !one.equals(other)) {
                return "pair " + i + " has " + one + " and " + other;
            }
        }
        List<Integer> relay = new ArrayList<>();
        for (int i = 0; i < RELAY_KEYS; i++) {
            relay.add(copy.getOrDefault(key(RELAY + i), -1));
        }
        for (int i = 1; i < RELAY_KEYS; i++) {
            if (relay.get(i) > relay.get(i - 1) || relay.get(i) < relay.getFirst() - 1) {
                return "relay " + relay;
            }
        }
        int from = Integer.MAX_VALUE;
        int to = 0;
        int count = 0;
        for (Object key : copy.keySet()) {
            int number = number(key);
            if (number >= WINDOW) {
                from = Math.min(from, number);
                to = Math.max(to, number);
                count++;
            }
        }
        return count > 0 && to - from + 1 != count ? "window from " + from + " to " + to + " has " + count : null;
    }
}
