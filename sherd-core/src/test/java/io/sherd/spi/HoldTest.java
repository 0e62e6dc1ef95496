package io.sherd.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sherd.KeyDeadlockException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is woken when, and which waits would never end: step by step, without threads. */
final class HoldTest {
    private static final long STRANGER = 4711;

    /** The names of the waiters that were woken, in order. */
    private final List<String> woken = new ArrayList<>();

    private final List<Waiter> entered = new ArrayList<>();

    private static final class Key extends Hold {
        private final String name;

        Key(String name, long owner) {
            super(name.hashCode(), owner);
            this.name = name;
        }

        @Override
        protected Object key() {
            return name;
        }
    }

    private Waiter waiter(long owner, String name) {
        return Waiter.callback(owner, name, () -> woken.add(name));
    }

    private void enter(Waiter waiter) {
        WaitGraph.enter(waiter);
        entered.add(waiter);
    }

    @AfterEach
    void nobodyStaysInTheGraph() {
        entered.forEach(WaitGraph::leave);
    }

    @Test
    void aHoldThatNobodyWaitsForGoes() {
        Hold hold = new Key("k", STRANGER);
        assertThat(hold.waiterCount()).isZero();
        assertThat(hold.passOn()).isTrue();
        assertThat(hold.owner()).isEqualTo(Hold.NOBODY);
    }

    @Test
    void waitersAreWokenOneAtATimeInTheOrderOfArrival() {
        Hold hold = new Key("k", STRANGER);
        List<Waiter> waiters = List.of(waiter(-1, "a"), waiter(-2, "b"), waiter(-3, "c"));
        waiters.forEach(hold::enqueue);
        assertThat(hold.passOn()).isFalse();
        for (int i = 0; i < 3; i++) {
            assertThat(woken).hasSize(i + 1).endsWith(List.of("a", "b", "c").get(i));
            hold.arrive(waiters.get(i));
            hold.take(-1 - i);
            assertThat(hold.waiterCount()).isEqualTo(2 - i);
            assertThat(hold.passOn()).isEqualTo(i == 2);
        }
    }

    @Test
    void whileTheHeirIsOnItsWayNoOtherIsWoken() {
        Hold hold = new Key("k", STRANGER);
        Waiter a = waiter(-1, "a");
        hold.enqueue(a);
        hold.enqueue(waiter(-2, "b"));
        hold.passOn();
        for (int i = 0; i < 3; i++) {
            hold.arrive(null); // somebody who did not wait
            hold.take(STRANGER);
            assertThat(hold.passOn()).isFalse();
        }
        assertThat(woken).containsExactly("a");
        hold.arrive(a);
        hold.take(-1);
        hold.passOn();
        assertThat(woken).containsExactly("a", "b");
    }

    @Test
    void anHeirThatWasOvertakenIsNextAgainAndAtLastIsGivenTheHold() {
        Hold hold = new Key("k", STRANGER);
        Waiter a = waiter(-1, "a");
        Waiter b = waiter(-2, "b");
        hold.enqueue(a);
        hold.enqueue(b);
        int rounds = 0;
        for (hold.passOn(); !a.isGranted(); hold.passOn()) {
            rounds++;
            assertThat(woken).as("wakings of a").hasSize(rounds).containsOnly("a");
            assertThat(rounds).isLessThanOrEqualTo(Waiter.PATIENCE);
            hold.take(STRANGER);
            hold.arrive(a);
            hold.enqueue(a);
        }
        assertThat(hold.owner()).isEqualTo(-1);
        hold.arrive(a);
        hold.passOn();
        assertThat(woken).endsWith("b").containsOnlyOnce("b");
    }

    @Test
    void whoAbandonsTheQueueIsNotWoken() {
        Hold hold = new Key("k", STRANGER);
        Waiter a = waiter(-1, "a");
        hold.enqueue(a);
        hold.enqueue(waiter(-2, "b"));
        assertThat(hold.abandon(a)).isFalse();
        hold.passOn();
        assertThat(woken).containsExactly("b");
    }

    @Test
    void anHeirThatAbandonsPassesOn() {
        Hold hold = new Key("k", STRANGER);
        Waiter a = waiter(-1, "a");
        Waiter b = waiter(-2, "b");
        hold.enqueue(a);
        hold.enqueue(b);
        hold.passOn();
        assertThat(hold.abandon(a)).isFalse();
        assertThat(woken).containsExactly("a", "b");
        assertThat(hold.abandon(b)).as("nobody is left").isTrue();
    }

    @Test
    void anHeirThatAbandonsAfterItWasOvertakenLeavesTheOwnerInPeace() {
        Hold hold = new Key("k", STRANGER);
        Waiter a = waiter(-1, "a");
        hold.enqueue(a);
        hold.enqueue(waiter(-2, "b"));
        hold.passOn();
        hold.take(STRANGER);
        assertThat(hold.abandon(a)).isFalse();
        assertThat(hold.owner()).isEqualTo(STRANGER);
        assertThat(woken).containsExactly("a");
        hold.passOn();
        assertThat(woken).containsExactly("a", "b");
    }

    // ---- the graph

    @Test
    void theLastOfACycleIsTold() {
        Hold first = new Key("first", -1);
        Hold second = new Key("second", -2);
        Hold third = new Key("third", -3);
        Waiter a = waiter(-1, "a");
        Waiter b = waiter(-2, "b");
        Waiter c = waiter(-3, "c");
        second.enqueue(a);
        enter(a);
        third.enqueue(b);
        enter(b);
        first.enqueue(c);
        assertThatThrownBy(() -> enter(c)).isInstanceOfSatisfying(KeyDeadlockException.class, told -> {
            assertThat(told.keys()).containsExactly("first", "second", "third");
            assertThat(told.owners()).containsExactly("a", "b", "c");
            assertThat(told).hasMessageContaining("key first is held by a, which waits for key second is held by b");
            assertThat(told).hasMessageContaining("key third is held by the caller");
        });
        first.abandon(c);
        third.passOn(); // it gives up what it has
        WaitGraph.leave(b);
        third.arrive(b);
        third.take(-2);
        first.enqueue(b);
        assertThatThrownBy(() -> enter(b)).isInstanceOf(KeyDeadlockException.class);
    }

    @Test
    void aChainAndABystanderAreNotTold() {
        Hold first = new Key("first", -1);
        Hold second = new Key("second", -2);
        Hold third = new Key("third", STRANGER);
        Waiter a = waiter(-1, "a");
        Waiter b = waiter(-2, "b");
        Waiter bystander = waiter(-3, "bystander");
        second.enqueue(a);
        enter(a);
        third.enqueue(b);
        enter(b);
        first.enqueue(bystander);
        enter(bystander);
        assertThat(woken).isEmpty();
    }

    @Test
    void aHoldThatNobodyOwnsIsNoEdge() {
        Hold first = new Key("first", -1);
        Hold second = new Key("second", -2);
        Waiter a = waiter(-1, "a");
        Waiter b = waiter(-2, "b");
        second.enqueue(a);
        enter(a);
        second.passOn(); // a is woken, and in the graph still
        first.enqueue(b);
        enter(b);
        assertThat(woken).containsExactly("a");
    }
}
