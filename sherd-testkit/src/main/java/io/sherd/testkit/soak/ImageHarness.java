package io.sherd.testkit.soak;

import io.sherd.CorruptImageException;
import io.sherd.ImageCodecException;
import io.sherd.ImageOptions;
import io.sherd.ShardedMap;
import io.sherd.UnsupportedImageException;
import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Reads damaged images, and asks that each be refused, or be the original.
 *
 * <p>Every run damages an image twice: by accident, with its checksums as they were, and on purpose, with all checksums made right.
 * The first must be refused unless it is the original after all. The second may be an image of something else; but it must be read
 * or refused, without any other exception, and in the memory that there is. Everything is drawn from the seed.
 *
 * <p>The control is a reader that does not look at checksums: it reads what was damaged by accident with the checksums made right. It
 * must be found to read something wrong.
 */
public final class ImageHarness {
    private static final int CONTROL_RUNS = 300;
    private static final int FILE_EVERY = 8;

    private final long runs;
    private final long seed;
    private final Path file;
    private final Consumer<String> log;
    private final List<Original<?, ?>> originals = new ArrayList<>();

    private long refused;
    private long equal;
    private long hostileRefused;
    private long wrong;

    /**
     * Prepares the runs.
     *
     * @param runs how many images to damage
     * @param seed what everything is drawn from
     * @param directory where a file is put and removed again
     * @param log gets a line for each finding
     */
    public ImageHarness(long runs, long seed, Path directory, Consumer<String> log) {
        this.runs = runs;
        this.seed = seed;
        this.file = directory.resolve("damaged.image");
        this.log = log;
    }

