package io.sherd.disk.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.disk.Durability;
import io.sherd.disk.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions of a process that is killed are there as a whole or not at all.
 *
 * <p>The child moves amounts between accounts and notes each move in a key of its thread: the number of the move, in the same
 * transaction. Its output says which moves returned. After the kill the sum must be what it was, and each thread's number at
 * least that of its last move that returned. The planted fault makes each move two writes, which must be found.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class TransferKillTest {
    private static final int ACCOUNTS = 256;
    private static final long EACH = 1_000;
    private static final int THREADS = 3;
    private static final int EPISODES = 4;
    private static final int KILLS = 5;
    private static final int CONTROL_KILLS = 40;

    private static DiskMap<Long, Long> open(Path directory, Durability durability) {
        return SmallFiles.of(DiskMap.builder(Codecs.int64(), Codecs.int64()), 20)
                .shards(64)
                .checkpointEvery(1 << 20)
                .durability(durability)
                .open(directory);
    }

    @Test
    void killsLeaveNoHalfTransaction(@TempDir Path root) throws Exception {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        Random random = new Random(seed);
        int kills = 0;
        for (int episode = 0; episode < EPISODES; episode++) {
            Path directory = root.resolve("episode-" + episode);
            long[] returned = new long[THREADS];
            for (int run = 0; run < KILLS; run++) {
                Durability durability = random.nextInt(3) == 0 ? Durability.SYNC : Durability.NONE;
                kill(directory, durability, false, random, returned);
                kills++;
                assertThat(lookAt(directory, durability, returned))
                        .as("episode %s, run %s, -Dsherd.soak.seed=%s", episode, run, seed)
                        .isEmpty();
            }
        }
        assertThat(kills).isEqualTo(EPISODES * KILLS);
    }

    @Test
    void theHarnessFindsMovesThatAreTwoWrites(@TempDir Path root) throws Exception {
        Random random = new Random(RandomGenerator.getDefault().nextLong());
        String found = "";
        for (int run = 0; run < CONTROL_KILLS && found.isEmpty(); run++) {
            Path directory = root.resolve("run-" + run);
            long[] returned = new long[THREADS];
            kill(directory, Durability.NONE, true, random, returned);
            found = lookAt(directory, Durability.NONE, returned);
            delete(directory);
        }
        assertThat(found).contains("the sum is");
    }

    /** Lets a child write for a while and kills it. */
    private static void kill(Path directory, Durability durability, boolean halves, Random random, long[] returned)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory.getParent(), "output", ".txt");
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        directory.toString(),
                        durability.name(),
                        Boolean.toString(halves),
                        Long.toString(random.nextLong())))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            while (child.isAlive() && !Files.readString(output).contains("begun")) {
                child.waitFor(10, TimeUnit.MILLISECONDS);
            }
            child.waitFor(20 + random.nextInt(300), TimeUnit.MILLISECONDS);
            assertThat(child.isAlive()).as(Files.readString(output)).isTrue();
        } finally {
            child.destroyForcibly().waitFor();
        }
        List<String> lines = Files.readString(output).lines().toList();
        // the last line may be half written
        for (String line : lines.subList(0, Math.max(0, lines.size() - 1))) {
            String[] words = line.split(" ", -1);
            if (words.length == 3 && words[0].equals("done")) {
                int thread = Integer.parseInt(words[1]);
                returned[thread] = Math.max(returned[thread], Long.parseLong(words[2]));
            }
        }
        Files.delete(output);
    }

    /** What is wrong with a map that was left by a killed process; empty if nothing is. */
    private static String lookAt(Path directory, Durability durability, long[] returned) {
        List<String> found = new ArrayList<>();
        try (DiskMap<Long, Long> map = open(directory, durability)) {
            long sum = 0;
            for (long account = 0; account < ACCOUNTS; account++) {
                sum += Objects.requireNonNull(map.get(account));
            }
            if (sum != ACCOUNTS * EACH) {
                found.add("the sum is " + sum);
            }
            for (int thread = 0; thread < THREADS; thread++) {
                Long moves = map.get(-1L - thread);
                if ((moves == null ? 0 : moves) < returned[thread]) {
                    found.add("thread " + thread + " had done " + returned[thread] + " moves, but " + moves
                            + " are there");
                }
            }
            if (!map.verify().isSound()) {
                found.add(map.verify().toString());
            }
        }
        return String.join("; ", found);
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** The process that is killed. */
    static final class Child {
        private Child() {}

        /**
         * Moves amounts until it is killed.
         *
         * @param args the directory, the durability, whether moves are two writes, the seed
         */
        public static void main(String[] args) {
            DiskMap<Long, Long> map = open(Path.of(args[0]), Durability.valueOf(args[1]));
            boolean halves = Boolean.parseBoolean(args[2]);
            long seed = Long.parseLong(args[3]);
            if (map.isEmpty()) {
                map.transact(tx -> {
                    for (long account = 0; account < ACCOUNTS; account++) {
                        tx.put(account, EACH);
                    }
                    return null;
                });
            }
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                Thread.ofPlatform().start(() -> move(map, number, halves, new Random(seed + number)));
            }
            System.out.println("begun");
        }

        private static void move(DiskMap<Long, Long> map, int thread, boolean halves, Random random) {
            Long before = map.get(-1L - thread);
            long moves = before == null ? 0 : before;
            while (true) {
                long from = random.nextInt(ACCOUNTS);
                long to = random.nextInt(ACCOUNTS);
                long amount = random.nextInt(10);
                long move = ++moves;
                if (halves) {
                    map.merge(from, -amount, Long::sum);
                    map.merge(to, amount, Long::sum);
                    map.put(-1L - thread, move);
                } else if (move % 4 == 0) {
                    try (var keys = map.lockAll(List.of(from, to, -1L - thread))) {
                        keys.get(from).setValue(keys.get(from).value() - amount);
                        keys.get(to).setValue(keys.get(to).value() + amount);
                        keys.get(-1L - thread).setValue(move);
                    }
                } else {
                    map.transact(tx -> {
                        tx.put(from, tx.get(from) - amount);
                        tx.put(to, tx.get(to) + amount);
                        return tx.put(-1L - thread, move);
                    });
                }
                if (move % 8 == 0) {
                    System.out.println("done " + thread + " " + move);
                }
            }
        }
    }
}
