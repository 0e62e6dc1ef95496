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

    /** From here on values that are numbers are kept as such. */
    private static final int LARGE = Segment.SMALL_SLOTS + 1;

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
        WIDER {
            @Override
            Segment copy(Segment segment, Object key) {
                return to(segment, segment.kind.and(SegmentKind.of(0L, Long.MAX_VALUE)));
            }
        },
        OBJECT_VALUES {
            @Override
            Segment copy(Segment segment, Object key) {
                return to(segment, segment.kind.and(SegmentKind.of(0L, "of any class")));
            }
        },
        OBJECTS {
            @Override
            Segment copy(Segment segment, Object key) {
                return to(segment, SegmentKind.ANY);
            }
        };

        private static Segment to(Segment segment, SegmentKind kind) {
            Segment other = kind.segment(new Epochs(), 0, 0, SLOTS);
            segment.copyInto(other, other);
            return other;
        }

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

    /** Values of one kind. */
    enum Values {
        STRINGS {
            @Override
            Object of(long number) {
                return "value " + number;
            }
        },
        LONGS {
            @Override
            Object of(long number) {
                return (number + 1) << 40;
            }
        },
        /** Some of them are those that marks are, too. */
        LONGS_LIKE_MARKS {
            @Override
            Object of(long number) {
                return WordSegment.WIDE_MARK - number % 2;
            }
        },
        SMALL_LONGS {
            @Override
            Object of(long number) {
                return number;
            }
        },
        SMALL_LONGS_LIKE_MARKS {
            @Override
            Object of(long number) {
                return (long) WordSegment.SMALL_MARK + number % 2;
            }
        },
        INTEGERS {
            @Override
            Object of(long number) {
                return -(int) number;
            }
        },
        INTEGERS_LIKE_MARKS {
            @Override
            Object of(long number) {
                return WordSegment.SMALL_MARK + (int) number % 2;
            }
        };

        abstract Object of(long number);

        final Object late() {
            return of(1_000);
        }

        final Object later() {
            return of(1_001);
        }

        /** A segment of keys that are numbers, and these values. */
        final Segment segment() {
            Segment segment = SegmentKind.of(0L, of(0)).segment(new Epochs(), 0, 0, SLOTS);
            assertThat(segment).isInstanceOf(WordSegment.class);
            assertThat(segment.entries.length == 0).isEqualTo(this != STRINGS);
            return filled(segment, this);
        }
    }

    private static Segment filled(Segment segment, Values values) {
        for (long key = 0; key < OTHERS; key++) {
            put(segment, key, values.of(key));
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

    private static void assertOthersThere(Segment segment, Values values) {
        for (long key = 0; key < OTHERS; key++) {
            boolean here = hash(key) >= segment.firstHash() && hash(key) < segment.lastHash();
            if (key != MINE && here) {
                assertThat(get(segment, key)).isEqualTo(values.of(key));
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
        assertThat(Displaced.isMark(segment.valueAt(slot))).isFalse();
    }

    private static void aLateWriteIsSeenInTheCopy(Segment segment, Values values, Change change) {
        Ticket ticket = hold(segment, MINE);
        put(segment, (long) OTHERS, values.of(OTHERS)); // the hold is written down
        Segment successor = change.of(segment, MINE);
        assertThat(get(successor, MINE)).isEqualTo(values.of(MINE));
        segment.setValue(ticket.slot, values.late());
        assertThat(get(segment, MINE)).isEqualTo(values.late());
        assertThat(get(successor, MINE)).as("the value does not come and go").isEqualTo(values.late());
        assertThat(segment.tryReplace(ticket.number, ticket.slot, values.of(7))).isFalse();
        assertThat(get(successor, MINE)).isEqualTo(values.late());
        assertOthersThere(successor, values);

        Segment last = Change.LARGER.of(successor, MINE);
        segment.setValue(ticket.slot, values.later());
        assertThat(get(segment, MINE)).isEqualTo(values.later());
        assertThat(get(successor, MINE)).isEqualTo(values.later());
        assertThat(get(last, MINE)).as("nor after another copy").isEqualTo(values.later());
        settle(last);
        assertThat(get(last, MINE)).isEqualTo(values.later());
        assertOthersThere(last, values);
    }

    @ParameterizedTest
    @EnumSource
    void ofATableOfNumbers(Change change) {
        for (Values values : Values.values()) {
            aLateWriteIsSeenInTheCopy(values.segment(), values, change);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofATableOfObjects(Change change) {
        aLateWriteIsSeenInTheCopy(
                filled(new ObjectSegment(new Epochs(), 0, 0, SLOTS), Values.STRINGS), Values.STRINGS, change);
    }

    @ParameterizedTest
    @EnumSource
    void aValueThatIsNotAcceptedIsLeftToTheOwnerUnderTheLock(Values values) {
        Segment segment = values.segment();
        Ticket ticket = hold(segment, MINE);
        Object other = values == Values.STRINGS ? 1 : "of another class";
        assertThat(segment.tryReplace(ticket.number, ticket.slot, other)).isEqualTo(values == Values.STRINGS);
        if (values != Values.STRINGS) {
            assertThat(get(segment, MINE)).isEqualTo(values.of(MINE));
            Segment successor = Change.OBJECT_VALUES.of(segment, MINE);
            settle(successor);
            assertThat(get(successor, MINE)).isEqualTo(values.of(MINE));
            assertOthersThere(successor, values);
        }
    }

    /** The owner of a hold may write any object early, so the table that comes next must accept any. */
    @Test
    void objectsDoNotBecomeNumbersWhileAKeyIsHeld() {
        Segment segment = new WordSegment(new Epochs(), SegmentKind.of(0L, "of any class"), 0, 0, SLOTS);
        filled(segment, Values.SMALL_LONGS);
        assertThat(segment.kindWith(LARGE, null).values()).isEqualTo(SegmentKind.Values.SMALL_LONGS);
        hold(segment, MINE);
        put(segment, (long) OTHERS, 1L); // the hold is written down
        assertThat(segment.kindWith(LARGE, null).values()).isEqualTo(SegmentKind.Values.OBJECTS);
        settle(segment);
        assertThat(segment.kindWith(LARGE, null).values()).isEqualTo(SegmentKind.Values.SMALL_LONGS);
    }

    /** The owner itself is stopped between its look at the word and its write. */
    @ParameterizedTest
    @EnumSource
    void tryReplaceMayBeOvertakenBeforeItWrites(Change change) {
        Stopping segment = new Stopping();
        filled(segment, Values.STRINGS);
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
        filled(segment, Values.STRINGS);
        Ticket ticket = hold(segment, MINE);
        segment.inside = () -> put(segment, (long) OTHERS, "more");
        assertThat(segment.tryReplace(ticket.number, ticket.slot, "late")).isFalse();
        assertThat(segment.holdOf(hash(MINE), MINE)).isNotNull();
        settle(segment);
        assertThat(get(segment, MINE)).isEqualTo("late");
    }

    @Test
    void tryReplaceThatNobodyOvertakesEndsTheHold() {
        Segment segment = filled(new ObjectSegment(new Epochs(), 0, 0, SLOTS), Values.STRINGS);
        Ticket ticket = hold(segment, MINE);
        assertThat(segment.tryReplace(ticket.number, ticket.slot, "new")).isTrue();
        assertThat(get(segment, MINE)).isEqualTo("new");
        assertThat(segment.lock()).isTrue();
        assertThat(segment.holds).isNull();
        segment.unlock();
    }

    /** A table of objects that runs something before it writes a value, once. */
    private static final class Stopping extends Segment {
        @Nullable
        Runnable inside;

        Stopping() {
            super(new Epochs(), SegmentKind.ANY, 0, 0, SLOTS);
        }

        @Override
        boolean acceptsValue(Object value) {
            return true;
        }

        @Override
        @Nullable
        Object valueAcquire(int slot) {
            return elementAcquire(entries, 2 * slot + 1);
        }

        @Override
        ValuePlace placeOf(int slot) {
            return new ValuePlace(this, slot, 2 * slot + 1);
        }

        @Override
        void setValue(int slot, Object value) {
            Runnable now = inside;
            if (now != null) {
                inside = null;
                now.run();
            }
            setElementRelease(entries, 2 * slot + 1, value);
        }

        @Override
        void clearValue(int slot) {
            throw new AssertionError("nothing is removed");
        }

        @Override
        void mark(int slot) {
            throw new AssertionError("never a successor");
        }

        @Override
        void copyValue(int slot, Segment from, int fromSlot) {
            throw new AssertionError("never a successor");
        }

        @Override
        boolean copyValueAcquire(int slot, Segment from) {
            throw new AssertionError("never a draft");
        }

        @Override
        boolean touchValue(int slot) {
            return true;
        }

        @Override
        boolean accepts(Object key) {
            return true;
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
        long otherEntries(int word, long used, Segment other) {
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
