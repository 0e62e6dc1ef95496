package io.sherd.stress;

import io.sherd.ShardedMap;
import java.util.Map;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Who meets a key in an iteration, or compares with it in a look-up, sees it fully built. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "not there yet")
@Outcome(id = "5, 0", expect = Expect.ACCEPTABLE, desc = "iterated, and written after the look-up")
@Outcome(id = "0, 9", expect = Expect.ACCEPTABLE, desc = "written after the iteration")
@Outcome(id = "5, 9", expect = Expect.ACCEPTABLE, desc = "iterated and found")
@Outcome(expect = Expect.FORBIDDEN, desc = "a key that is not fully built")
@State
public class KeyPublication {
    private final ShardedMap<Key, Integer> map = Maps.small();

    static final class Key {
        int number;

        Key(int number) {
            this.number = number;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.number == number;
        }

        @Override
        public int hashCode() {
            return number;
        }
    }

    /** Writes. */
    @Actor
    public void writer() {
        map.put(new Key(5), 9);
    }

    /** Iterates, then looks up. */
    @Actor
    public void reader(II_Result result) {
        for (Map.Entry<Key, Integer> entry : map.entrySet()) {
            result.r1 = entry.getKey().number;
        }
        Integer value = map.get(new Key(5));
        result.r2 = value == null ? 0 : value;
    }
}
