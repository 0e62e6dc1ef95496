package io.sherd.testkit.lincheck;

import io.sherd.LockedEntries;
import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** Two keys that change together, beside {@link LockOperations}: for maps that show this at one instant. */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public abstract class PairOperations extends LockOperations {
    /**
     * Takes the map to check.
     *
     * @param map a map without the keys 1 and 2; it may have others, which nobody touches
     */
    protected PairOperations(ShardedMap<Integer, Integer> map) {
        this(map, 0);
    }

    /**
     * Takes a map that other checks use as well, each with keys of its own.
     *
     * @param map the map
     * @param before the keys of this check are {@code before + 1} and {@code before + 2}
     */
    protected PairOperations(ShardedMap<Integer, Integer> map, int before) {
        super(map, before);
    }

    /**
     * Holds both keys, and gives them one value.
     *
     * @param value the value
     * @return the values before
     */
    @Operation
    public String setBoth(@Param(name = "value") int value) {
        try (LockedEntries<Integer, Integer> entries = map.lockAll(List.of(before + 2, before + 1))) {
            Integer one = entries.get(before + 1).setValue(value);
            Integer other = entries.get(before + 2).setValue(value);
            return one + " " + other;
        }
    }

    /**
     * Holds both keys, and swaps what they have, if anything.
     *
     * @return the values before
     */
    @Operation
    public String swap() {
        try (LockedEntries<Integer, Integer> entries = map.lockAll(List.of(before + 1, before + 2))) {
            LockedEntry<Integer, Integer> one = entries.get(before + 1);
            LockedEntry<Integer, Integer> other = entries.get(before + 2);
            Integer ofOne = one.remove();
            Integer ofOther = other.remove();
            if (ofOther != null) {
                one.setValue(ofOther);
            }
            if (ofOne != null) {
                other.setValue(ofOne);
            }
            return ofOne + " " + ofOther;
        }
    }
}
