package io.sherd.testkit.lincheck;

import java.util.List;
import java.util.function.Consumer;

/** Transactions, holds, plain and asynchronous writes of the same keys, by stress, for as long as one likes. */
public final class LincheckMix {
    private static final int RUNS = 1_000;
    private static final int MOST_SCENARIOS = 12;

    private LincheckMix() {}

    /**
     * Checks all states by stress until scenarios were run so many times.
     *
     * @param states what to check
     * @param invocations how many runs at least
     * @param log gets lines for a person to read
     * @return how many there were
     * @throws AssertionError if one has no sequential explanation
     */
    public static long check(List<Class<? extends AsyncOperations>> states, long invocations, Consumer<String> log) {
        long before = Invocations.counted();
        int scenarios = Math.clamp(invocations / ((long) states.size() * RUNS), 1, MOST_SCENARIOS);
        while (Invocations.counted() - before < invocations) {
            for (Class<? extends AsyncOperations> state : states) {
                LincheckRuns.stressTransactions(state, scenarios, RUNS);
                log.accept((Invocations.counted() - before) + " runs of scenarios, the last of " + state.getName());
            }
        }
        return Invocations.counted() - before;
    }
}
