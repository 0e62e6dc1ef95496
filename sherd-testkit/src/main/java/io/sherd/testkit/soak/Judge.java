package io.sherd.testkit.soak;

import io.sherd.testkit.soak.Findings.Kind;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Says whether what a store answered for a key is what the ledger allows, and which kind of wrong it is if not. */
final class Judge {
    private final Values values;
    private final Ledger ledger;
    private final Findings findings;

    Judge(Values values, Ledger ledger, Findings findings) {
        this.values = values;
        this.ledger = ledger;
        this.findings = findings;
    }

    /** Whether the answer is exactly one state. */
    boolean matches(int key, long state, byte @Nullable [] answer) {
        return Ledger.isPresent(state)
                ? answer != null && Arrays.equals(answer, values.of(key, Ledger.version(state)))
                : answer == null;
    }

    /** Checks an answer that must be one state, because nobody else writes the key. */
    void expect(String where, int key, long state, byte @Nullable [] answer) {
        if (!matches(key, state, answer)) {
            report(where, key, state, state, answer);
        }
    }

    /** Checks an answer against the two states that a kill may leave, and settles the ledger on the one found. */
    void settle(int key, byte @Nullable [] answer) {
        long acknowledged = ledger.acknowledged(key);
        long intended = ledger.intended(key);
        if (matches(key, intended, answer)) {
            ledger.settle(key, intended);
        } else if (matches(key, acknowledged, answer)) {
            ledger.settle(key, acknowledged);
        } else {
            report("after the kill", key, acknowledged, intended, answer);
        }
    }

    /** Checks a counter's value against what was promised, and settles the ledger on it. */
    void settleCounter(int key, int counter, byte @Nullable [] answer) {
        long value = answer == null ? 0 : values.version(key, answer);
        long least = ledger.leastCount(counter);
        long most = ledger.mostCount(counter);
        if (value >= least && value <= most) {
            ledger.settleCounter(counter, value);
        } else {
            findings.add(
                    value != Values.NONE && value < least ? Kind.LOST : Kind.WRONG,
                    "counter " + counter + " is " + (value == Values.NONE ? "no number of its own" : value)
                            + ", but must be " + least + " to " + most);
        }
    }

    /** Checks a read that ran beside the key's writer. */
    void read(int key, long acknowledgedBefore, byte @Nullable [] answer, long intendedAfter) {
        boolean right;
        if (answer == null) {
            right = acknowledgedBefore != intendedAfter || !Ledger.isPresent(acknowledgedBefore);
        } else {
            long version = values.version(key, answer);
            right = version >= Ledger.version(acknowledgedBefore) && version <= Ledger.version(intendedAfter);
        }
        if (!right) {
            report("read", key, acknowledgedBefore, intendedAfter, answer);
        }
    }

    private void report(String where, int key, long acknowledged, long intended, byte @Nullable [] answer) {
        long version = answer == null ? 0 : values.version(key, answer);
        boolean older = version != Values.NONE && version < Ledger.version(acknowledged);
        findings.add(
                older ? Kind.LOST : Kind.WRONG,
                where + ": key " + key + " is " + describe(answer, version) + ", but must be "
                        + Ledger.describe(acknowledged)
                        + (intended == acknowledged ? "" : " or " + Ledger.describe(intended)));
    }

    private static String describe(byte @Nullable [] answer, long version) {
        if (answer == null) {
            return "absent";
        }
        return version == Values.NONE ? "bytes that nobody wrote, length " + answer.length : "version " + version;
    }
}
