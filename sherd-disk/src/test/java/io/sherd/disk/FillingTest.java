package io.sherd.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A table that is made in an array, against a model. */
class FillingTest {
    @Test
    void holdsTheLastStateOfEachKey() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int keys = 1 + random.nextInt(300);
            int tags = 1 + random.nextInt(400);
            check(random, random.nextInt(1500), keys, tags, seed);
        }
    }

    private static void check(Random random, int count, int keys, int tags, int seed) {
        int[] keyAt = new int[count + 1];
        long[] words = new long[count];
        byte[] types = new byte[count];
        Map<Integer, Long> model = new HashMap<>();
        Set<Long> dead = new HashSet<>();
        Filling filling = new Filling(
                (a, b) -> keyAt[(int) (a >>> 3)] == keyAt[(int) (b >>> 3)],
                address -> assertTrue(dead.add(address), "counted twice"));
        for (int i = 0; i < count; i++) {
            int key = random.nextInt(keys);
            long address = (i + 1L) << 3;
            keyAt[i + 1] = key;
            // neighbouring tags at the very end, so that probes go round
            words[i] = Table.word(0xffffff - key % tags, address);
            boolean removes = random.nextInt(3) == 0;
            types[i] = (byte) (removes ? Records.REMOVE : Records.PUT);
            if (removes) {
                model.remove(key);
            } else {
                model.put(key, words[i]);
            }
        }
        for (int run = 0; run < 2; run++) {
            dead.clear();
            filling.run(words, types, count);
            assertEquals(model.size(), filling.live(), "seed " + seed);
            assertEquals(count - model.size(), dead.size(), "seed " + seed);
            int log = Table.logFor(filling.live()) + run;
            long[] table = filling.words(log);
            assertEquals(filling.used(), checkTable(table, log, model, seed));
        }
        for (int larger = 0; larger < 3; larger++) {
            dead.clear();
            filling.run(words, types, count);
            Table table = tableOf(filling.log() + larger);
            filling.copyTo(table);
            long[] copy = new long[Table.words(table.log)];
            table.bytes.asLongBuffer().get(copy);
            assertEquals(filling.live(), checkTable(copy, table.log, model, seed));
            model.values().forEach(word -> assertTrue(table.mayHave(Table.tag(word)), "not in the filter"));
        }
    }

    private static Table tableOf(int log) {
        return new Table(
                (MappedByteBuffer) ByteBuffer.allocateDirect(Table.size(log)).order(ByteOrder.LITTLE_ENDIAN), log);
    }

    /** Answers the number of slots in use. */
    private static int checkTable(long[] table, int log, Map<Integer, Long> model, int seed) {
        int used = 0;
        Set<Long> found = new HashSet<>();
        for (int slot = 0; slot < 1 << log; slot++) {
            used += table[slot] == 0 ? 0 : 1;
            if (Table.isLive(table[slot])) {
                found.add(table[slot]);
                int at = Table.home(Table.tag(table[slot]), log);
                while (at != slot) {
                    assertTrue(table[at] != 0, "a probe ends before its key");
                    at = (at + 1) & ((1 << log) - 1);
                }
            }
        }
        assertEquals(new HashSet<>(model.values()), found, "seed " + seed);
        return used;
    }
}
