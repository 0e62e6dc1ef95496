package io.sherd.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * The same as {@link SlotReuseInIteratorOfNumbers} where the keys are kept as objects: the key to be removed is one of a copy that was made of some slots at a time.
 */
@JCStressTest
@Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "told of none")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "the first, and the second stays")
@Outcome(id = "2, 2, 0", expect = Expect.ACCEPTABLE, desc = "the second, and that is removed")
@Outcome(expect = Expect.FORBIDDEN, desc = "another key's value or removal, or none after it was promised")
@State
public class SlotReuseInIteratorOfObjects {
    private final Twins<String> twins = Twins.ofObjects();

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
