package io.sherd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The owner of a hold looks at the lock word, writes its value, and then notices that others were there in between, and have
 * copied the table. Whatever a reader sees in the old table it must see in the new one. One thread plays all parts.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OvertakenOwnerTest {
    /** Owner of the hold; not the thread of the test, which plays the others. */
    private static final long OWNER = 4711;

    private static final int SLOTS = 64;
    private static final long MINE = 5;
    private static final int OTHERS = 20;

    /** What a segment may give way to. */
    enum Change {
        LARGER {
            @Override
            Segment copy(Segment segment, Object key) {
                Segment larger = segment.like(segment.depth, segment.prefix, 2 * SLOTS);
                segment.copyInto(larger, larger);
                return larger;
            }
        },
        SPLIT {
            @Override
            Segment copy(Segment segment, Object key) {
                Segment low = segment.like(1, 0, SLOTS);
                Segment high = segment.like(1, 1, SLOTS);
                segment.copyInto(low, high);
                return hash(key) < high.firstHash() ? low : high;
            }
        },
        OBJECTS {
            @Override
            Segment copy(Segment segment, Object key) {
                Segment general = new ObjectSegment(new Epochs(), 0, 0, SLOTS);
                segment.copyInto(general, general);
                return general;
            }
        };

        /** Copies the segment, and answers the successor that has the key. */
        abstract Segment copy(Segment segment, Object key);

        /** Takes the lock as somebody else, whereby a hold is written down, and replaces the segment. */
        final Segment of(Segment segment, Object key) {
            assertThat(segment.lock()).isTrue();
            Segment successor = copy(segment, key);
            segment.retire();
            return successor;
        }
    }

    private static int hash(Object key) {
        return Segment.spread(key.hashCode());
    }

    private static Segment filled(Segment segment) {
        for (long key = 0; key < OTHERS; key++) {
            put(segment, key, "value " + key);
        }
        return segment;
    }

    private static void put(Segment segment, Object key, Object value) {
        assertThat(segment.lock()).isTrue();
        segment.insert(hash(key), key, value, segment.slotOf(hash(key), key));
        segment.unlock();
    }

    /** What the owner knows of its hold. */
    private record Ticket(long number, int slot) {}

    private static Ticket hold(Segment segment, Object key) {
        assertThat(segment.lock()).isTrue();
        int slot = segment.slotOf(hash(key), key);
        return new Ticket(segment.suspend(slot, hash(key), key, OWNER), slot);
    }

    private static @Nullable Object get(Segment segment, Object key) {
        return segment.get(hash(key), key);
    }

    private static void assertOthersThere(Segment segment) {
        for (long key = 0; key < OTHERS; key++) {
            boolean here = hash(key) >= segment.firstHash() && hash(key) < segment.lastHash();
            if (key != MINE && here) {
                assertThat(get(segment, key)).isEqualTo("value " + key);
            }
        }
    }

    /** The owner ends: it puts the value where it belongs, and the hold goes. */
    private static void settle(Segment segment) {
        assertThat(segment.lock()).isTrue();
        KeyHold hold = Objects.requireNonNull(segment.holdOf(hash(MINE), MINE));
        assertThat(hold.owner()).isEqualTo(OWNER);
        segment.settle(hold);
        assertThat(hold.mayBeWritten()).isFalse();
        segment.passOn(hold);
        segment.unlock();
        assertThat(segment.holds).isNull();
        assertThat(segment.displaced).isNull();
        int slot = segment.slotOf(hash(MINE), MINE);
        assertThat(Displaced.isMark(segment.entries[segment.valueIndex(slot)])).isFalse();
    }

    private static void aLateWriteIsSeenInTheCopy(Segment segment, Change change) {
        Ticket ticket = hold(segment, MINE);
        put(segment, (long) OTHERS, "more"); // the hold is written down
        Segment successor = change.of(segment, MINE);
        assertThat(get(successor, MINE)).isEqualTo("value " + MINE);
        Segment.setElementRelease(segment.entries, segment.valueIndex(ticket.slot), "late");
        assertThat(get(segment, MINE)).isEqualTo("late");
        assertThat(get(successor, MINE)).as("the value does not come and go").isEqualTo("late");
        assertThat(segment.tryReplace(ticket.number, ticket.slot, "never")).isFalse();
        assertThat(get(successor, MINE)).isEqualTo("late");
        assertOthersThere(successor);

        Segment last = Change.LARGER.of(successor, MINE);
        Segment.setElementRelease(segment.entries, segment.valueIndex(ticket.slot), "later");
        assertThat(get(segment, MINE)).isEqualTo("later");
        assertThat(get(successor, MINE)).isEqualTo("later");
        assertThat(get(last, MINE)).as("nor after another copy").isEqualTo("later");
        settle(last);
        assertThat(get(last, MINE)).isEqualTo("later");
        assertOthersThere(last);
    }

    @ParameterizedTest
    @EnumSource
    void ofATableOfNumbers(Change change) {
        aLateWriteIsSeenInTheCopy(filled(new WordSegment(new Epochs(), false, 0, 0, SLOTS)), change);
    }

    @ParameterizedTest
    @EnumSource
    void ofATableOfObjects(Change change) {
        aLateWriteIsSeenInTheCopy(filled(new ObjectSegment(new Epochs(), 0, 0, SLOTS)), change);
    }

    /** The owner itself is stopped between its look at the word and its write. */
    @ParameterizedTest
    @EnumSource
    void tryReplaceMayBeOvertakenBeforeItWrites(Change change) {
        Stopping segment = new Stopping();
        filled(segment);
        Ticket ticket = hold(segment, MINE);
        Segment[] successor = new Segment[1];
        segment.inside = () -> successor[0] = change.of(segment, MINE);
        assertThat(segment.tryReplace(ticket.number, ticket.slot, "late")).isFalse();
        assertThat(get(segment, MINE)).isEqualTo("late");
        assertThat(get(successor[0], MINE)).isEqualTo("late");
        settle(successor[0]);
        assertThat(get(successor[0], MINE)).isEqualTo("late");
    }

    @Test
    void tryReplaceThatIsOvertakenByAnotherWriteSaysSo() {
        Stopping segment = new Stopping();
        filled(segment);
        Ticket ticket = hold(segment, MINE);
        segment.inside = () -> put(segment, (long) OTHERS, "more");
        assertThat(segment.tryReplace(ticket.number, ticket.slot, "late")).isFalse();
        assertThat(segment.holdOf(hash(MINE), MINE)).isNotNull();
        settle(segment);
        assertThat(get(segment, MINE)).isEqualTo("late");
    }

    @Test
    void tryReplaceThatNobodyOvertakesEndsTheHold() {
        Segment segment = filled(new ObjectSegment(new Epochs(), 0, 0, SLOTS));
        Ticket ticket = hold(segment, MINE);
        assertThat(segment.tryReplace(ticket.number, ticket.slot, "new")).isTrue();
        assertThat(get(segment, MINE)).isEqualTo("new");
        assertThat(segment.lock()).isTrue();
        assertThat(segment.holds).isNull();
        segment.unlock();
    }

    /** A table of objects that runs something when it is asked for the place of a value, once. */
    private static final class Stopping extends Segment {
        @Nullable
        Runnable inside;

        Stopping() {
            super(new Epochs(), 0, 0, SLOTS, 2, 0, false);
        }

        @Override
        int valueIndex(int slot) {
            Runnable now = inside;
            if (now != null) {
                inside = null;
                now.run();
            }
            return 2 * slot + 1;
        }

        @Override
        boolean accepts(Object key) {
            return true;
        }

        @Override
        Segment like(int depth, int prefix, int slots) {
            return new ObjectSegment(epochs, depth, prefix, slots);
        }

        @Override
        @Nullable
        Object get(int hash, Object key) {
            return search(hash, key, 0, home(hash));
        }

        @Override
        boolean isAt(int slot, Object key) {
            return isKey(elementAcquire(entries, 2 * slot), key);
        }

        @Override
        void setKey(int slot, int hash, Object key) {
            middle[slot] = middleOf(hash);
            setElementRelease(entries, 2 * slot, key);
        }

        @Override
        void copyKey(int slot, int hash, Segment from, int fromSlot) {
            throw new AssertionError("never a successor");
        }

        @Override
        boolean copyKeyAcquire(int slot, Segment from) {
            throw new AssertionError("never a draft");
        }

        @Override
        boolean hasSameKey(int slot, Segment other) {
            throw new AssertionError("never compared");
        }

        @Override
        void copyHashesInto(Segment copy) {
            throw new AssertionError("never copied slot by slot");
        }

        @Override
        Map.@Nullable Entry<Object, Object> entryAcquire(int slot) {
            throw new AssertionError("never in a snapshot");
        }

        @Override
        void clearKey(int slot) {
            setElementRelease(entries, 2 * slot, null);
        }

        @Override
        boolean touchKey(int slot) {
            return true;
        }

        @Override
        long entryBytes() {
            return 4L * entries.length;
        }

        @Override
        Object keyAt(int slot) {
            return Objects.requireNonNull(entries[2 * slot]);
        }

        @Override
        @Nullable
        Object keyAcquire(int slot) {
            return elementAcquire(entries, 2 * slot);
        }

        @Override
        int hashAt(int slot) {
            return hash(keyAt(slot));
        }
    }
}
