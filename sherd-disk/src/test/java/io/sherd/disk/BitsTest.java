package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that follow one another are as well spread as random ones, whatever the salt. */
final class BitsTest {
    private static final int SALTS = 3_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 1 << 12, 1L << 40})
    void keysAreInAllShards(long distance) {
        SplittableRandom random = new SplittableRandom(distance);
        for (int i = 0; i < SALTS; i++) {
            long salt = random.nextLong();
            int shards = 0;
            for (long key = 0; key < 100; key++) {
                shards |= 1 << (Bits.hash(key * distance, salt) >>> 62);
            }
            // one of four is without any of 100 random keys once in 10^12 times
            assertThat(shards).as("salt %s", salt).isEqualTo(0b1111);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 1 << 12, 1L << 40})
    void searchesAreShort(long distance) {
        SplittableRandom random = new SplittableRandom(~distance);
        int log = 12;
        int keys = 2_500;
        for (int i = 0; i < SALTS; i++) {
            long salt = random.nextLong();
            boolean[] used = new boolean[1 << log];
            long passed = 0;
            for (long key = 0; key < keys; key++) {
                int slot = (int) (Bits.hash(key * distance, salt) >>> (64 - log));
                while (used[slot]) {
                    slot = (slot + 1) & (used.length - 1);
                    passed++;
                }
                used[slot] = true;
            }
            // 0.78 for random keys, by Knuth's formula for linear probing at this load
            assertThat(passed).as("slots passed, salt %s", salt).isLessThan(2L * keys);
        }
    }
}
