package io.sherd.disk.soak;

import io.sherd.ShardedMap;
import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import io.sherd.disk.DiskMapBuilder;
import io.sherd.disk.Durability;
import io.sherd.disk.SmallFiles;
import io.sherd.testkit.history.Anomaly;
import io.sherd.testkit.history.KilledHistory;
import io.sherd.testkit.history.Registers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Histories of a disk map whose process is killed at random moments, after which the next process opens the map and goes on. What the threads
 * do and when they are killed follows from the seed; how they meet does not.
 */
final class HistoryKills {
    private static final int LIVES = 6;
    private static final int CONTROL_EPISODES = 4;

    /** Keys from here on are no part of a history: they make the log grow, be compacted and be written to checkpoints. */
    private static final int BALLAST = 1_000;

    private static final int BALLAST_KEYS = 20_000;

    private final Path root;
    private final long seed;
    private final Consumer<String> log;
    private int kills;
    private long operations;
    private long unknown;
    private int wrong;

    HistoryKills(Path root, long seed, Consumer<String> log) {
        this.root = root;
        this.seed = seed;
        this.log = log;
    }

    /** What was seen. */
    record Report(int kills, long operations, long unknown, int wrong, boolean caught) {
        boolean isClean() {
            return wrong == 0 && caught;
        }

        String summary() {
            return "kills=" + kills + " operations=" + operations + " in flight=" + unknown + " wrong=" + wrong
                    + " controls=" + (caught ? 1 : 0) + "/1 caught";
        }
    }

    /** Runs the control, and then as many kills, until one has shown something. */
    Report run(int atLeast) throws IOException, InterruptedException {
        boolean caught = false;
        Random controls = new Random(~seed);
        for (int i = 0; i < CONTROL_EPISODES && !caught; i++) {
            caught = !episode(root.resolve("control-" + i), controls, true).isEmpty();
        }
        log.accept("control WRITTEN_BEHIND (commits that return before they are in the map): "
                + (caught ? "caught" : "NOT CAUGHT"));
        kills = 0;
        operations = 0;
        unknown = 0;
        Random random = new Random(seed);
        for (int episode = 0; kills < atLeast && wrong == 0; episode++) {
            Path directory = root.resolve("killed-" + episode);
            List<Anomaly> found = episode(directory, random, false);
            found.forEach(anomaly -> log.accept("in " + directory + ": " + anomaly));
            wrong += found.size();
        }
        return new Report(kills, operations, unknown, wrong, caught);
    }

    private List<Anomaly> episode(Path directory, Random random, boolean behind)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        int keys = 3 + random.nextInt(14);
        int threads = 2 + random.nextInt(3);
        Durability durability = random.nextInt(3) == 0 ? Durability.SYNC : Durability.NONE;
        KilledHistory history = new KilledHistory(directory, keys, threads);
        for (int life = 1; life <= LIVES; life++) {
            kill(directory, keys, threads, life, durability, behind, random);
            kills++;
            history.ended(life);
        }
        List<Anomaly> found;
        boolean sound;
        try (DiskMap<Integer, Long> map = open(directory, durability)) {
            found = history.check(new Registers(map, true, () -> {}));
            sound = map.verify().isSound();
        }
        operations += history.operations();
        unknown += history.unknown();
        if (!sound) {
            throw new IllegalStateException("the map in " + directory + " is not sound");
        }
        if (found.isEmpty() || behind) {
            SeedOptions.delete(directory);
        }
        return found;
    }

    private static DiskMap<Integer, Long> open(Path directory, Durability durability) {
        DiskMapBuilder<Integer, Long> builder = SmallFiles.of(DiskMap.builder(Codecs.int32(), Codecs.int64()), 20);
        return builder.shards(8).checkpointEvery(1 << 20).durability(durability).open(directory.resolve("map"));
    }

    private static void kill(
            Path directory, int keys, int threads, int life, Durability durability, boolean behind, Random random)
            throws IOException, InterruptedException {
        Path output = directory.resolve("output-" + life);
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        directory.toString(),
                        Integer.toString(keys),
                        Integer.toString(threads),
                        Integer.toString(life),
                        durability.name(),
                        Boolean.toString(behind),
                        Long.toString(random.nextLong())))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean whileOpening = life > 1 && random.nextInt(6) == 0;
        int millis = whileOpening ? 100 + random.nextInt(400) : random.nextInt(500);
        try {
            while (!whileOpening && child.isAlive() && !Files.readString(output).contains("begun")) {
                child.waitFor(10, TimeUnit.MILLISECONDS);
            }
            child.waitFor(millis, TimeUnit.MILLISECONDS);
            if (!child.isAlive()) {
                throw new IllegalStateException("a child ended by itself: " + Files.readString(output));
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        String said = Files.readString(output);
        if (said.contains("Exception") || said.contains("Error")) {
            throw new IllegalStateException("a child failed: " + said);
        }
        Files.delete(output);
    }

    /** The process that is killed. */
    static final class Child {
        private Child() {}

        /**
         * Lives until it is killed.
         *
         * @param args directory, keys, threads, the number of the life, durability, whether the fault is planted, seed
         * @throws InterruptedException never
         */
        public static void main(String[] args) throws InterruptedException {
            Path directory = Path.of(args[0]);
            int keys = Integer.parseInt(args[1]);
            DiskMap<Integer, Long> map = open(directory, Durability.valueOf(args[4]));
            Random random = new Random(Long.parseLong(args[6]));
            ShardedMap<Integer, Long> used = Boolean.parseBoolean(args[5]) ? inFrontOf(map, keys) : map;
            long seed = random.nextLong();
            new KilledHistory(directory, keys, Integer.parseInt(args[2]))
                    .live(new Registers(used, true, () -> {}), Integer.parseInt(args[3]), seed, () -> {
                        Thread.ofPlatform().start(() -> ballast(map, random));
                        System.out.println("begun");
                    });
        }

        @SuppressWarnings("InfiniteLoop") // ends with the process
        private static void ballast(DiskMap<Integer, Long> map, Random random) {
            while (true) {
                int key = BALLAST + random.nextInt(BALLAST_KEYS);
                if (random.nextInt(8) == 0) {
                    map.remove(key);
                } else {
                    map.put(key, random.nextLong());
                }
            }
        }

        /** The fault: everything happens in memory, and somebody carries it to the disk, key by key. */
        @SuppressWarnings("InfiniteLoop") // ends with the process
        private static ShardedMap<Integer, Long> inFrontOf(DiskMap<Integer, Long> map, int keys) {
            ShardedMap<Integer, Long> front = ShardedMap.onHeap().build();
            for (int key = 0; key < keys; key++) {
                Long value = map.get(key);
                if (value != null) {
                    front.put(key, value);
                }
            }
            Thread.ofPlatform().start(() -> {
                while (true) {
                    for (int key = 0; key < keys; key++) {
                        Long value = front.get(key);
                        if (value == null) {
                            map.remove(key);
                        } else {
                            map.put(key, value);
                        }
                    }
                }
            });
            return front;
        }
    }
}
