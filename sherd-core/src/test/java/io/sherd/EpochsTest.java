package io.sherd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What writers do to segments that snapshots have, step by step. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EpochsTest {
    private static final long OWNER = 4711;

    private final HeapMap<Object, Object> map = new HeapMap<>(1, 1, 1, 0, null, SnapshotMode.COW, 0);

    EpochsTest() {
        for (int key = 0; key < 4; key++) {
            map.put(key, "old " + key);
        }
    }

    private Segment segment() {
        return Objects.requireNonNull(map.segment(0));
    }

    @Test
    void theFirstWriteCopiesAndTheNextDoesNot() {
        Segment before = segment();
        try (Snapshot<Object, Object> snapshot = map.snapshot()) {
            assertThat(segment()).isSameAs(before);
            map.put(1, "new");
            Segment copy = segment();
            assertThat(copy).isNotSameAs(before);
            map.put(2, "new");
            map.remove(3);
            assertThat(segment()).isSameAs(copy);
            assertThat(snapshot.get(1)).isEqualTo("old 1");
        }
    }

    @Test
    void nothingIsCopiedForOneThatIsClosed() {
        Segment before = segment();
        map.snapshot().close();
        map.put(1, "new");
        map.merge(2, "new", (old, now) -> now);
        assertThat(segment()).isSameAs(before);
    }

    @Test
    void nothingIsCopiedForOneThatWasCollected() throws InterruptedException {
        Segment before = segment();
        long epoch = map.epochs.epoch();
        map.snapshot();
        while (map.epochs.isNeeded(epoch)) {
            System.gc();
            Thread.sleep(1);
        }
        map.put(1, "new");
        assertThat(segment()).isSameAs(before);
    }

    @Test
    void aClosedOneIsTakenUpAgainWhileNothingWasWritten() {
        map.snapshot().close();
        long epoch = map.epochs.epoch();
        Segment before = segment();
        try (Snapshot<Object, Object> snapshot = map.snapshot()) {
            assertThat(map.epochs.epoch()).isEqualTo(epoch);
            map.put(1, "new");
            assertThat(segment()).isNotSameAs(before);
            assertThat(snapshot.get(1)).isEqualTo("old 1");
        }
    }

    /** Takes key 1 as another thread would, and answers the ticket. */
    private long hold(Segment segment, int slot) {
        assertThat(segment.lock()).isTrue();
        return segment.suspend(slot, map.hash(1), 1, OWNER);
    }

    private static @Nullable Object inTable(Segment segment, int slot) {
        return segment.entries[segment.valueIndex(slot)];
    }

    @Test
    void anOwnerWhoseLookCameBeforeTheCutMayWriteLate() {
        Segment segment = segment();
        int slot = segment.slotOf(map.hash(1), 1);
        long ticket = hold(segment, slot);
        Snapshot<Object, Object> snapshot = map.snapshot();
        // what tryReplace does after its look, when the cut came in between
        Segment.setElementRelease(segment.entries, segment.valueIndex(slot), "late");
        assertThat(map.get(1)).isEqualTo("late");
        assertThat(snapshot.get(1)).isEqualTo("old 1");
        assertThat(segment.tryReplace(ticket, slot, "late")).isFalse();
        map.put(2, "new"); // copies the segment
        assertThat(segment()).isNotSameAs(segment);
        assertThat(map.get(1)).isEqualTo("late");
        assertThat(snapshot.get(1)).isEqualTo("old 1");
        Snapshot<Object, Object> second = map.snapshot();
        assertThat(second.get(1)).isEqualTo("late");
        assertThat(second.changesSince(snapshot).size()).isEqualTo(2);
    }

    @Test
    void anEarlyWriteThatCameFirstIsInTheSnapshot() {
        Segment segment = segment();
        int slot = segment.slotOf(map.hash(1), 1);
        hold(segment, slot);
        Segment.setElementRelease(segment.entries, segment.valueIndex(slot), "early");
        assertThat(map.snapshot().get(1)).isEqualTo("early");
    }

    @Test
    void anOwnerInASegmentOfASnapshotDoesNotWriteEarly() {
        Segment segment = segment();
        int slot = segment.slotOf(map.hash(1), 1);
        Snapshot<Object, Object> snapshot = map.snapshot();
        long ticket = hold(segment, slot);
        assertThat(segment.tryReplace(ticket, slot, "new")).isFalse();
        assertThat(inTable(segment, slot)).isEqualTo("old 1");
        assertThat(segment.isLocked()).isFalse();
        assertThat(segment.lock()).isTrue();
        assertThat(segment.holdOf(map.hash(1), 1)).isNotNull();
        segment.unlock();
        assertThat(snapshot.get(1)).isEqualTo("old 1");
    }

    @Test
    void anOwnerWhoWouldAddOrRemoveDoesNotEither() {
        Segment segment = segment();
        Snapshot<Object, Object> snapshot = map.snapshot();
        long ticket = hold(segment, Segment.ABSENT);
        assertThat(segment.resume(ticket)).isFalse();
        assertThat(segment.isLocked()).isFalse();
        assertThat(snapshot).hasSize(4);
    }

    @Test
    void cachedIsNotTheSameAfterALateWrite() {
        HeapMap<Object, Object> cached = new HeapMap<>(1, 1, 1, 0, null, SnapshotMode.CACHED, 0);
        cached.put(1, "old");
        Segment segment = Objects.requireNonNull(cached.segment(0));
        int slot = segment.slotOf(cached.hash(1), 1);
        hold(segment, slot);
        Snapshot<Object, Object> snapshot = cached.snapshot();
        assertThat(cached.snapshot()).isSameAs(snapshot);
        Segment.setElementRelease(segment.entries, segment.valueIndex(slot), "late");
        assertThat(cached.snapshot().get(1)).isEqualTo("late");
        assertThat(snapshot.get(1)).isEqualTo("old");
    }
}
