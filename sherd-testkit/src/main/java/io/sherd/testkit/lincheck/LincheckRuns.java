package io.sherd.testkit.lincheck;

import java.util.List;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuarantee;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * How Lincheck is run: long enough to find the faults that the suite plants, short enough for every build. The system
 * properties {@code sherd.lincheck.iterations} (scenarios) and {@code sherd.lincheck.invocations} (runs of each) make it
 * longer.
 *
 * <p>Model checking tries interleavings one after the other, with switches at every shared access; it knows no reordering
 * of memory, which is for stress and jcstress to find, and does not see mapped memory.
 */
public final class LincheckRuns {
    private static final int MODEL_ITERATIONS = 8;
    private static final int MODEL_INVOCATIONS = 300;

    /** Holding keys takes many more steps, and its hazards have scenarios of their own. */
    private static final int LOCK_MODEL_ITERATIONS = 2;

    private static final int LOCK_MODEL_INVOCATIONS = 100;
    private static final int STRESS_ITERATIONS = 20;
    private static final int STRESS_INVOCATIONS = 1_000;

    /** Explaining transactions takes Lincheck longer, and their hazards have scenarios of their own. */
    private static final int TRANSACTION_ITERATIONS = 2;

    private static final int TRANSACTION_INVOCATIONS = 300;

    private static final int TRANSACTION_MODEL_ITERATIONS = 0;
    private static final int TRANSACTION_MODEL_INVOCATIONS = 50;

    /** A loop with more rounds counts as endless; copying a segment that splits takes some hundred, and a pause as many. */
    static final int LONGEST_LOOP = 2_000;

    /** Lincheck cannot follow a view of a byte array; each such read stands in a method that it takes for one step. */
    private static final ManagedStrategyGuarantee READ_OF_EIGHT_TAGS = ManagedStrategyGuaranteeKt.forClasses(
                    "io.sherd.Tags")
            .methods("wordPlain", "wordAcquire")
            .treatAsAtomic();

    private LincheckRuns() {}

    /**
     * Checks interleavings systematically.
     *
     * @param operations a subclass of {@link MapOperations}
     * @throws AssertionError if an execution has no sequential explanation; it shows the interleaving
     */
    public static void modelCheck(Class<? extends MapOperations> operations) {
        modelCheck(
                operations,
                SequentialMap.class,
                new Scenarios(operations).all(),
                Integer.getInteger("sherd.lincheck.iterations", MODEL_ITERATIONS),
                Integer.getInteger("sherd.lincheck.invocations", MODEL_INVOCATIONS));
    }

    /**
     * Checks interleavings of {@link LockOperations} systematically.
     *
     * @param operations a subclass
     * @throws AssertionError if an execution has no sequential explanation; it shows the interleaving
     */
    public static void modelCheckLocks(Class<? extends LockOperations> operations) {
        modelCheck(
                operations,
                SequentialLocks.class,
                new Scenarios(operations).ofLocks(),
                Integer.getInteger("sherd.lincheck.iterations", LOCK_MODEL_ITERATIONS),
                Integer.getInteger("sherd.lincheck.invocations", LOCK_MODEL_INVOCATIONS));
    }

    /**
     * Checks what real threads do with {@link AsyncOperations}.
     *
     * @param operations a subclass
     * @throws AssertionError if an execution has no sequential explanation
     */
    public static void stressTransactions(Class<? extends AsyncOperations> operations) {
        stressTransactions(
                operations,
                Integer.getInteger("sherd.lincheck.iterations", TRANSACTION_ITERATIONS),
                Integer.getInteger("sherd.lincheck.invocations", TRANSACTION_INVOCATIONS));
    }

    static void stressTransactions(Class<? extends AsyncOperations> operations, int iterations, int invocations) {
        stress(operations, SequentialAsync.class, new Scenarios(operations).ofAsync(), iterations, invocations);
    }

    /**
     * Checks interleavings of {@link TransactionOperations} systematically. Only where there is one processor ({@code
     * -XX:ActiveProcessorCount=1}): with more, a thread spins before it waits, and each round of that is one more place to switch.
     *
     * @param operations a subclass whose operations take place in the calling thread, so not of {@link AsyncOperations}
     * @throws AssertionError if an execution has no sequential explanation; it shows the interleaving
     */
    public static void modelCheckTransactions(Class<? extends TransactionOperations> operations) {
        modelCheck(
                operations,
                SequentialTransactions.class,
                new Scenarios(operations).ofTransactions(),
                Integer.getInteger("sherd.lincheck.iterations", TRANSACTION_MODEL_ITERATIONS),
                Integer.getInteger("sherd.lincheck.invocations", TRANSACTION_MODEL_INVOCATIONS));
    }

    private static void modelCheck(
            Class<?> operations,
            Class<?> specification,
            List<ExecutionScenario> scenarios,
            int iterations,
            int invocations) {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .iterations(iterations)
                .invocationsPerIteration(invocations)
                .threads(2)
                .actorsBefore(2)
                .actorsPerThread(3)
                .actorsAfter(1)
                .addGuarantee(READ_OF_EIGHT_TAGS)
                .loopBound(LONGEST_LOOP)
                .sequentialSpecification(specification);
        scenarios.forEach(options::addCustomScenario);
        options.check(operations);
    }

    /**
     * Checks what real threads do.
     *
     * @param operations a subclass of {@link MapOperations}
     * @throws AssertionError if an execution has no sequential explanation
     */
    public static void stress(Class<? extends MapOperations> operations) {
        stress(operations, SequentialMap.class, new Scenarios(operations).all());
    }

    /**
     * Checks what real threads do with {@link LockOperations}.
     *
     * @param operations a subclass
     * @throws AssertionError if an execution has no sequential explanation
     */
    public static void stressLocks(Class<? extends LockOperations> operations) {
        stress(operations, SequentialLocks.class, new Scenarios(operations).ofLocks());
    }

    private static void stress(Class<?> operations, Class<?> specification, List<ExecutionScenario> scenarios) {
        stress(
                operations,
                specification,
                scenarios,
                Integer.getInteger("sherd.lincheck.iterations", STRESS_ITERATIONS),
                Integer.getInteger("sherd.lincheck.invocations", STRESS_INVOCATIONS));
    }

    private static void stress(
            Class<?> operations,
            Class<?> specification,
            List<ExecutionScenario> scenarios,
            int iterations,
            int invocations) {
        StressOptions options = new StressOptions()
                .iterations(iterations)
                .invocationsPerIteration(invocations)
                .threads(3)
                .actorsBefore(2)
                .actorsPerThread(3)
                .actorsAfter(2)
                .sequentialSpecification(specification);
        scenarios.forEach(options::addCustomScenario);
        options.check(operations);
    }
}
