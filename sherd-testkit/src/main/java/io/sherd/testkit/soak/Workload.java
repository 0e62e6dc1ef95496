package io.sherd.testkit.soak;

import io.sherd.testkit.soak.Findings.Kind;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of a child do until it is killed. Each key has one writer, so that every answer can be checked on the
 * spot; the counters are written by all, and a reader looks at any key.
 */
final class Workload {
    private final StoreUnderTest store;
    private final Ledger ledger;
    private final Judge judge;
    private final Values values;
    private final Findings findings;
    private final int keys;
    private final int threads;
    private final long firstVersion;
    private volatile boolean stopped;
    private volatile boolean closing;

    Workload(
            StoreUnderTest store,
            Ledger ledger,
            Judge judge,
            Values values,
            Findings findings,
            int keys,
            KillPlan plan) {
        this.store = store;
        this.ledger = ledger;
        this.judge = judge;
        this.values = values;
        this.findings = findings;
        this.keys = keys;
        this.threads = plan.threads();
        this.firstVersion = (long) (plan.run() + 1) << 32;
    }

    /** Ends the threads after their current operation. */
    void stop() {
        stopped = true;
    }

    /** Says that the store is about to close: from now on an operation may be refused. */
    void announceClose() {
        closing = true;
    }

    /** Removes everything, as the only thread. */
    void clear() {
        long state = Ledger.absent(firstVersion);
        for (int key = 0; key < keys; key++) {
            ledger.intend(0, key, state);
        }
        for (int counter = 0; counter < Ledger.COUNTERS; counter++) {
            ledger.releaseCounter(counter);
        }
        store.clear();
        for (int counter = 0; counter < Ledger.COUNTERS; counter++) {
            ledger.settleCounter(counter, 0);
        }
        for (int key = 0; key < keys; key++) {
            ledger.acknowledge(0, key, state);
        }
    }

    /** Writes until stopped or until the store has closed. */
    void write(int thread, SplittableRandom random) {
        int owned = (keys - thread + threads - 1) / threads;
        long version = firstVersion;
        try {
            while (!stopped) {
                step(thread, thread + threads * random.nextInt(owned), ++version, random.nextInt(100), random);
            }
        } catch (IllegalStateException e) {
            refuseUnlessClosing(e);
        }
    }

    /** Reads until stopped or until the store has closed. */
    void read(SplittableRandom random) {
        try {
            while (!stopped) {
                int key = random.nextInt(keys);
                long acknowledged = ledger.acknowledged(key);
                byte[] answer = store.get(key);
                judge.read(key, acknowledged, answer, ledger.intended(key));
            }
        } catch (IllegalStateException e) {
            refuseUnlessClosing(e);
        }
    }

    /** Forces until stopped or until the store has closed. */
    void force() {
        try {
            while (!stopped) {
                store.force();
            }
        } catch (IllegalStateException e) {
            refuseUnlessClosing(e);
        }
    }

    private void refuseUnlessClosing(IllegalStateException refusal) {
        if (!closing) {
            throw refusal;
        }
    }

    private void step(int thread, int key, long version, int draw, SplittableRandom random) {
        long before = ledger.acknowledged(key);
        long written = Ledger.present(version);
        long removed = Ledger.absent(version);
        if (draw < 36) {
            ledger.intend(thread, key, written);
            judge.expect("put", key, before, store.put(key, values.of(key, version)));
            ledger.acknowledge(thread, key, written);
        } else if (draw < 48) {
            ledger.intend(thread, key, removed);
            judge.expect("remove", key, before, store.remove(key));
            ledger.acknowledge(thread, key, removed);
        } else if (draw < 60) {
            compute(thread, key, before, written);
        } else if (draw < 64) {
            compute(thread, key, before, removed);
        } else if (draw < 72) {
            if (Ledger.isPresent(before)) {
                ledger.intend(thread, key, written);
                judge.expect("replace", key, before, store.replace(key, values.of(key, version)));
                ledger.acknowledge(thread, key, written);
            } else {
                judge.expect("replace", key, before, store.replace(key, values.of(key, version)));
            }
        } else if (draw < 80) {
            exchange(thread, key, before, version, random.nextBoolean());
        } else if (draw < 86) {
            if (Ledger.isPresent(before)) {
                judge.expect("putIfAbsent", key, before, store.putIfAbsent(key, values.of(key, version)));
            } else {
                ledger.intend(thread, key, written);
                judge.expect("putIfAbsent", key, before, store.putIfAbsent(key, values.of(key, version)));
                ledger.acknowledge(thread, key, written);
            }
        } else if (draw < 94) {
            increment(thread, random.nextInt(Ledger.COUNTERS));
        } else {
            judge.expect("get", key, before, store.get(key));
        }
    }

    private void compute(int thread, int key, long before, long after) {
        byte @Nullable [] update = Ledger.isPresent(after) ? values.of(key, Ledger.version(after)) : null;
        AtomicInteger calls = new AtomicInteger();
        ledger.intend(thread, key, after);
        byte[] answer = store.compute(key, old -> {
            calls.incrementAndGet();
            judge.expect("compute", key, before, old);
            return update;
        });
        ledger.acknowledge(thread, key, after);
        judge.expect("after compute", key, after, answer);
        expectOneCall(key, calls);
    }

    private void exchange(int thread, int key, long before, long version, boolean right) {
        if (!Ledger.isPresent(before)) {
            return;
        }
        byte[] expected = values.of(key, Ledger.version(before));
        byte[] update = values.of(key, version);
        if (right) {
            ledger.intend(thread, key, Ledger.present(version));
            if (!store.replace(key, expected, update)) {
                findings.add(Kind.LOST, "replace refuses key " + key + " its value " + Ledger.describe(before));
            }
            ledger.acknowledge(thread, key, Ledger.present(version));
        } else if (store.replace(key, update, update)) {
            findings.add(Kind.WRONG, "replace takes for key " + key + " a value that it does not have");
        }
    }

    private void increment(int thread, int counter) {
        int key = keys + counter;
        AtomicInteger calls = new AtomicInteger();
        ledger.beginIncrement(thread, counter);
        var _ = store.compute(key, old -> {
            calls.incrementAndGet();
            long value = old == null ? 0 : values.version(key, old);
            if (value == Values.NONE) {
                findings.add(Kind.WRONG, "compute: counter " + counter + " holds bytes that nobody wrote");
                return old;
            }
            return values.of(key, value + 1);
        });
        ledger.endIncrement(thread, counter);
        expectOneCall(key, calls);
    }

    private void expectOneCall(int key, AtomicInteger calls) {
        if (calls.get() != 1) {
            findings.add(Kind.WRONG, "compute of key " + key + " ran its function " + calls + " times");
        }
    }

    /** Draws from a seed that differs for each thread of each run. */
    static SplittableRandom random(long seed, int run, int thread) {
        return new SplittableRandom(new Random(seed * 31 + run).nextLong() + thread);
    }
}
