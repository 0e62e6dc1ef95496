package io.sherd.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sherd.testkit.history.Anomaly.Kind;
import io.sherd.testkit.history.Observed.Event;
import io.sherd.testkit.history.Observed.Outcome;
import io.sherd.testkit.history.Observed.Read;
import io.sherd.testkit.history.Observed.Write;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker on histories made by hand, which are and are not strictly serializable. */
final class SerializabilityCheckerTest {
    private static final int X = 1;
    private static final int Y = 2;

    private final List<Observed> history = new ArrayList<>();

    private static Event r(int key, long version) {
        return new Read(key, version);
    }

    private static Event w(int key, long version) {
        return new Write(key, version);
    }

    /** All that is not said otherwise happens at the same time. */
    private void add(Outcome outcome, long began, long ended, Event... events) {
        history.add(new Observed("T" + history.size(), began, ended, List.of(events), outcome));
    }

    private void committed(Event... events) {
        add(Outcome.COMMITTED, 0, 100, events);
    }

    private List<Kind> kinds() {
        return SerializabilityChecker.check(history).stream().map(Anomaly::kind).toList();
    }

    @Test
    void nothingIsSerializable() {
        assertThat(kinds()).isEmpty();
    }

    @Test
    void oneAfterTheOther() {
        add(Outcome.COMMITTED, 0, 1, r(X, 0), w(X, 11), r(X, 11));
        add(Outcome.COMMITTED, 2, 3, r(X, 11), r(Y, 0), w(Y, 21));
        add(Outcome.COMMITTED, 4, 5, r(Y, 21), w(Y, 22), r(X, 11), w(X, 12));
        add(Outcome.COMMITTED, 6, 7, r(X, 12), r(Y, 22));
        assertThat(kinds()).isEmpty();
    }

    @Test
    void whatOverlapsMayBeInAnyOrder() {
        committed(r(X, 11), r(Y, 0));
        committed(r(X, 0), w(X, 11));
        committed(r(X, 11), r(Y, 0), w(Y, 21));
        assertThat(kinds()).isEmpty();
    }

    @Test
    void lostUpdate() {
        committed(r(X, 0), w(X, 11));
        committed(r(X, 0), w(X, 12));
        assertThat(kinds()).containsExactly(Kind.LOST_UPDATE);
    }

    @Test
    void writeSkew() {
        committed(r(X, 0), r(Y, 0), w(X, 11));
        committed(r(X, 0), r(Y, 0), w(Y, 21));
        assertThat(kinds()).containsExactly(Kind.WRITE_SKEW);
    }

    @Test
    void readSkew() {
        committed(r(X, 0), w(X, 11), r(Y, 0), w(Y, 21));
        committed(r(X, 0), r(Y, 21));
        assertThat(kinds()).containsExactly(Kind.READ_SKEW);
    }

    @Test
    void anAttemptInVainMustSeeOneStateToo() {
        committed(r(X, 0), w(X, 11), r(Y, 0), w(Y, 21));
        add(Outcome.ABORTED, 0, 100, r(X, 0), r(Y, 21));
        assertThat(kinds()).containsExactly(Kind.READ_SKEW);
    }

    @Test
    void twoReadersThatSeeWritesInDifferentOrders() {
        committed(r(X, 0), w(X, 11));
        committed(r(Y, 0), w(Y, 21));
        committed(r(X, 11), r(Y, 0));
        committed(r(X, 0), r(Y, 21));
        assertThat(kinds()).containsExactly(Kind.WRITE_SKEW);
    }

    @Test
    void circularFlow() {
        committed(r(X, 0), w(X, 11), r(Y, 21));
        committed(r(Y, 0), w(Y, 21), r(X, 11));
        assertThat(kinds()).containsExactly(Kind.CIRCULAR_FLOW);
    }

    @Test
    void abortedRead() {
        add(Outcome.ABORTED, 0, 100, r(X, 0), w(X, 11));
        committed(r(X, 11));
        assertThat(kinds()).containsExactly(Kind.ABORTED_READ);
    }

    @Test
    void intermediateRead() {
        committed(r(X, 0), w(X, 11), w(X, 12));
        committed(r(X, 11));
        assertThat(kinds()).containsExactly(Kind.INTERMEDIATE_READ);
    }

    @Test
    void readFromNowhere() {
        committed(r(X, 99));
        assertThat(kinds()).containsExactly(Kind.READ_FROM_NOWHERE);
    }

    @Test
    void unrepeatableRead() {
        committed(r(X, 0), w(X, 11));
        committed(r(X, 0), r(X, 11));
        assertThat(kinds()).contains(Kind.UNREPEATABLE_READ);
    }

    @Test
    void mustFindItsOwnWrites() {
        committed(r(X, 0), w(X, 11), r(X, 0));
        assertThat(kinds()).containsExactly(Kind.INTERNAL);
    }

    @Test
    void aReadOfWhatIsOver() {
        add(Outcome.COMMITTED, 0, 1, r(X, 0), w(X, 11));
        add(Outcome.COMMITTED, 2, 3, r(X, 0));
        assertThat(kinds()).containsExactly(Kind.REAL_TIME);
    }

    @Test
    void orderOfTimeThroughSomebodyWhoHasNothingToDoWithIt() {
        add(Outcome.COMMITTED, 0, 1, r(X, 0), w(X, 11));
        add(Outcome.COMMITTED, 2, 3, r(Y, 0));
        add(Outcome.COMMITTED, 2, 10, r(Y, 0), w(Y, 21));
        add(Outcome.COMMITTED, 4, 5, r(Y, 21), r(X, 0));
        assertThat(kinds()).containsExactly(Kind.REAL_TIME);
    }

    @Test
    void unknownOutcomeCountsWhenItIsSeen() {
        add(Outcome.UNKNOWN, 0, 10, w(X, 11), w(Y, 21));
        add(Outcome.COMMITTED, 20, 21, r(X, 11), r(Y, 21));
        assertThat(kinds()).isEmpty();
    }

    @Test
    void unknownOutcomeMayBeNeverSeen() {
        add(Outcome.UNKNOWN, 0, 10, w(X, 11), w(Y, 21));
        add(Outcome.COMMITTED, 20, 21, r(X, 0), r(Y, 0));
        assertThat(kinds()).isEmpty();
    }

    @Test
    void unknownOutcomeMustNotBeSeenByHalves() {
        add(Outcome.UNKNOWN, 0, 10, r(X, 0), w(X, 11), r(Y, 0), w(Y, 21));
        add(Outcome.COMMITTED, 20, 21, r(X, 11), r(Y, 0));
        assertThat(kinds()).containsExactly(Kind.READ_SKEW);
    }

    @Test
    void aVersionIsWrittenOnce() {
        committed(r(X, 0), w(X, 11));
        committed(r(X, 11), w(X, 11));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SerializabilityChecker.check(history))
                .withMessageContaining("11")
                .withMessageContaining("T0")
                .withMessageContaining("T1");
    }

    @Test
    void aLongHistoryNeedsNoDeepStack() {
        for (int i = 0; i < 100_000; i++) {
            add(Outcome.COMMITTED, 2L * i, 2L * i + 1, r(X, i), w(X, i + 1L));
        }
        assertThat(kinds()).isEmpty();
    }
}
