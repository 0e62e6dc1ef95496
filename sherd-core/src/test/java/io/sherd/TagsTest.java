package io.sherd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a word of eight tags says, against the same said of each tag. */
final class TagsTest {
    @Test
    void aTagIsThatOfAnEntryAndKeepsSevenBitsOfTheHash() {
        for (int hash = 0; hash < 1 << 12; hash++) {
            byte tag = (byte) Tags.of(hash);
            assertThat(Tags.of(hash)).as("tag of %d", hash).isBetween(Tags.DELETED + 1, 0xff);
            assertThat(Tags.isUsed(tag)).as("tag of %d", hash).isTrue();
            assertThat(tag & Tags.HASH_BITS).as("tag of %d", hash).isEqualTo(hash & Tags.HASH_BITS);
        }
        assertThat(Tags.isUsed(Tags.EMPTY)).isFalse();
        assertThat(Tags.isUsed(Tags.DELETED)).isFalse();
    }

    @Test
    void aWordSaysOfEachTagWhetherItIsUsed() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            byte[] tags = tags(random);
            long used = Tags.used(Tags.wordPlain(tags, 0));
            assertThat(Tags.free(Tags.wordPlain(tags, 0))).isEqualTo(~used & 0x8080808080808080L);
            assertThat(used & 0x7f7f7f7f7f7f7f7fL).isZero();
            for (int slot = 0; slot < Tags.WORD; slot++) {
                assertThat((used >>> (8 * slot + 7) & 1) != 0).isEqualTo(Tags.isUsed(tags[slot]));
            }
        }
    }

    @Test
    void twoWordsSayWhichTagsDiffer() {
        Random random = new Random(3);
        for (int i = 0; i < 100_000; i++) {
            byte[] tags = tags(random);
            byte[] others = tags(random);
            long expected = 0;
            for (int slot = 0; slot < Tags.WORD; slot++) {
                if (random.nextBoolean()) {
                    others[slot] = tags[slot];
                }
                expected |= tags[slot] == others[slot] ? 0 : 0x80L << (8 * slot);
            }
            assertThat(Tags.different(Tags.wordPlain(tags, 0), Tags.wordPlain(others, 0)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void theFirstOfAKindIsRightAndNoneMeansNone() {
        Random random = new Random(2);
        for (int i = 0; i < 100_000; i++) {
            byte[] tags = tags(random);
            long word = Tags.wordPlain(tags, 0);
            byte tag = (byte) Tags.of(random.nextInt());
            assertFirst(tags, Tags.EMPTY, Tags.empty(word));
            assertFirst(tags, Tags.DELETED, Tags.deleted(word));
            assertFirst(tags, tag, Tags.matching(word, Tags.patternOf(tag & 0xff)));
        }
    }

    /** A match behind the first may be none; but no match is left out. */
    private static void assertFirst(byte[] tags, byte wanted, long found) {
        int first = Tags.WORD;
        for (int slot = Tags.WORD - 1; slot >= 0; slot--) {
            if (tags[slot] == wanted) {
                first = slot;
                assertThat(found >>> (8 * slot + 7) & 1).isOne();
            }
        }
        assertThat(found == 0 ? Tags.WORD : Tags.first(found)).isEqualTo(first);
    }

    /** Tags of which many are free, and many near one another. */
    private static byte[] tags(Random random) {
        byte[] tags = new byte[Tags.WORD];
        for (int slot = 0; slot < tags.length; slot++) {
            tags[slot] = random.nextBoolean() ? (byte) random.nextInt(4) : (byte) random.nextInt();
        }
        return tags;
    }
}
