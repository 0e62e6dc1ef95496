package io.sherd.testkit.soak;

import java.util.List;

/**
 * How one child ended.
 *
 * @param killed whether it was killed as planned
 * @param lost how often it reported a lost write
 * @param wrong how often it reported a wrong answer
 * @param hung whether it stood still
 * @param failed whether it failed in another way
 * @param text what to show of it
 */
record RunResult(boolean killed, int lost, int wrong, boolean hung, boolean failed, List<String> text) {

    boolean isClean() {
        return lost == 0 && wrong == 0 && !hung && !failed;
    }

    boolean shows(Fault.Catch expected) {
        return switch (expected) {
            case NOTHING -> false;
            case LOST -> lost > 0;
            case WRONG -> wrong > 0;
            case HANG -> hung;
        };
    }
}
