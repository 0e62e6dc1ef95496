package io.sherd.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * An iterator gives an entry once it has promised one, no key with the value of another, and removes the key that it gave, though that stood in a slot which is
 * used again. The keys are kept as numbers.
 */
@JCStressTest
@Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "told of none")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "the first, and the second stays")
@Outcome(id = "2, 2, 0", expect = Expect.ACCEPTABLE, desc = "the second, and that is removed")
@Outcome(expect = Expect.FORBIDDEN, desc = "another key's value or removal, or none after it was promised")
@State
public class SlotReuseInIteratorOfNumbers {
    private final Twins<Long> twins = Twins.ofNumbers();

    /** Puts the second key in the place of the first. */
    @Actor
    public void writer() {
        twins.toSecond();
    }

    /** Takes an entry, and removes it. */
    @Actor
    public void reader(III_Result result) {
        twins.takeAndRemove(result);
    }

    /** What is left. */
    @Arbiter
    public void end(III_Result result) {
        result.r3 = twins.map.size();
    }
}
