package io.sherd.testkit;

import org.junit.jupiter.api.Nested;

/** The heap map keeps every contract. */
@RunsOver(HeapFixtures.class)
final class HeapMapContractTest {

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
    final class VirtualThreads extends VirtualThreadContract {}

    @Nested
    final class Iteration extends IterationContract {}

    @Nested
    final class Concurrency extends ConcurrencyContract {}
}
