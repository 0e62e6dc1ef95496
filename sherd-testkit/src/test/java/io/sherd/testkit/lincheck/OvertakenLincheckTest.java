package io.sherd.testkit.lincheck;

import io.sherd.ShardedMap;
import java.util.List;
import java.util.Objects;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuarantee;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A function's value is on its way into a table that is copied at this very moment: who has seen it in the old table sees no
 * older one in the new.
 *
 * <p>To meet that at random, three threads would have to be switched five times at the right places. So the reader is also
 * the one who inserts, from within {@code equals}, between finding its key and reading the value; that leaves three switches
 * of two threads.
 */
@Tag("lincheck")
final class OvertakenLincheckTest {
    private static final int INVOCATIONS = 4_000;

    /** A key that can do something once, when it has met its equal. */
    private static final class Key {
        private final int number;
        private @Nullable Runnable action;

        Key(int number, @Nullable Runnable action) {
            this.number = number;
            this.action = action;
        }

        @Override
        public int hashCode() {
            return number;
        }

        @Override
        public boolean equals(Object other) {
            if (!(other instanceof Key that) || number != that.number) {
                return false;
            }
            Runnable once = action;
            if (once != null) {
                action = null;
                once.run();
            }
            return true;
        }
    }

    /** The first insertion replaces the only table. */
    public static final class Overtaken {
        private static final int ENTRIES = entries();

        private final ShardedMap<Key, Integer> map = filled(ENTRIES);

        private static ShardedMap<Key, Integer> filled(int entries) {
            ShardedMap<Key, Integer> map =
                    ShardedMap.onHeap().shards(1).maxShards(1).build();
            for (int i = 1; i <= entries; i++) {
                map.put(new Key(i, null), 1);
            }
            return map;
        }

        private static int entries() {
            int entries = 1;
            while (filled(entries + 1).shards().bytes()
                    == filled(entries).shards().bytes()) {
                entries++;
            }
            return entries;
        }

        @Operation
        public Integer merge() {
            return map.merge(new Key(1, null), 1, Integer::sum);
        }

        @Operation
        public boolean readInOldTableAndInNew() {
            Integer inOld = map.get(new Key(1, () -> map.put(new Key(1_000, null), 1)));
            Integer inNew = map.get(new Key(1, null));
            return Objects.requireNonNull(inOld) <= Objects.requireNonNull(inNew);
        }
    }

    /** What must come of it. */
    public static final class Expected {
        private int value = 1;

        public Integer merge() {
            return ++value;
        }

        public boolean readInOldTableAndInNew() {
            return true;
        }
    }

    /** Methods between whose accesses nothing is switched, so that the search is about the order of the steps. */
    private static ManagedStrategyGuarantee oneStep(String type, String... methods) {
        return ManagedStrategyGuaranteeKt.forClasses("io.sherd." + type)
                .methods(methods)
                .treatAsAtomic();
    }

    private static Actor call(String name) throws NoSuchMethodException {
        return new Actor(Overtaken.class.getMethod(name), List.of());
    }

    @Tag("model-checking")
    @Test
    void aValueDoesNotComeAndGo() throws NoSuchMethodException {
        new ModelCheckingOptions()
                .iterations(0)
                .invocationsPerIteration(Integer.getInteger("sherd.lincheck.invocations", INVOCATIONS))
                .addGuarantee(oneStep("Tags", "wordPlain", "wordAcquire"))
                .addGuarantee(oneStep("HeapMap", "segment", "segmentOrNew", "write", "finishHeld"))
                .addGuarantee(oneStep("Segment", "slotOf"))
                .addGuarantee(oneStep("ObjectSegment", "takePresent"))
                .loopBound(LincheckRuns.LONGEST_LOOP)
                .addCustomScenario(new ExecutionScenario(
                        List.of(),
                        List.of(List.of(call("merge")), List.of(call("readInOldTableAndInNew"))),
                        List.of(),
                        null))
                .sequentialSpecification(Expected.class)
                .check(Overtaken.class);
    }
}
