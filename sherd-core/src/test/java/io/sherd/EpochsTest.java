package io.sherd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What writers do to segments that snapshots have, step by step. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EpochsTest {
    private static final long OWNER = 4711;

    private final HeapMap<Object, Object> map = new HeapMap<>(1, 1, 1, 0, true, SnapshotMode.COW, 0);

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

    @Test
    void whoTakesALockUnderWatchNamesTheSegmentOnceARound() {
        map.epochs.watch();
        map.put(1, "new");
        map.put(2, "new");
        assertThat(map.epochs.touched()).containsExactly(segment());
        assertThat(map.epochs.touched()).isEmpty();
        map.put(1, "newer");
        assertThat(map.epochs.touched()).containsExactly(segment());
        map.epochs.lower();
        map.put(1, "newest");
        assertThat(map.epochs.touched()).isEmpty();
    }

    @Test
    void anotherSnapshotDoesNotMakeAnOldOneCurrent() {
        HeapMap<Object, Object> cached = new HeapMap<>(1, 1, 1, 0, true, SnapshotMode.CACHED, 0);
        cached.put(1, "old");
        Snapshot<Object, Object> old = cached.snapshot();
        cached.put(1, "new");
        cached.instant().close();
        assertThat(cached.snapshot()).isNotSameAs(old);
        assertThat(cached.snapshot().get(1)).isEqualTo("new");
        assertThat(old.get(1)).isEqualTo("old");
    }

    @Test
    void whatWasNamedForATakerThatFailedIsNamedAgain() {
        map.epochs.watch();
        map.put(1, "new");
        map.epochs.lower(); // forgets the name
        map.epochs.watch();
        map.put(2, "new");
        assertThat(map.epochs.touched()).containsExactly(segment());
        map.epochs.lower();
    }

    @Test
    void anImageHasKeysThatCameAndNotThoseThatWent() {
        List<Doubt> doubts = new ArrayList<>();
        for (int key = 0; key < 4; key++) {
            Doubt gone = new Doubt(segment(), map.hash(key), key);
            gone.value = null;
            doubts.add(gone);
        }
        Doubt come = new Doubt(segment(), map.hash(100), 100);
        come.value = "new";
        doubts.add(come);
        Segment image = segment().copyTable(doubts);
        assertThat(image.liveOpaque()).isEqualTo(1);
        assertThat(image.frozenValue(map.hash(100), 100)).isEqualTo("new");
    }

    @Test
    void watchingEndsNoEpochAndRaisingDoes() {
        long epoch = map.epochs.epoch();
        map.epochs.watch();
        map.epochs.lower();
        assertThat(map.epochs.epoch()).isEqualTo(epoch);
        map.epochs.watch();
        map.epochs.raise();
        assertThat(segment().seize()).isTrue();
        assertThat(segment().mayGoOn()).isFalse();
        segment().unlock();
        map.epochs.lower();
        assertThat(map.epochs.epoch()).isEqualTo(epoch + 1);
    }

    @Test
    @SuppressWarnings("ReferenceEquality") // that very segment
    void segmentsThatAreMadeWhileWatchedAreInTheSnapshot() throws InterruptedException {
        HeapMap<Object, Object> wide = new HeapMap<>(64, 64, 64, 0, true, SnapshotMode.COW, 0);
        wide.put(0, "old");
        Segment held = Objects.requireNonNull(wide.segment(wide.hash(0)));
        assertThat(held.lock()).isTrue(); // the taker waits for this, under watch
        FutureTask<Snapshot<Object, Object>> taking = new FutureTask<>(wide::snapshot);
        Thread taker = Thread.ofVirtual().start(taking);
        while ((wide.epochs.word & Epochs.WATCHED) == 0) {
            Thread.onSpinWait();
        }
        Thread writer = Thread.ofVirtual().start(() -> {
            for (int key = 1; key < 1000; key++) {
                if (wide.segment(wide.hash(key)) != held) {
                    wide.put(key, "new");
                }
            }
        });
        while (writer.isAlive() && (wide.epochs.word & Epochs.RAISED) == 0) {
            Thread.onSpinWait();
        }
        held.unlock();
        taker.join();
        writer.join();
        Snapshot<Object, Object> snapshot = taking.resultNow();
        assertThat(snapshot).containsEntry(0, "old");
        int written = snapshot.size(); // the keys came in order, so the first of them are there
        for (int key = 1, count = 1; count < written; key++) {
            if (wide.containsKey(key)) {
                assertThat(snapshot).containsKey(key);
                count++;
            }
        }
    }

    @Test
    void anEventTellsHowLongWritersStoodAside() throws Exception {
        Path file = Files.createTempFile("sherd", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("io.sherd.Snapshot");
            recording.start();
            map.snapshot();
            recording.stop();
            recording.dump(file);
            List<RecordedEvent> events = RecordingFile.readAllEvents(file);
            assertThat(events).hasSize(1);
            assertThat(events.getFirst().getDuration("stoodAside")).isPositive();
            assertThat(events.getFirst().getInt("shards")).isEqualTo(1);
        } finally {
            Files.delete(file);
        }
    }

    /** Takes key 1 as another thread would, and answers the ticket. */
    private long hold(Segment segment, int slot) {
        assertThat(segment.lock()).isTrue();
        return segment.suspend(slot, map.hash(1), 1, OWNER);
    }

    private static @Nullable Object inTable(Segment segment, int slot) {
        return segment.valueAt(slot);
    }

    @Test
    void anOwnerWhoseLookCameBeforeTheCutMayWriteLate() {
        Segment segment = segment();
        int slot = segment.slotOf(map.hash(1), 1);
        long ticket = hold(segment, slot);
        Snapshot<Object, Object> snapshot = map.snapshot();
        // what tryReplace does after its look, when the cut came in between
        segment.setValue(slot, "late");
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
        segment.setValue(slot, "early");
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
        assertThat(segment.resume(ticket, true)).isFalse();
        assertThat(segment.isLocked()).isFalse();
        assertThat(snapshot).hasSize(4);
    }

    @Test
    void cachedIsNotTheSameAfterALateWrite() {
        HeapMap<Object, Object> cached = new HeapMap<>(1, 1, 1, 0, true, SnapshotMode.CACHED, 0);
        cached.put(1, "old");
        Segment segment = Objects.requireNonNull(cached.segment(0));
        int slot = segment.slotOf(cached.hash(1), 1);
        hold(segment, slot);
        Snapshot<Object, Object> snapshot = cached.snapshot();
        assertThat(cached.snapshot()).isSameAs(snapshot);
        segment.setValue(slot, "late");
        assertThat(cached.snapshot().get(1)).isEqualTo("late");
        assertThat(snapshot.get(1)).isEqualTo("old");
    }
}
