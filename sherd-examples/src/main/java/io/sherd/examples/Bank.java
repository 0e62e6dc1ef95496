package io.sherd.examples;

import io.sherd.ShardedMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A bank with transactions: a transfer reads and writes two accounts as one, and aborts where there is not enough; an audit reads
 * all accounts in one transaction and finds all the money, whatever goes on meanwhile.
 */
public final class Bank {
    private static final List<String> NAMES = List.of("alice", "bob", "carol");

    private final ShardedMap<String, Long> accounts = ShardedMap.onHeap().build();

    private Bank() {}

    private boolean transfer(String from, String to, long amount) {
        Boolean done = accounts.transact(tx -> {
            Long left = tx.compute(from, (name, balance) -> (balance == null ? 0 : balance) - amount);
            if (left == null || left < 0) {
                throw tx.abort(); // nothing of it was written
            }
            var _ = tx.compute(to, (name, balance) -> (balance == null ? 0 : balance) + amount);
            return true;
        });
        return done != null;
    }

    private long audit() {
        Long sum = accounts.transact(tx -> {
            Map<String, Long> all = tx.getAll(NAMES);
            return all.values().stream().mapToLong(balance -> balance).sum();
        });
        return sum == null ? 0 : sum;
    }

    /**
     * Runs the example.
     *
     * @param args none
     */
    public static void main(String[] args) {
        Bank bank = new Bank();
        bank.accounts.put("alice", 100L);
        bank.accounts.put("bob", 100L);
        AtomicBoolean conserved = new AtomicBoolean(true);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1_000; i++) {
                String from = NAMES.get(i % 3);
                String to = NAMES.get((i + 1 + i % 2) % 3);
                threads.execute(() -> bank.transfer(from, to, 7));
                threads.execute(() -> {
                    if (bank.audit() != 200) {
                        conserved.set(false);
                    }
                });
            }
        }
        System.out.println("after 1,000 transfers, together: " + bank.audit());
        System.out.println("each of 1,000 audits meanwhile found 200: " + conserved);
        System.out.println("dave, who has nothing, pays: " + bank.transfer("dave", "alice", 5));
        System.out.println("dave has an account: " + bank.accounts.containsKey("dave"));
        System.out.println("some transfers were aborted: "
                + (bank.accounts.transactionStats().aborts() > 0));
    }
}
