package io.sherd.disk.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sherd.codec.Codecs;
import io.sherd.disk.BackupOptions;
import io.sherd.disk.DiskMap;
import io.sherd.disk.SmallFiles;
import io.sherd.disk.UnsupportedFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it makes backups of a map under writers leaves in each target nothing that opens, or a map
 * as it was at one instant; and a backup to the same target works afterwards. A target that held a complete backup goes on to hold one.
 *
 * <p>Writers move amounts between accounts, whose sum so is constant, and raise the steps one after the other, so each step is that of
 * the one before it or one less. The seed says when the process is killed and what it does, not how its threads meet.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class BackupKillTest {
    private static final int KILLS = Integer.getInteger("sherd.soak.kills", 6);
    private static final int MOST_KILLS = 60;
    private static final int ACCOUNTS = 64;
    private static final long EACH = 1_000;
    private static final long STEPS = 1_000;
    private static final int STEP_KEYS = 16;
    private static final long BALLAST = 10_000;
    private static final int BALLAST_KEYS = 30_000;

    /** The one to which all backups but the first add. */
    private static final String ADDED = "added";

    private static final String OTHER_SHARDS = "other-shards-";

    private static DiskMap<Long, Long> open(Path directory) {
        return SmallFiles.of(DiskMap.builder(Codecs.int64(), Codecs.int64()), 20)
                .shards(16)
                .checkpointEvery(1 << 20)
                .open(directory);
    }

    @Test
    void killsLeaveNothingOrOneInstant(@TempDir Path root) throws Exception {
        long seed = Long.getLong("sherd.soak.seed", RandomGenerator.getDefault().nextLong());
        Random random = new Random(seed);
        Path source = root.resolve("source");
        Path targets = Files.createDirectories(root.resolve("targets"));
        int unfinished = 0;
        boolean complete = false;
        int kills = 0;
        for (;
                kills < KILLS || (unfinished == 0 && kills < MOST_KILLS);
                kills++) { // where a backup is quick, few kills meet one
            String as = "kill " + kills + ", -Dsherd.soak.seed=" + seed;
            String output = kill(root, random);
            complete |= output.contains("done " + ADDED);
            List<Path> all;
            try (Stream<Path> listed = Files.list(targets)) {
                all = listed.toList();
            }
            for (Path target : all) {
                boolean isMap = isWhole(target, as);
                unfinished += isMap ? 0 : 1;
                String name = target.getFileName().toString();
                if (output.contains("done " + name + "\n") || (name.equals(ADDED) && complete)) {
                    assertThat(isMap).as("%s: %s was complete before", as, name).isTrue();
                }
            }
            try (DiskMap<Long, Long> map = open(source)) {
                for (Path target : all) {
                    if (target.getFileName().toString().startsWith(OTHER_SHARDS)
                            && Files.exists(target.resolve("META"))
                            && !Files.exists(target.resolve("UNFINISHED"))) {
                        SeedOptions.delete(target); // to which nothing can be added
                        continue;
                    }
                    map.backup(target);
                    try (DiskMap<Long, Long> copy = open(target)) {
                        assertThat(copy.verify().isSound()).as(as).isTrue();
                        assertThat(new HashMap<>(copy)).as(as).isEqualTo(new HashMap<>(map));
                    }
                    if (!target.endsWith(ADDED)) {
                        SeedOptions.delete(target);
                    } else {
                        complete = true;
                    }
                }
            }
        }
        System.out.println("backups: kills=" + kills + " unfinished=" + unfinished + " wrong=0");
        assertThat(unfinished).as("backups that were interrupted").isPositive();
    }

    /** The check can fail: a copy of the files of a map that is in use is not of one instant. */
    @Test
    void whatIsCopiedWhileOthersWriteIsFound(@TempDir Path root) throws IOException {
        Path copy = root.resolve("copy");
        try (DiskMap<Long, Long> map = open(root.resolve("map"));
                DiskMap<Long, Long> other = open(copy)) {
            fill(map);
            Random random = new Random(1);
            map.forEach((key, value) -> {
                for (int i = 0; i < 20; i++) {
                    transfer(map, random);
                }
                other.put(key, Objects.requireNonNull(map.get(key)));
            });
        }
        assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> isWhole(copy, "control"));
    }

    /** Whether a target opens; if so, it must be as the source was at one instant. */
    private static boolean isWhole(Path target, String as) throws IOException {
        if (Files.exists(target.resolve("UNFINISHED"))) {
            assertThatExceptionOfType(UnsupportedFormatException.class)
                    .as(as)
                    .isThrownBy(() -> open(target).close());
            return false;
        }
        if (!Files.exists(target.resolve("META"))) {
            try (Stream<Path> names = Files.list(target)) {
                assertThat(names.map(name -> name.getFileName().toString()))
                        .as(as)
                        .isSubsetOf("LOCK");
            }
            return false;
        }
        try (DiskMap<Long, Long> map = open(target)) {
            assertThat(map.recovery().clean()).as(as).isTrue();
            assertThat(map.verify().isSound()).as(as).isTrue();
            long sum = 0;
            for (long account = 0; account < ACCOUNTS; account++) {
                sum += Objects.requireNonNull(map.get(account));
            }
            assertThat(sum).as("%s: the sum of all accounts", as).isEqualTo(ACCOUNTS * EACH);
            long first = Objects.requireNonNull(map.get(STEPS));
            long last = first;
            for (long step = 0; step < STEP_KEYS; step++) {
                long here = Objects.requireNonNull(map.get(STEPS + step));
                assertThat(here).as("%s: step %s", as, step).isBetween(first - 1, last);
                last = here;
            }
        }
        return true;
    }

    private static String kill(Path root, Random random) throws IOException, InterruptedException {
        Path output = root.resolve("output");
        Files.deleteIfExists(output);
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        root.toString(),
                        Long.toString(random.nextLong())))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int backups = 1 + random.nextInt(3);
        try {
            while (child.isAlive() && !Files.readString(output).contains("begins " + backups)) {
                child.waitFor(1, TimeUnit.MILLISECONDS);
            }
            child.waitFor(random.nextInt(80), TimeUnit.MILLISECONDS);
            assertThat(child.isAlive()).as(Files.readString(output)).isTrue();
        } finally {
            child.destroyForcibly().waitFor();
        }
        return Files.readString(output);
    }

    private static void fill(DiskMap<Long, Long> map) {
        Map<Long, Long> all = new HashMap<>();
        for (long account = 0; account < ACCOUNTS; account++) {
            all.put(account, EACH);
        }
        for (long step = 0; step < STEP_KEYS; step++) {
            all.put(STEPS + step, 0L);
        }
        map.transact(tx -> {
            all.forEach(tx::put);
            return null;
        });
    }

    private static void transfer(DiskMap<Long, Long> map, Random random) {
        long from = random.nextInt(ACCOUNTS);
        long to = random.nextInt(ACCOUNTS);
        long amount = random.nextInt(10);
        map.transact(tx -> {
            tx.put(from, Objects.requireNonNull(tx.get(from)) - amount);
            return tx.put(to, Objects.requireNonNull(tx.get(to)) + amount);
        });
    }

    /** The process that is killed. */
    static final class Child {
        private Child() {}

        /**
         * Makes backups until it is killed.
         *
         * @param args the directory of everything, and the seed
         */
        public static void main(String[] args) {
            Path root = Path.of(args[0]);
            Random random = new Random(Long.parseLong(args[1]));
            DiskMap<Long, Long> map = open(root.resolve("source"));
            if (map.isEmpty()) {
                fill(map);
                for (long key = 0; key < BALLAST_KEYS; key++) {
                    map.put(BALLAST + key, key);
                }
            }
            Random amounts = new Random(random.nextLong());
            Thread.ofPlatform().start(() -> endlessly(() -> transfer(map, amounts)));
            Random keys = new Random(random.nextLong());
            Thread.ofPlatform()
                    .start(() -> endlessly(() -> map.put(BALLAST + keys.nextInt(BALLAST_KEYS), keys.nextLong())));
            Thread.ofPlatform()
                    .start(() -> endlessly(() -> {
                        long next = Objects.requireNonNull(map.get(STEPS + STEP_KEYS - 1)) + 1;
                        for (long step = 0; step < STEP_KEYS; step++) {
                            map.put(STEPS + step, next);
                        }
                        LockSupport.parkNanos(50_000);
                    }));
            long number = 0;
            while (true) {
                boolean adds = random.nextBoolean();
                boolean reshapes = !adds && random.nextInt(3) == 0;
                String name = adds ? ADDED : (reshapes ? OTHER_SHARDS : "fresh-") + random.nextInt(Integer.MAX_VALUE);
                BackupOptions options = BackupOptions.defaults().hardLinks(random.nextBoolean());
                if (reshapes) {
                    options = options.shards(64);
                }
                System.out.println("begins " + ++number);
                map.backup(root.resolve("targets").resolve(name), options);
                System.out.println("done " + name);
            }
        }

        @SuppressWarnings("InfiniteLoop") // ends with the process
        private static void endlessly(Runnable step) {
            while (true) {
                step.run();
            }
        }
    }
}
