package io.sherd.testkit.lincheck;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.ShardedMap;
import java.util.concurrent.locks.LockSupport;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The checks can fail: both find a planted race. */
@Tag("lincheck")
final class LincheckControlTest {
    private static final long WAIT_NANOS = 20_000;

    /** Two callers can both see the key absent, and both write it. */
    public static class CheckThenAct extends MapOperations {
        public CheckThenAct() {
            super(ShardedMap.onHeap().shards(1).build());
        }

        @Override
        @Operation
        public Integer putIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
            Integer present = get(key);
            if (present == null) {
                beforeAct();
                put(key, value);
            }
            return present;
        }

        void beforeAct() {}
    }

    /** The same, with time for another thread to come between also where cores are few or busy. */
    public static final class CheckWaitAct extends CheckThenAct {
        @Override
        void beforeAct() {
            LockSupport.parkNanos(WAIT_NANOS);
        }
    }

    @Tag("model-checking")
    @Test
    void modelCheckingFindsCheckThenAct() {
        assertThatThrownBy(() -> LincheckRuns.modelCheck(CheckThenAct.class))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining("Invalid execution results")
                .hasMessageContaining("putIfAbsent");
    }

    @Test
    void stressFindsCheckThenAct() {
        assertThatThrownBy(() -> LincheckRuns.stress(CheckWaitAct.class))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining("Invalid execution results")
                .hasMessageContaining("putIfAbsent");
    }
}
