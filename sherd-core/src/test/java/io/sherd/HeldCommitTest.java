package io.sherd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the announcement of a commit. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HeldCommitTest {
    private static final long ALL = 1L << 31;

    /** A key that tells when it is compared. */
    private record Watched(int number, Runnable compared) {
        @Override
        public boolean equals(@Nullable Object other) {
            compared.run();
            return other instanceof Watched watched && number == watched.number;
        }

        @Override
        public int hashCode() {
            return number;
        }
    }

    /**
     * A rebalance may merge a segment from which a commit was taken back with one that has it yet, and split them again: the
     * first would have it again, for ever, if it were inherited.
     */
    @Test
    void aCommitThatIsTakenBackIsInheritedNoMore() {
        HeapMap<Object, Object> map = new HeapMap<>(1, 1, 1, 0, true, SnapshotMode.COW, 0);
        AtomicReference<@Nullable Commit> seen = new AtomicReference<>();
        Runnable look = () -> {
            Segment segment = map.segment(0);
            if (segment != null && segment.announced != null) {
                assertThat(segment.announced.within(0, ALL)).isNotNull();
                seen.set(segment.announced);
            }
        };
        for (int number = 0; number < 2; number++) {
            map.put(new Watched(number, look), "old");
        }
        try (LockedEntries<Object, Object> entries = map.lockAll(List.of(new Watched(0, look), new Watched(1, look)))) {
            for (LockedEntry<Object, Object> entry : entries) {
                entry.setValue("new");
            }
        }
        Commit commit = seen.get();
        assertThat(commit).isNotNull();
        assertThat(commit.within(0, ALL)).isNull();
        Segment segment = map.segment(0);
        assertThat(segment).isNotNull();
        assertThat(segment.announced).isNull();
    }
}
