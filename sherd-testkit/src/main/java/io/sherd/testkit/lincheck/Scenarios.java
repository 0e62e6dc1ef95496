package io.sherd.testkit.lincheck;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;

/** Scenarios that random ones meet too seldom: each aims at one hazard of an open-addressing table without locks. */
final class Scenarios {
    private final Class<?> operations;

    Scenarios(Class<?> operations) {
        this.operations = operations;
    }

    List<ExecutionScenario> all() {
        return List.of(
                // a reader stands between key and value while the slot goes to another key
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("get", 1)),
                        List.of(call("remove", 1), call("put", 2, 2))),
                // a writer stands between its search and the lock while the slot goes to another key
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("put", 1, 3), call("get", 1)),
                        List.of(call("remove", 1), call("put", 2, 2), call("get", 2))),
                // two insertions of one key, each of which looked before
                scenario(List.of(), List.of(call("putIfAbsent", 1, 1)), List.of(call("merge", 1, 2), call("get", 1))),
                // writers and readers of a key whose function runs
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("compute", 1, 1), call("compute", 1, 1)),
                        List.of(call("remove", 1), call("get", 1))),
                // a function of a key that is there while another key comes, which may copy the table
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("merge", 1, 2), call("compute", 1, 1), call("get", 1)),
                        List.of(call("get", 1), call("put", 2, 2), call("get", 1))));
    }

    /** For {@link LockOperations}; those about two keys only for {@link PairOperations}. */
    List<ExecutionScenario> ofLocks() {
        // holders that wait for one another, and the key goes
        ExecutionScenario ofOneKey = scenario(
                List.of(call("put", 1, 1)),
                List.of(call("lockAndSet", 1, 2), call("get", 1)),
                List.of(call("lockAndRemove", 1), call("compute", 1, 3)));
        if (!PairOperations.class.isAssignableFrom(operations)) {
            return List.of(ofOneKey);
        }
        if (RebalanceOperations.class.isAssignableFrom(operations)) {
            return ofRebalances();
        }
        return List.of(
                ofOneKey,
                // a reader of two keys while both change
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("get", 1), call("get", 2), call("get", 1)),
                        List.of(call("setBoth", 3))),
                // a writer of one of two keys, who must find what it wrote
                scenario(
                        List.of(call("put", 1, 1), call("put", 2, 1)),
                        List.of(call("setBoth", 3)),
                        List.of(call("put", 1, 2), call("get", 1))),
                // one key goes as the other comes
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("swap"), call("get", 2)),
                        List.of(call("get", 1), call("lockAndSet", 2, 4), call("get", 2))));
    }

    /** Each way of changing keys while their shards are divided, or become one, with and without drafts. */
    private List<ExecutionScenario> ofRebalances() {
        return List.of(
                // a key comes, changes and goes
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("rebalance", 1), call("rebalance", 2)),
                        List.of(call("lockAndRemove", 1), call("put", 2, 2), call("get", 2))),
                scenario(
                        List.of(call("rebalance", 3), call("put", 2, 2)),
                        List.of(call("rebalance", 4), call("rebalance", 3)),
                        List.of(call("put", 1, 1), call("put", 2, 3), call("get", 1))),
                // an owner ends while the table of its key is replaced
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("rebalance", 3), call("get", 1)),
                        List.of(call("compute", 1, 2), call("lockAndSet", 1, 3), call("get", 1))),
                // keys that change together, from one shard into two
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("rebalance", 3), call("get", 1), call("get", 2)),
                        List.of(call("setBoth", 3), call("put", 1, 4), call("get", 1))),
                // and from two into one
                scenario(
                        List.of(call("rebalance", 3), call("put", 1, 1)),
                        List.of(call("rebalance", 2), call("get", 2), call("get", 1)),
                        List.of(call("transactBoth", 3), call("get", 1))),
                // a snapshot while a shard is divided and another key written
                scenario(
                        List.of(call("put", 1, 1), call("put", 2, 2)),
                        List.of(call("rebalance", 1), call("put", 1, 2)),
                        List.of(call("snapshot"), call("put", 2, 3), call("snapshot"))));
    }

    /** For {@link TransactionOperations}. */
    List<ExecutionScenario> ofTransactions() {
        return List.of(
                // each reads what the other writes
                scenario(
                        List.of(call("put", 1, 1), call("put", 2, 1)),
                        List.of(call("writeOne", 1)),
                        List.of(call("writeOne", 2))),
                // a reader of both in one transaction while both change
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("readBoth"), call("readBoth")),
                        List.of(call("setBoth", 3))),
                // a reader of one and then the other, without a transaction
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("get", 2), call("get", 1)),
                        List.of(call("writeBoth", 2))),
                // a plain write between the reads of a transaction and its end
                scenario(
                        List.of(call("put", 1, 1), call("put", 2, 2)),
                        List.of(call("writeOne", 1), call("get", 1)),
                        List.of(call("put", 2, 4), call("get", 1))),
                // a writer who has read nothing else, and a transaction that has read what it writes
                scenario(
                        List.of(call("put", 1, 1)),
                        List.of(call("writeOne", 2), call("get", 1)),
                        List.of(call("put", 1, 3), call("get", 2))),
                // two readers of both while one of them is written after the other
                scenario(
                        List.of(),
                        List.of(call("readBoth"), call("readBoth")),
                        List.of(call("put", 1, 1), call("put", 2, 1))));
    }

    /** For {@link AsyncOperations}, beside those of transactions. */
    List<ExecutionScenario> ofAsync() {
        List<ExecutionScenario> all = new ArrayList<>(ofTransactions());
        all.addAll(ofLocks());
        // a take that is queued behind a holder, and what passes it
        all.add(scenario(
                List.of(call("put", 1, 1)),
                List.of(call("lockAndSet", 1, 2), call("asyncRemove", 1)),
                List.of(call("asyncLockAndSet", 1, 3), call("get", 1))));
        // two loads of one key, and one that comes when it is there
        all.add(scenario(
                List.of(),
                List.of(call("asyncComputeIfAbsent", 1, 1), call("asyncRemove", 1)),
                List.of(call("asyncComputeIfAbsent", 1, 2), call("asyncComputeIfAbsent", 1, 3))));
        // a write that is queued while both keys change at one instant
        all.add(scenario(
                List.of(call("put", 1, 1), call("put", 2, 1)),
                List.of(call("setBoth", 3), call("get", 1)),
                List.of(call("asyncPut", 1, 4), call("readBoth"))));
        // transactions of two kinds, each of which reads what the other writes
        all.add(scenario(
                List.of(call("put", 1, 1), call("put", 2, 1)),
                List.of(call("asyncWriteOne", 1), call("asyncPut", 2, 4)),
                List.of(call("writeOne", 2), call("readBoth"))));
        return all;
    }

    private static ExecutionScenario scenario(List<Actor> before, List<Actor> first, List<Actor> second) {
        return new ExecutionScenario(before, List.of(first, second), List.of(), null);
    }

    private Actor call(String name, Integer... arguments) {
        Method method = Arrays.stream(operations.getMethods())
                .filter(candidate -> candidate.getName().equals(name)
                        && candidate.getParameterCount() == arguments.length
                        && !candidate.isBridge())
                .findFirst()
                .orElseThrow();
        return new Actor(method, List.of((Object[]) arguments));
    }
}
