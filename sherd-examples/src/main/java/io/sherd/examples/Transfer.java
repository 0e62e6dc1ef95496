package io.sherd.examples;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Transfers between two accounts. {@code lockAll} takes the keys in an order of its own, so transfers that cross do not wait for
 * one another for ever, and both balances change at one instant.
 */
public final class Transfer {
    private final ShardedMap<String, Long> accounts = ShardedMap.onHeap().build();

    private Transfer() {}

    private boolean transfer(String from, String to, long amount) {
        try (LockedEntries<String, Long> held = accounts.lockAll(List.of(from, to))) {
            LockedEntry<String, Long> source = held.get(from);
            LockedEntry<String, Long> target = held.get(to);
            long has = Objects.requireNonNullElse(source.value(), 0L);
            if (has < amount) {
                return false; // nothing was set, so nothing changes
            }
            source.setValue(has - amount);
            target.setValue(Objects.requireNonNullElse(target.value(), 0L) + amount);
            return true;
        }
    }

    /**
     * Runs the example.
     *
     * @param args none
     */
    public static void main(String[] args) {
        Transfer bank = new Transfer();
        bank.accounts.put("alice", 1_000L);
        bank.accounts.put("bob", 1_000L);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1_000; i++) {
                String from = i % 2 == 0 ? "alice" : "bob";
                String to = i % 2 == 0 ? "bob" : "alice";
                var _ = threads.submit(() -> bank.transfer(from, to, 1));
            }
        }
        long sum = bank.accounts.values().stream().mapToLong(balance -> balance).sum();
        System.out.println("after 1,000 transfers that cross, together: " + sum);
        System.out.println("carol, who has nothing, pays: " + bank.transfer("carol", "alice", 5));
        System.out.println(
                "bob pays carol: " + bank.transfer("bob", "carol", 5) + ", she has " + bank.accounts.get("carol"));
    }
}
