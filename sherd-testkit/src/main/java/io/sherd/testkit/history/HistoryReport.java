package io.sherd.testkit.history;

/**
 * What histories have shown.
 *
 * @param runs histories, each followed by a run of transfers where there are transactions
 * @param operations operations that were recorded, attempts in vain among them
 * @param wrong what had no serial order, and sums that were not constant
 * @param controls planted faults
 * @param caught planted faults that were found
 */
public record HistoryReport(int runs, long operations, int wrong, int controls, int caught) {

    /**
     * Whether everything was as promised.
     *
     * @return true if nothing was wrong and every planted fault was found
     */
    public boolean isClean() {
        return wrong == 0 && caught == controls;
    }

    /**
     * The figures on one line.
     *
     * @return {@code serializable: runs=...} and so on
     */
    public String summary() {
        return "serializable: runs=" + runs + " operations=" + operations + " wrong=" + wrong + " controls=" + caught
                + "/" + controls + " caught";
    }
}
