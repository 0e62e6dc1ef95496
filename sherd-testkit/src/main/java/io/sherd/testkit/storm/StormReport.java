package io.sherd.testkit.storm;

/**
 * What storms have shown.
 *
 * @param runs storms
 * @param operations keys that were taken, written or refused
 * @param deadlocks how often somebody was told of a deadlock
 * @param hangs storms that did not end
 * @param kept keys that were still held at the end
 * @param wrong answers that must not be
 * @param controls planted faults
 * @param caught planted faults that were found
 */
public record StormReport(
        int runs, long operations, long deadlocks, int hangs, int kept, long wrong, int controls, int caught) {

    /**
     * Whether everything was as promised.
     *
     * @return true if every storm ended well and every planted fault was found
     */
    public boolean isClean() {
        return hangs == 0 && kept == 0 && wrong == 0 && caught == controls;
    }

    /**
     * The figures on one line.
     *
     * @return {@code deadlock: runs=...} and so on
     */
    public String summary() {
        return "deadlock: runs=" + runs + " operations=" + operations + " deadlocks=" + deadlocks + " hangs=" + hangs
                + " kept=" + kept + " wrong=" + wrong + " controls=" + caught + "/" + controls + " caught";
    }
}
