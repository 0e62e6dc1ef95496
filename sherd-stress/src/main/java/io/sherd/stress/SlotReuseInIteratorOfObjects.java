package io.sherd.stress;

import io.sherd.ShardedMap;
import java.util.Iterator;
import java.util.Map;
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
    private final ShardedMap<String, Integer> map = Maps.collidingOfObjects();

    /** The first key is there from the start. */
    public SlotReuseInIteratorOfObjects() {
        map.put("1", 1);
    }

    /** Puts another key in its place. */
    @Actor
    public void writer() {
        map.remove("1");
        map.put("2", 2);
    }

    /** Takes an entry, and removes it. */
    @Actor
    public void reader(III_Result result) {
        Iterator<Map.Entry<String, Integer>> entries = map.entrySet().iterator();
        if (entries.hasNext()) {
            Map.Entry<String, Integer> entry = entries.next();
            result.r1 = Integer.parseInt(entry.getKey());
            result.r2 = entry.getValue();
            entries.remove();
        }
    }

    /** What is left. */
    @Arbiter
    public void end(III_Result result) {
        result.r3 = map.size();
    }
}
