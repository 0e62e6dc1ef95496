package io.sherd.disk.contract;

import io.sherd.testkit.AsyncContract;
import io.sherd.testkit.BatchContract;
import io.sherd.testkit.ComputeContract;
import io.sherd.testkit.ConcurrencyContract;
import io.sherd.testkit.HoldContract;
import io.sherd.testkit.LockContract;
import io.sherd.testkit.RunsOver;
import io.sherd.testkit.TransactionContract;
import io.sherd.testkit.VirtualThreadContract;
import org.junit.jupiter.api.Nested;

/** The contracts about waiting, where every write waits for a flush too. */
@RunsOver(FlushedFixture.class)
final class FlushedDiskMapContractTest {

    @Nested
    final class Batches extends BatchContract {}

    @Nested
    final class Compute extends ComputeContract {}

    @Nested
    final class Holds extends HoldContract {}

    @Nested
    final class Locks extends LockContract {}

    @Nested
    final class Async extends AsyncContract {}

    @Nested
    final class Transactions extends TransactionContract {}

    @Nested
    final class VirtualThreads extends VirtualThreadContract {}

    @Nested
    final class Concurrency extends ConcurrencyContract {}
}
