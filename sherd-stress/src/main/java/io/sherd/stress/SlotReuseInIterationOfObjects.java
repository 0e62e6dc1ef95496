package io.sherd.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** An iteration never pairs a key with the value of another that had, or gets, its slot. The keys are kept as objects. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "each key its own value")
@Outcome(expect = Expect.FORBIDDEN, desc = "another key's value")
@State
public class SlotReuseInIterationOfObjects {
    private final Twins<String> twins = Twins.ofObjects();

    /** Puts one key in the other's place, and back. */
    @Actor
    public void writer() {
        twins.toSecond();
        twins.toFirst();
    }

    /** Iterates. */
    @Actor
    public void reader(I_Result result) {
        result.r1 = twins.wrongValues();
    }
}
