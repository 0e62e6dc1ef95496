package io.sherd.testkit.soak;

import io.sherd.testkit.soak.Findings.Kind;
import java.util.Arrays;

/** Compares a store in which nobody writes with the ledger: every key, the size, and a traversal against the reads. */
final class Verification {
    private static final long ABSENT = -1;

    private final StoreUnderTest store;
    private final Judge judge;
    private final Values values;
    private final Findings findings;
    private final int keys;

    Verification(StoreUnderTest store, Judge judge, Values values, Findings findings, int keys) {
        this.store = store;
        this.judge = judge;
        this.values = values;
        this.findings = findings;
        this.keys = keys;
    }

    /** Checks everything and returns the number of keys present. */
    long run() {
        long[] versions = new long[keys + Ledger.COUNTERS];
        Arrays.fill(versions, ABSENT);
        long present = 0;
        for (int key = 0; key < versions.length; key++) {
            byte[] answer = store.get(key);
            if (key < keys) {
                judge.settle(key, answer);
            } else {
                judge.settleCounter(key, key - keys, answer);
            }
            if (answer != null) {
                versions[key] = values.version(key, answer);
                present++;
            }
        }
        long size = store.size();
        if (size != present) {
            findings.add(Kind.WRONG, "size is " + size + ", but " + present + " keys are present");
        }
        traverse(versions);
        return present;
    }

    private void traverse(long[] versions) {
        boolean[] seen = new boolean[versions.length];
        store.forEach((key, value) -> {
            if (key < 0 || key >= versions.length) {
                findings.add(Kind.WRONG, "iteration gives a key that nobody wrote");
            } else if (seen[key]) {
                findings.add(Kind.WRONG, "iteration gives key " + key + " twice");
            } else {
                seen[key] = true;
                if (values.version(key, value) != versions[key]) {
                    findings.add(
                            Kind.WRONG,
                            "iteration gives key " + key + " version " + values.version(key, value)
                                    + ", but get gave version " + versions[key]);
                }
            }
        });
        for (int key = 0; key < versions.length; key++) {
            if (versions[key] != ABSENT && !seen[key]) {
                findings.add(Kind.WRONG, "iteration leaves out key " + key + ", which is present");
            }
        }
    }
}