    /** An image with what is in it. */
    private record Original<K, V>(
            String name, Codec<K> keyCodec, Codec<V> valueCodec, ShardedMap<K, V> map, ImageFrames frames) {

        /** An image of several blocks, each of which has some of the entries. */
        static <K, V> Original<K, V> of(
                String name,
                Codec<K> keyCodec,
                Codec<V> valueCodec,
                int blocks,
                int entriesPerBlock,
                IntFunction<K> key,
                IntFunction<V> value)
                throws IOException {
            ShardedMap<K, V> all = ShardedMap.onHeap().shards(4).build();
            List<byte[]> images = new ArrayList<>();
            for (int block = 0; block < Math.max(1, blocks); block++) {
                ShardedMap<K, V> some = ShardedMap.onHeap().shards(4).build();
                for (int i = 0; i < entriesPerBlock; i++) {
                    int number = block * entriesPerBlock + i;
                    some.put(key.apply(number), value.apply(number));
                }
                all.putAll(some);
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                some.writeTo(
                        Channels.newChannel(bytes),
                        keyCodec,
                        valueCodec,
                        ImageOptions.defaults().parallelism(1).note("note of " + name));
                images.add(bytes.toByteArray());
            }
            ImageFrames frames = ImageFrames.join(images);
            ImageFrames.littleEndian(frames.parts().getFirst()).putLong(16, name.hashCode()); // not random
            frames.renumber();
            frames.seal();
            return new Original<>(name, keyCodec, valueCodec, all, frames);
        }

        ShardedMap<K, V> read(byte[] image, ImageOptions options) throws IOException {
            return ShardedMap.readFrom(
                    Channels.newChannel(new ByteArrayInputStream(image)), keyCodec, valueCodec, options);
        }

        ShardedMap<K, V> read(Path image, ImageOptions options) throws IOException {
            return ShardedMap.readFrom(image, keyCodec, valueCodec, options);
        }

        /** Behind an image in a channel something else may follow; whether it does is the caller's to know. */
        boolean isFollowed(byte[] image) {
            return image.length > frames.toImage().length;
        }

        boolean isEqual(ShardedMap<?, ?> read) {
            if (read.mappingCount() != map.mappingCount()) {
                return false;
            }
            for (Map.Entry<K, V> entry : map.entrySet()) {
                if (!java.util.Objects.deepEquals(entry.getValue(), read.get(entry.getKey()))) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Runs all.
     *
     * @return what was found
     * @throws IOException if the images cannot be made
     */
    public ImageReport run() throws IOException {
        originals.add(Original.of(
                "numbers", Codecs.int64(), Codecs.int64(), 5, 200, i -> i * 0x9E3779B97F4A7C15L, i -> (long) i));
        originals.add(
                Original.of("texts", Codecs.utf8(), Codecs.bytes(), 4, 50, i -> "key-" + i, i -> new byte[i % 40]));
        originals.add(Original.of(
                "ids", Codecs.uuid(), Codecs.int32(), 3, 30, i -> new UUID(i * 77L, ~i), i -> i * 1_000_003));
        originals.add(Original.of("nothing", Codecs.int64(), Codecs.utf8(), 0, 0, i -> (long) i, i -> ""));
        originals.add(Original.of("large", Codecs.int32(), Codecs.bytes(), 2, 2, i -> i, i -> new byte[40_000 + i]));
        originals.add(Original.of(
                "fractions", Codecs.utf8(), Codecs.float64(), 6, 10, i -> "\u00e4".repeat(i), i -> i / 3.0));
        boolean caught = control();
        for (long run = 0; run < runs; run++) {
            Random random = new Random(seed + run);
            accident(run, random);
            attack(run, random);
        }
        Files.deleteIfExists(file);
        return new ImageReport(runs, refused, equal, runs, hostileRefused, wrong, caught);
    }

    private Original<?, ?> anyOriginal(Random random) {
        return originals.get(random.nextInt(originals.size()));
    }

    private static ImageMutation anyMutation(Random random) {
        ImageMutation[] all = ImageMutation.values();
        return all[random.nextInt(all.length)];
    }

    private void accident(long run, Random random) {
        Original<?, ?> original = anyOriginal(random);
        ImageMutation mutation = anyMutation(random);
        byte[] image = mutation.of(original.frames().copy(), anyOriginal(random).frames(), random);
        String what = "run " + run + " (seed " + (seed + run) + "): " + mutation + " of " + original.name();
        try {
            ImageOptions options = ImageOptions.defaults().parallelism(1 + random.nextInt(2));
            // behind an image in a channel something may follow, which only a file is refused for
            boolean asFile = run % FILE_EVERY == 0 || original.isFollowed(image);
            if (asFile) {
                Files.write(file, image);
            }
            ShardedMap<?, ?> read = asFile ? original.read(file, options) : original.read(image, options);
            if (original.isEqual(read)
                    && java.util.Arrays.equals(image, original.frames().toImage())) {
                equal++;
            } else {
                wrong(what + ": read " + read.mappingCount() + " entries, without complaint");
            }
        } catch (CorruptImageException found) {
            if (found.offset() < 0 || found.offset() > image.length) {
                wrong(what + ": refused at offset " + found.offset() + " of " + image.length);
            } else {
                refused++;
            }
        } catch (UnsupportedImageException | ImageCodecException found) {
            refused++;
        } catch (Throwable failure) {
            wrong(what + ": " + failure);
        }
    }

    /** The same mutations, and some bytes of payloads, but with right checksums. */
    private void attack(long run, Random random) {
        Original<?, ?> original = anyOriginal(random);
        byte[] image = forge(original, random);
        String what = "run " + run + " (seed " + (seed + run) + "): forged " + original.name();
        try {
            original.read(image, ImageOptions.defaults().parallelism(1 + random.nextInt(2)));
        } catch (CorruptImageException | UnsupportedImageException | ImageCodecException found) {
            hostileRefused++;
        } catch (Throwable failure) {
            wrong(what + ": " + failure);
        }
    }

    private byte[] forge(Original<?, ?> original, Random random) {
        ImageFrames frames = original.frames().copy();
        switch (random.nextInt(3)) {
            case 0 -> ImageMutation.BOMB.of(frames, frames, random);
            case 1 -> {
                ImageMutation.REPEAT_BLOCK.of(frames, frames, random);
                frames.renumber();
            }
            default -> {
                byte[] part = frames.parts().get(random.nextInt(frames.parts().size()));
                for (int i = 1 << random.nextInt(4); i > 0; i--) {
                    int at = random.nextInt(Math.min(part.length, 1 + random.nextInt(part.length)));
                    part[at] = random.nextBoolean() ? (byte) -1 : (byte) random.nextInt();
                }
            }
        }
        frames.seal();
        return frames.toImage();
    }

    /** Whether a reader that ignores checksums is found to read something else without complaint. */
    private boolean control() {
        for (int run = 0; run < CONTROL_RUNS; run++) {
            Random random = new Random(~seed + run);
            Original<?, ?> original = anyOriginal(random);
            ImageFrames frames = original.frames().copy();
            byte[] part = frames.parts().get(random.nextInt(frames.parts().size()));
            part[random.nextInt(part.length)] ^= (byte) (1 << random.nextInt(8));
            frames.seal();
            try {
                if (!original.isEqual(
                        original.read(frames.toImage(), ImageOptions.defaults().parallelism(1)))) {
                    return true;
                }
            } catch (IOException refused) {
                // not by the checksums
            }
        }
        log.accept("a reader that ignores checksums was not found out in " + CONTROL_RUNS + " runs");
        return false;
    }

    private void wrong(String what) {
        wrong++;
        log.accept(what);
    }
}
