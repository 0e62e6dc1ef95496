package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A pass over the slots of a table. */
class TableTest {
    @Test
    void aPassFindsTheLiveWords() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            int log = Table.MIN_LOG + random.nextInt(4);
            Table table = new Table(
                    (MappedByteBuffer)
                            ByteBuffer.allocateDirect(Table.size(log)).order(ByteOrder.LITTLE_ENDIAN),
                    log);
            List<Long> expected = new ArrayList<>();
            for (int slot = 0; slot < table.capacity(); slot++) {
                long address = random.nextLong(2, Table.ADDRESS + 1) << 3;
                long word = switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> Table.TOMBSTONE;
                    default -> Table.word(random.nextInt(1 << 24), address);
                };
                table.setRelease(slot, word);
                if (Table.isLive(word)) {
                    expected.add(address);
                }
                assertThat(Table.isLiveBit(word)).isEqualTo(Table.isLive(word) ? 1 : 0);
            }
            long[] found = new long[table.capacity() + Table.WALK];
            found[0] = -1;
            int count = 1;
            for (int slot = 0; slot < table.capacity(); slot += Table.WALK) {
                count = table.addresses(slot, found, count);
            }
            assertThat(count).isEqualTo(expected.size() + 1);
            assertThat(found).startsWith(-1);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(found[i + 1]).as("seed %d", seed).isEqualTo(expected.get(i));
            }
        }
    }
}
