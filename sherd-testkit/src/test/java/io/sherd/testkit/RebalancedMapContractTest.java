package io.sherd.testkit;

import org.junit.jupiter.api.Nested;

/** The heap map keeps the contracts while it is being rebalanced; but not those about the number of its shards. */
@RunsOver(RebalancedFixtures.class)
final class RebalancedMapContractTest {

    @Nested
    final class ConcurrentMapMethods extends ConcurrentMapContract {}

    @Nested
    final class Views extends ViewsContract {}

    @Nested
    final class Bulk extends BulkContract {}

    @Nested
    final class Batches extends BatchContract {}

    @Nested
    final class CompareAndExchange extends CompareAndExchangeContract {}

    @Nested
    final class Drain extends DrainContract {}

    @Nested
    final class Compute extends ComputeContract {}

    @Nested
    final class Recursion extends RecursionContract {}

    @Nested
    final class Holds extends HoldContract {}

    @Nested
    final class Locks extends LockContract {
        /** Not a test here: it compares the bytes of all shards, which are others each time. */
        @Override
        void anAbsentKeyThatWasLockedLeavesNothing() {}
    }

    @Nested
    final class Deadlocks extends DeadlockContract {}

    @Nested
    final class Async extends AsyncContract {}

    @Nested
    final class Transactions extends TransactionContract {
        @Override
        protected boolean isReshaped() {
            return true;
        }
    }

    @Nested
    final class Iteration extends IterationContract {}

    @Nested
    final class Concurrency extends ConcurrencyContract {}

    @Nested
    final class Snapshots extends SnapshotContract {
        @Override
        protected boolean closes() {
            return true;
        }
    }
}
