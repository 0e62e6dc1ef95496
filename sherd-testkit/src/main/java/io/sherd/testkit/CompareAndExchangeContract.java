package io.sherd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ShardedMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code compareAndExchange} and {@code compareAndSet}, with null for absence. */
public abstract class CompareAndExchangeContract extends MapContract {

    /** For implementations. */
    protected CompareAndExchangeContract() {}

    /** Every combination of what is there, what is expected, and what is to be written. */
    @Test
    void writesExactlyWhenTheWitnessIsWhatWasExpected() {
        ShardedMap<Object, Object> map = filled(atMostPlenty(100));
        map.remove(key(1));
        for (Integer before : numbers()) {
            for (Integer expected : numbers()) {
                for (Integer update : numbers()) {
                    boolean written = Objects.equals(before, expected);
                    Object after = valueOrNull(written ? update : before);

                    set(map, before);
                    assertThat(map.compareAndExchange(key(1), valueOrNull(expected), valueOrNull(update)))
                            .as("witness of %s -> %s on %s", expected, update, before)
                            .isEqualTo(valueOrNull(before));
                    assertThat(map.get(key(1)))
                            .as("after %s -> %s on %s", expected, update, before)
                            .isEqualTo(after);

                    set(map, before);
                    assertThat(map.compareAndSet(key(1), valueOrNull(expected), valueOrNull(update)))
                            .as("%s -> %s on %s", expected, update, before)
                            .isEqualTo(written);
                    assertThat(map.get(key(1))).isEqualTo(after);
                    assertThat(map.mappingCount()).isEqualTo(atMostPlenty(100) - (after == null ? 1 : 0));
                }
            }
        }
    }

    private static @Nullable Integer[] numbers() {
        return new @Nullable Integer[] {null, 1, 2, 3};
    }

    private @Nullable Object valueOrNull(@Nullable Integer number) {
        return number == null ? null : value(number);
    }

    private void set(ShardedMap<Object, Object> map, @Nullable Integer number) {
        if (number == null) {
            map.remove(key(1));
        } else {
            map.put(key(1), value(number));
        }
    }

    @Test
    void ofSeveralThreadsOneWins() throws InterruptedException {
        int keys = atMostPlenty(300);
        int threads = 4;
        ShardedMap<Object, Object> map = open();
        int[] won = new int[threads];
        int[] took = new int[threads];
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                for (int i = 0; i < keys; i++) {
                    won[index] += map.compareAndSet(key(i), null, value(index)) ? 1 : 0;
                }
            });
            assertThat(won[0] + won[1] + won[2] + won[3]).isEqualTo(keys);
            for (int index = 0; index < threads; index++) {
                int mine = index;
                assertThat(map.values().stream().filter(value(mine)::equals).count())
                        .isEqualTo(won[index]);
            }
            crew.together(threads, index -> {
                for (int i = 0; i < keys; i++) {
                    Object present = map.get(key(i));
                    if (present != null && Objects.equals(map.compareAndExchange(key(i), present, null), present)) {
                        took[index]++;
                    }
                }
            });
            assertThat(took[0] + took[1] + took[2] + took[3]).isEqualTo(keys);
            assertThat(map).isEmpty();
        }
    }

    @Test
    void aCounterByRetryLosesNoStep() throws InterruptedException {
        int threads = 4;
        int steps = atMostPlenty(1_000);
        ShardedMap<Object, Object> map = open();
        try (Crew crew = Crew.ofPlatformThreads()) {
            crew.together(threads, index -> {
                for (int i = 0; i < steps; i++) {
                    Object present = map.get(key(1));
                    while (true) {
                        Object next = present == null ? value(1) : plus(present, 1);
                        Object witness = map.compareAndExchange(key(1), present, next);
                        if (Objects.equals(witness, present)) {
                            break;
                        }
                        present = witness;
                    }
                }
            });
        }
        assertThat(map.get(key(1))).isEqualTo(value(threads * steps));
    }
}
