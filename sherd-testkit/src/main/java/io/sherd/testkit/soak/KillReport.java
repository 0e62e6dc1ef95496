package io.sherd.testkit.soak;

/**
 * What a run of the harness found.
 *
 * @param runs children that were started
 * @param kills children that were killed
 * @param operations writes that began
 * @param acknowledged writes that returned
 * @param lost acknowledged writes that were not there
 * @param wrong answers that nobody wrote
 * @param hangs children that stood still
 * @param errors children that failed in another way
 * @param controls planted faults
 * @param caught planted faults that were found
 */
public record KillReport(
        int runs,
        int kills,
        long operations,
        long acknowledged,
        long lost,
        long wrong,
        int hangs,
        int errors,
        int controls,
        int caught) {

    /**
     * Whether everything was as promised.
     *
     * @return true if nothing was lost, wrong, hanging or failing and every planted fault was found
     */
    public boolean isClean() {
        return lost == 0 && wrong == 0 && hangs == 0 && errors == 0 && caught == controls;
    }

    /**
     * The figures on one line.
     *
     * @return {@code kill: runs=... kills=...} and so on
     */
    public String summary() {
        return "kill: runs=" + runs + " kills=" + kills + " operations=" + operations + " acknowledged=" + acknowledged
                + " lost=" + lost + " wrong=" + wrong + " hangs=" + hangs + " errors=" + errors + " controls=" + caught
                + "/" + controls + " caught";
    }
}
