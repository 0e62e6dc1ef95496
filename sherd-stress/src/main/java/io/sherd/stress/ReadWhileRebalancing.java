package io.sherd.stress;

import io.sherd.Rebalance;
import io.sherd.RebalanceOptions;
import io.sherd.ShardedMap;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A key that is there is found at every moment of a step that divides its shard, or makes one of several; what is written meanwhile stays. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "nothing missed, nothing lost")
@Outcome(expect = Expect.FORBIDDEN, desc = "a key that is there was missed, or has a wrong value, or a write was lost")
@State
public class ReadWhileRebalancing {
    private static final int KEYS = 24;
    private static final RebalanceOptions PREPARED = RebalanceOptions.defaults().maxPause(Duration.ZERO);

    private final ShardedMap<Integer, Integer> map =
            ShardedMap.onHeap().shards(1).build();
    private final Rebalance rebalance;

    /** A map that is about to be divided, or to be united, and that each with and without drafts. */
    public ReadWhileRebalancing() {
        int kind = (int) System.nanoTime() >>> 4 & 3;
        for (int i = 0; i < KEYS; i++) {
            map.put(Maps.FILLER + i, Maps.FILLER + i);
        }
        if ((kind & 1) != 0) {
            map.shards().rebalanceTo(4);
        }
        this.rebalance = map.shards()
                .startRebalance((kind & 1) != 0 ? 1 : 4, (kind & 2) != 0 ? PREPARED : RebalanceOptions.defaults());
    }

    /** Does the steps. */
    @Actor
    public void rebalancer() {
        rebalance.advance(4);
    }

    /** Writes, reads all that is there, then what it wrote. Not a third actor: those need a processor each. */
    @Actor
    public void writer(II_Result result) {
        map.put(1, 1);
        int missed = 0;
        for (int i = 1; i < KEYS; i++) {
            Integer value = map.get(Maps.FILLER + i);
            if (value == null || value != Maps.FILLER + i) {
                missed++;
            }
        }
        map.put(1, 2);
        map.remove(Maps.FILLER);
        map.put(Maps.FILLER, Maps.FILLER);
        result.r1 = missed;
        result.r2 = map.getOrDefault(1, 0) == 2 && map.getOrDefault(Maps.FILLER, 0) == Maps.FILLER ? 1 : 0;
    }
}
