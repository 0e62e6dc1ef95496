package io.sherd.testkit.history;

import io.sherd.LockedEntries;
import io.sherd.TransactionConflictException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Money goes from account to account, by transactions and by {@code lockAll}; whoever reads all of them in one finds it all. */
final class TransferRun {
    private static final long EACH = 100;

    private final Registers registers;
    private final int accounts;
    private final int threads;
    private final int operations;
    private final AtomicReference<@Nullable String> wrong = new AtomicReference<>();

    TransferRun(Registers registers, int accounts, int threads, int operations) {
        this.registers = registers;
        this.accounts = accounts;
        this.threads = threads;
        this.operations = operations;
    }

    /** Runs, and answers what was wrong, or null. */
    @Nullable
    String run(SplittableRandom random) throws InterruptedException {
        for (int account = 0; account < accounts; account++) {
            registers.map().put(account, EACH);
        }
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            SplittableRandom own = random.split();
            all.add(Thread.ofPlatform().daemon().start(() -> work(own)));
        }
        for (Thread thread : all) {
            thread.join();
        }
        long sum =
                registers.map().values().stream().mapToLong(balance -> balance).sum();
        if (sum != accounts * EACH) {
            note("at the end there are " + sum + " instead of " + accounts * EACH);
        }
        return wrong.get();
    }

    private void note(String what) {
        wrong.compareAndSet(null, what);
    }

    private void work(SplittableRandom random) {
        try {
            for (int i = 0; i < operations && wrong.get() == null; i++) {
                int from = random.nextInt(accounts);
                int to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
                long amount = 1L + random.nextInt(10);
                switch (random.nextInt(6)) {
                    case 0 -> sum();
                    case 1 -> look(from);
                    case 2 -> {
                        if (registers.together()) {
                            lockAndTransfer(from, to, amount);
                        }
                    }
                    default -> transfer(from, to, amount);
                }
            }
        } catch (TransactionConflictException late) {
            // nothing was written
        } catch (Throwable e) {
            note("a thread ended by " + e);
        }
    }

    private void sum() {
        List<Integer> all = IntStream.range(0, accounts).boxed().toList();
        Long sum = registers.transact(tx -> {
            Map<Integer, Long> balances = tx.getAll(all);
            long seen = balances.values().stream().mapToLong(balance -> balance).sum();
            if (seen != accounts * EACH) {
                note("a transaction sees " + seen + " instead of " + accounts * EACH + ": " + balances);
            }
            return seen;
        });
        if (sum == null) {
            note("a transaction that only read was aborted");
        }
    }

    private void look(int account) {
        Long balance = registers.get(account);
        if (balance == null || balance < 0 || balance > accounts * EACH) {
            note("account " + account + " has " + balance);
        }
    }

    private void lockAndTransfer(int from, int to, long amount) {
        try (LockedEntries<Integer, Long> entries = registers.map().lockAll(List.of(from, to))) {
            Long has = entries.value(from);
            Long gets = entries.value(to);
            if (has != null && gets != null && has >= amount) {
                entries.get(from).setValue(has - amount);
                entries.get(to).setValue(gets + amount);
            }
        }
    }

    private void transfer(int from, int to, long amount) {
        registers.transact(tx -> {
            Long has = tx.get(from);
            if (has == null || has < amount) {
                throw tx.abort();
            }
            tx.put(from, has - amount);
            var _ = tx.compute(to, (key, old) -> old == null ? amount : old + amount);
            return true;
        });
    }
}
