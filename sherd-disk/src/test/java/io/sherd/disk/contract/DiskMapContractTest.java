package io.sherd.disk.contract;

import io.sherd.testkit.AsyncContract;
import io.sherd.testkit.BatchContract;
import io.sherd.testkit.BulkContract;
import io.sherd.testkit.CompareAndExchangeContract;
import io.sherd.testkit.ComputeContract;
import io.sherd.testkit.ConcurrencyContract;
import io.sherd.testkit.ConcurrentMapContract;
import io.sherd.testkit.DeadlockContract;
import io.sherd.testkit.DrainContract;
import io.sherd.testkit.HoldContract;
import io.sherd.testkit.IterationContract;
import io.sherd.testkit.LockContract;
import io.sherd.testkit.NullsContract;
import io.sherd.testkit.RecursionContract;
import io.sherd.testkit.RunsOver;
import io.sherd.testkit.ShardsContract;
import io.sherd.testkit.SnapshotContract;
import io.sherd.testkit.SpliteratorContract;
import io.sherd.testkit.TransactionContract;
import io.sherd.testkit.ViewsContract;
import io.sherd.testkit.VirtualThreadContract;
import org.junit.jupiter.api.Nested;

/** The disk map keeps every contract. */
@RunsOver(DiskFixtures.class)
final class DiskMapContractTest {

    @Nested
    final class ConcurrentMapMethods extends ConcurrentMapContract {}

    @Nested
    final class NullArguments extends NullsContract {}

    @Nested
    final class Views extends ViewsContract {}

    @Nested
    final class Spliterators extends SpliteratorContract {}

    @Nested
    final class Bulk extends BulkContract {}

    @Nested
    final class Batches extends BatchContract {}

    @Nested
    final class CompareAndExchange extends CompareAndExchangeContract {}

    @Nested
    final class Drain extends DrainContract {}

    @Nested
    final class ShardsAndSizes extends ShardsContract {}

    @Nested
    final class Compute extends ComputeContract {}

    @Nested
    final class Recursion extends RecursionContract {}

    @Nested
    final class Holds extends HoldContract {}

    @Nested
    final class Locks extends LockContract {}

    @Nested
    final class Deadlocks extends DeadlockContract {}

    @Nested
    final class Async extends AsyncContract {}

    @Nested
    final class Transactions extends TransactionContract {}

    @Nested
    final class Snapshots extends SnapshotContract {
        @Override
        protected boolean closes() {
            return true;
        }
    }

    @Nested
    final class VirtualThreads extends VirtualThreadContract {}

    @Nested
    final class Iteration extends IterationContract {}

    @Nested
    final class Concurrency extends ConcurrencyContract {}
}
